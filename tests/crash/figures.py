"""What a run found, as JSON and as the table in docs/reliability.md."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from statistics import median
from typing import Any

from data_tools.drill.documented_figures import machine_in_words
from tests.crash.audit import Findings
from tests.crash.campaign import Campaign

MARKERS = "crash figures"


def figures(campaign: Campaign, findings: Findings, seconds: float) -> dict[str, Any]:
    """Return plain JSON values; times in milliseconds unless named otherwise."""
    by_victim: dict[str, dict[str, float]] = {}
    for victim in sorted({round_.victim for round_ in campaign.rounds}):
        rounds = [round_ for round_ in campaign.rounds if round_.victim == victim]
        by_victim[victim] = {
            "rounds": len(rounds),
            "down_ms": round(median(r.down_ms for r in rounds)),
            "served_again_ms": round(median(r.served_again_ms for r in rounds)),
            "served_again_worst_ms": round(max(r.served_again_ms for r in rounds)),
        }
    return {
        "seed": campaign.seed,
        "rounds": len(campaign.rounds),
        "seconds": round(seconds),
        "by_victim": by_victim,
        "answers": dict(sorted(campaign.ledger.answers.items())),
        "longest_answer_seconds": round(campaign.ledger.longest_answer_seconds, 2),
        "faults": campaign.ledger.faults,
        "mistakes": findings.mistakes,
        **asdict(findings),
    }


def table(found: dict[str, Any], postgres_version: str) -> str:
    """Return Markdown."""
    answers = found["answers"]
    lines = [
        f"{found['rounds']} rounds in {found['seconds']:,} s, seed {found['seed']}, "
        f"{dt.datetime.now(dt.UTC):%F}, PostgreSQL {postgres_version}, "
        f"{machine_in_words()}.",
        "",
        "| killed with -9 | rounds | up again after, ms | all clients served, ms more | worst |",
        "| --- | --: | --: | --: | --: |",
        *(
            f"| {victim} | {of['rounds']} | {of['down_ms']:,} | {of['served_again_ms']:,} "
            f"| {of['served_again_worst_ms']:,} |"
            for victim, of in found["by_victim"].items()
        ),
        "",
        "| what | count |",
        "| --- | --: |",
        f"| requests acknowledged | {found['acknowledged']:,} |",
        f"| of them sent more than once, written once | {found['done_once']:,} |",
        f"| connections refused or broken | "
        f"{answers.get('refused connection', 0) + answers.get('broken connection', 0):,} |",
        f"| answers 503 `DATABASE_UNAVAILABLE` | {answers.get('503', 0):,} |",
        f"| other 5xx, hangs, wrong answers | {len(found['faults'])} |",
        f"| longest answer, seconds | {found['longest_answer_seconds']} |",
        f"| streams and events compared | {found['streams']:,}, {found['events']:,} |",
        f"| snapshots compared with a full replay | {found['snapshots']:,} |",
        f"| **acknowledged and lost** | **{found['lost']}** |",
        f"| **duplicated** | **{found['duplicated']}** |",
        f"| **gaps** | **{found['gaps']}** |",
        f"| hash breaks | {found['hash_breaks']} |",
        f"| events that nobody sent | {found['never_sent']} |",
        f"| refused, but written | {found['refused_but_written']} |",
        f"| out of order | {found['out_of_order']} |",
        f"| states that differ from the fold of their log | {found['states_that_differ']} |",
        f"| snapshots that differ from a full replay | {found['snapshots_that_differ']} |",
        f"| snapshots that were quarantined | {found['snapshots_quarantined']} |",
        f"| logs that a job verified meanwhile | {found['streams_verified']:,} |",
        f"| of them called damaged | {found['false_alarms']} |",
        f"| uploads acknowledged, lost | {found['uploads_acknowledged']:,}, "
        f"{found['uploads_lost']} |",
    ]
    return "\n".join(lines)
