"""What was found, as the tables in docs/performance.md."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from data_tools.drill.documented_figures import machine_in_words
from tests.attacks.campaign import Found, in_words
from tests.attacks.mix import Mixed

ATTACK_MARKERS = "attacked"
MIX_MARKERS = "mixed"


def attack_table(found: Sequence[Found], seconds: float) -> str:
    """Return Markdown."""
    idle = found[0].idle
    return "\n".join(
        [
            f"{len(found)} attacks of {seconds:.0f} s, {dt.datetime.now(dt.UTC):%F}, "
            f"{machine_in_words()}. Idle: a page {idle.p50_ms:.0f} ms at p50, "
            f"{idle.p99_ms:.0f} ms at p99.",
            "",
            "| attack | page p50, ms | page p99, ms | `/healthz` p99, ms | not answered 200 "
            "| most memory, MB | its work ended after, s | attackers were answered |",
            "| --- | --: | --: | --: | --: | --: | --: | --- |",
            *(
                f"| {each.title} | {each.pages.p50_ms:,.0f} | {each.pages.p99_ms:,.0f} "
                f"| {each.health.p99_ms:,.0f} | {each.pages.errors} of {each.pages.count} "
                f"| {each.peak_memory_mb:,.0f} | {each.abandoned_seconds:.1f} "
                f"| {in_words(each.answers)} |"
                for each in found
            ),
        ]
    )


def mix_table(mixed: Mixed) -> str:
    """Return Markdown."""
    return "\n".join(
        [
            f"{mixed.users} honest users and {mixed.attacks} attackers for {mixed.seconds:,.0f} s, "
            f"{dt.datetime.now(dt.UTC):%F}, {machine_in_words()}. "
            f"Most memory of a web process: {mixed.peak_memory_mb:,.0f} MB.",
            "",
            "| request of an honest user | count | errors | p50, ms | p99, ms | longest, ms |",
            "| --- | --: | --: | --: | --: | --: |",
            *(
                f"| {kind} | {of.count:,} | {of.errors} | {of.p50_ms:,.0f} | {of.p99_ms:,.0f} "
                f"| {of.worst_ms:,.0f} |"
                for kind, of in mixed.by_kind.items()
            ),
        ]
    )
