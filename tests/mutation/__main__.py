"""`python -m tests.mutation`: mutate the pure core in every small way, and see a test fail.

Exits with 1 when a mutant survives that `survivors.toml` does not explain, or was not tried.
Arguments go to `mutmut run`: ``--max-children 1`` on a busy machine.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

from tests.mutation.survivors import compare, read_explained, survivor

MUTMUT = [sys.executable, "-m", "mutmut"]
WORKPLACE = Path("mutants")
NOT_TRIED = "not checked"


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def output_of(*arguments: str) -> str:
    return subprocess.run([*MUTMUT, *arguments], check=True, capture_output=True, text=True).stdout


def main() -> int:
    explained = read_explained()
    shutil.rmtree(WORKPLACE, ignore_errors=True)  # results of earlier tests
    subprocess.run([*MUTMUT, "run", *sys.argv[1:]], check=True)
    statuses = dict(
        (part.strip() for part in line.rsplit(":", 1))
        for line in output_of("results", "--all", "true").splitlines()
        if ":" in line
    )
    survived = [
        survivor(mutant, output_of("show", mutant))
        for mutant, status in statuses.items()
        if status not in ("killed", NOT_TRIED)
    ]
    comparison = compare(survived, explained)
    counts = ", ".join(f"{count} {status}" for status, count in Counter(statuses.values()).items())
    say(f"\n{len(statuses)} mutants: {counts}; {len(explained)} survivors explained")
    for found in comparison.unexplained:
        say(f"\nNo test kills this, and nobody says why, in {found.function}:\n{found.change}")
    for known in comparison.stale:
        say(f"\nExplained in survivors.toml, but killed, in {known.function}:\n{known.change}")
    is_complete = bool(statuses) and NOT_TRIED not in statuses.values()
    return 0 if is_complete and comparison.is_clean else 1


sys.exit(main())
