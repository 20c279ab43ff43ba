"""`python -m tests.upgrade [REVISION …]`: upgrade from earlier versions while clients work.

Of each revision a server runs on a PostgreSQL of its own. This version migrates the database under
it, serves beside it, replaces it, and finishes the upgrade. No client may see an error, and nothing
that was acknowledged may be missing. By default, the first and the last version before this one.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path


def main() -> int:
    """Return 0 if nobody was disturbed and nothing was lost."""
    parser = argparse.ArgumentParser(prog="python -m tests.upgrade", description=__doc__)
    parser.add_argument("revisions", nargs="*", help="of tests/upgrade/archives; all if none")
    parser.add_argument("--seconds", type=float, default=10.0, help="of each phase")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    os.environ["DJANGO_SETTINGS_MODULE"] = "hydroml.settings_test"
    os.environ["REDIS_URL"] = os.environ["SENTRY_DSN"] = ""
    from tests.upgrade.versions import FIRST, LAST

    revisions = options.revisions or [FIRST, LAST]
    if len(revisions) == 1:
        return _rehearse(revisions[0], options.seconds)
    # One process each: the address of the database is read once.
    again = [sys.executable, "-m", "tests.upgrade", "--seconds", str(options.seconds)]
    return max(subprocess.run([*again, revision]).returncode for revision in revisions)


def _rehearse(revision: str, seconds: float) -> int:
    """Rehearse, print what was seen, and return 0 if it is as it should be."""
    directory = Path(tempfile.mkdtemp(prefix="hydroml-upgrade-"))
    directory.chmod(0o755)  # PostgreSQL's own account may enter
    from tests.crash.victims import OwnPostgres

    postgres = OwnPostgres(directory=directory)
    try:
        postgres.start()
        os.environ["DATABASE_URL"] = postgres.url
        import django

        django.setup()
        from tests.upgrade.rehearsal import Rehearsal

        rehearsal = Rehearsal(directory=directory, revision=revision, seconds_of_each_phase=seconds)
        findings = rehearsal.run()
        ledger = rehearsal.ledger
        print(f"from {revision}:")
        print(f"  answers: {dict(sorted(ledger.answers.items()))}")
        print(f"  longest: {ledger.longest_answer_seconds:.1f} s")
        print(f"  migrated in {rehearsal.migrated_seconds:.1f} s, commands included")
        print(f"  acknowledged changes: {findings.acknowledged}")
        print(f"  acknowledged uploads: {findings.uploads_acknowledged}")
        print(f"  the version before on a newer event: {rehearsal.before_on_newer_event}")
        surprises = [what for what in ledger.answers if not what.startswith(("2", "4"))]
        problems = [*ledger.faults, *findings.sentences, *surprises]
        print(*problems[:20], sep="\n")
        return 1 if problems or findings.mistakes else 0
    finally:
        postgres.stop()
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
