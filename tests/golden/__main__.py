"""`python -m tests.golden` writes the golden files that are missing, and changes none."""

from __future__ import annotations

import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hydroml.settings_test")
django.setup()

from tests.golden.examples import EXAMPLES, SNAPSHOT_LOG  # noqa: E402
from tests.golden.files import write_missing, write_missing_snapshot  # noqa: E402
from tests.golden.openapi import write_missing_document  # noqa: E402
from tests.golden.statements import write_missing_statements  # noqa: E402

for path in (
    *write_missing(EXAMPLES),
    *write_missing_snapshot(SNAPSHOT_LOG),
    *write_missing_statements(),
    *write_missing_document(),
):
    sys.stdout.write(f"{path}\n")
