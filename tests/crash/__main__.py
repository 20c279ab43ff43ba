"""`python -m tests.crash`: kills the service with -9, again and again, and counts what was lost.

Everything is its own: a PostgreSQL and a Redis in a temporary directory, gunicorn and a Celery
worker on loopback ports. It ends only what it started, by process id, and stops by itself.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path


def main() -> int:
    """Return 0 when nothing was lost and no client got an answer it should not have got."""
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--limit-seconds", type=float, default=1_800.0)
    parser.add_argument("--without-worker", action="store_true", help="no Redis, no Celery")
    parser.add_argument("--loads", type=int, help="interrupt so many loads of the flights instead")
    parser.add_argument(
        "--victims", nargs="+", default=["worker"], choices=["worker", "process", "server"]
    )
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    parser.add_argument("--write", type=Path, help="write the table between this file's markers")
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    directory = Path(tempfile.mkdtemp(prefix="hydroml-crash-"))
    directory.chmod(0o755)
    try:
        return _run(options, directory)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _run(options: argparse.Namespace, directory: Path) -> int:
    os.environ["DJANGO_SETTINGS_MODULE"] = "hydroml.settings_test"
    os.environ["REDIS_URL"] = ""
    os.environ["SECRET_KEY"] = "only for tests"
    from tests.crash.victims import OwnPostgres

    postgres = OwnPostgres(directory=directory)
    postgres.start()
    os.environ["DATABASE_URL"] = postgres.url
    try:
        import django

        django.setup()
        if options.loads:
            return _interrupt_loads(options, directory)
        from data_tools.drill.documented_figures import write_figures
        from tests.crash.campaign import Campaign
        from tests.crash.figures import MARKERS, figures, table

        began = time.monotonic()
        campaign = Campaign(directory=directory, postgres=postgres, seed=options.seed)
        try:
            campaign.start(with_worker=not options.without_worker)
            findings = campaign.run(options.rounds, limit_seconds=options.limit_seconds)
        finally:
            campaign.close()
        found = figures(campaign, findings, time.monotonic() - began)
        text = table(found, campaign.postgres_version)
        print(text)
        print(*found["sentences"][:20], *found["faults"][:20], sep="\n")
        if found["faults"] or found["mistakes"]:
            print(_first_surprise(directory / "web.log"), file=sys.stderr)
        if options.json:
            options.json.write_text(json.dumps(found, indent=2))
        if options.write:
            write_figures(options.write, MARKERS, text)
        return 1 if found["faults"] or found["mistakes"] else 0
    finally:
        postgres.stop()


def _interrupt_loads(options: argparse.Namespace, directory: Path) -> int:
    from data_tools.drill.documented_figures import machine_in_words, write_figures
    from tests.crash.loads import MARKERS, VICTIMS, Loads, figures, table

    loads = Loads(directory=directory)
    try:
        loads.start()
        loads.run(options.loads, [VICTIMS[name] for name in options.victims])
    finally:
        loads.close()
    found = figures(loads)
    text = table(found, machine_in_words())
    print(text)
    faults = [fault for each in found.values() for fault in each["faults"]]
    print(*faults, sep="\n")
    if options.json:
        options.json.write_text(json.dumps(found, indent=2))
    if options.write:
        write_figures(options.write, MARKERS, text)
    return 1 if faults else 0


def _first_surprise(log: Path, characters: int = 12_000) -> str:
    """The web server's log from its first unexpected error on, else its end."""
    text = log.read_text(errors="replace")
    begins = text.find("ERROR data_tools.errors")
    return text[begins:][:characters] if begins >= 0 else text[-characters:]


if __name__ == "__main__":
    sys.exit(main())
