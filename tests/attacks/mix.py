"""The load test: honest users at work while one attacker of each kind attacks."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field

from tests.attacks.attack import Attack, FaultAttack
from tests.attacks.campaign import HONEST_ROWS, MEMORY_MB, SETTLE_SECONDS
from tests.attacks.clients import Client
from tests.attacks.files import many_rows
from tests.attacks.honest import CHANGE, FILTER, HEALTH, PAGE, STATUS, UNDO
from tests.attacks.service import AttackedService, until
from tests.attacks.slow_clients import IdleConnections, ManyHalfHeaders
from tests.attacks.watching import Times, Watch, times

USERS = 8
THINK_SECONDS = 1.0
KINDS = (PAGE, FILTER, CHANGE, UNDO, STATUS, HEALTH)
LEFT_OUT = (FaultAttack, ManyHalfHeaders, IdleConnections)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mixed:
    """What the honest users saw."""

    users: int
    attacks: int
    seconds: float
    by_kind: dict[str, Times]
    statuses: dict[str, int]
    answers: dict[str, dict[str, int]]
    peak_memory_mb: float
    faults: list[str] = field(default_factory=list)


def mix(
    service: AttackedService, kinds: list[type[Attack]], *, seconds: float, at_once: int = 1
) -> Mixed:
    """Let 8 users work while each kind of attack has `at_once` attackers.

    Left out are attacks that take a part of the service away from everybody.
    """
    kinds = [kind for kind in kinds if not issubclass(kind, LEFT_OUT)]
    names = [kind.__name__ for kind in kinds if kind.accounts]
    people = service.people(*(f"user-{number}" for number in range(USERS)), *names)
    users = [service.with_dataset(user, many_rows(HONEST_ROWS)) for user in people[:USERS]]
    attacks = [_one_of(kind, service, people, at_once) for kind in kinds]
    for attack in attacks:
        attack.prepare()
    service.forget_peak_memory()
    watch = Watch(clients=users, rows=HONEST_ROWS, works=True, pause_seconds=THINK_SECONDS)
    with watch:
        until(lambda: len(watch.seen) >= USERS, SETTLE_SECONDS)
        begin = time.monotonic()
        try:
            for attack in attacks:
                attack.begin()
            time.sleep(seconds)
            end = time.monotonic()
            idle = [attack.title for attack in attacks if not attack.is_on()]
        finally:
            for attack in attacks:
                attack.stopping.set()
            for attack in attacks:
                attack.end()
    seen = [each for each in watch.seen if begin <= each.began < end]
    by_kind = {kind: times([each for each in seen if each.kind == kind]) for kind in KINDS}
    mixed = Mixed(
        users=USERS,
        attacks=len(attacks),
        seconds=end - begin,
        by_kind=by_kind,
        statuses=dict(Counter(f"{each.kind} {each.status}" for each in seen)),
        answers={attack.title: dict(attack.answers) for attack in attacks},
        peak_memory_mb=service.peak_memory_mb(),
    )
    for kind, of in by_kind.items():
        if of.errors or not of.count:
            mixed.faults.append(f"{kind}: {of.errors} errors in {of.count} requests")
    if mixed.peak_memory_mb > MEMORY_MB:
        mixed.faults.append(f"a process had {mixed.peak_memory_mb:,.0f} MB")
    mixed.faults.extend(f"{title}: the attack never reached the service" for title in idle)
    return mixed


def _one_of(
    kind: type[Attack], service: AttackedService, people: list[Client], at_once: int
) -> Attack:
    """Return the attack by `at_once` attackers, who share one account."""
    attackers = [each for each in people if each.name == kind.__name__]
    number = {name: at_once for name in ("at_once", "held") if hasattr(kind, name)}
    return kind(service=service, attackers=attackers, **number)
