"""`python -m tests.golden` writes the golden files that are missing, and changes none."""

from __future__ import annotations

import sys

from tests.golden.examples import EXAMPLES, SNAPSHOT_LOG
from tests.golden.files import write_missing, write_missing_snapshot

for path in (*write_missing(EXAMPLES), *write_missing_snapshot(SNAPSHOT_LOG)):
    sys.stdout.write(f"{path}\n")
