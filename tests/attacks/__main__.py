"""`python -m tests.attacks`: attacks the service in every way that its threat model lists.

Everything is its own: a PostgreSQL and a Redis in a temporary directory, gunicorn with production's
settings and a Celery worker on loopback ports. It ends only what it started, and stops by itself.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

BRIEF = 20.0
LONG = 300.0


def main() -> int:
    """Return 0 when everything held."""
    parser = argparse.ArgumentParser(prog="python -m tests.attacks", description=__doc__)
    parser.add_argument("names", nargs="*", help="classes of tests/attacks; all if there is none")
    parser.add_argument("--seconds", type=float, help="of each attack (20), or of --mix (300)")
    parser.add_argument("--mix", action="store_true", help="8 honest users and all attackers")
    parser.add_argument("--at-once", type=int, default=1, help="attackers of each kind in --mix")
    parser.add_argument("--list", action="store_true", help="print the attacks")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    parser.add_argument("--write", type=Path, help="write the table between this file's markers")
    options = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "hydroml.settings_test"
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    import django

    django.setup()
    from tests.attacks.catalogue import ATTACKS

    if options.list:
        print(*(f"{name}: {attack.title}" for name, attack in ATTACKS.items()), sep="\n")
        return 0
    unknown = sorted({*options.names} - {*ATTACKS})
    if unknown:
        parser.error(f"no such attacks: {', '.join(unknown)}")
    directory = Path(tempfile.mkdtemp(prefix="hydroml-attacks-"))
    try:
        return _run(options, directory)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _run(options: argparse.Namespace, directory: Path) -> int:
    from data_tools.drill.documented_figures import require_markers, write_figures
    from tests.attacks.campaign import Campaign
    from tests.attacks.catalogue import ATTACKS
    from tests.attacks.figures import ATTACK_MARKERS, MIX_MARKERS, attack_table, mix_table
    from tests.attacks.mix import mix
    from tests.attacks.service import AttackedService

    markers = MIX_MARKERS if options.mix else ATTACK_MARKERS
    if options.write:
        require_markers(options.write, markers)
    kinds = [ATTACKS[name] for name in options.names or ATTACKS]
    with AttackedService(directory=directory) as service:
        if options.mix:
            mixed = mix(service, kinds, seconds=options.seconds or LONG, at_once=options.at_once)
            text, figures, faults = mix_table(mixed), asdict(mixed), mixed.faults
            print(json.dumps({"statuses": mixed.statuses, "answers": mixed.answers}, indent=1))
        else:
            seconds = options.seconds or BRIEF
            campaign = Campaign(service=service, seconds=seconds)
            campaign.prepare(kinds)
            campaign.measure_idle()
            found = []
            for kind in kinds:
                found.append(campaign.run(campaign.of(kind)))
                print(f"{kind.__name__}: {'; '.join(found[-1].faults) or 'held'}", flush=True)
            text = attack_table(found, seconds)
            figures = {"attacks": [asdict(each) for each in found]}
            faults = [f"{each.title}: {fault}" for each in found for fault in each.faults]
        print(text, *faults, sep="\n")
        if options.json:
            options.json.write_text(json.dumps(figures, indent=2))
        if options.write:
            write_figures(options.write, markers, text)
        return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
