"""One attack after the other: idle, attacked, and what is left afterwards."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.attacks.attack import CUT, Attack
from tests.attacks.clients import Client
from tests.attacks.files import many_rows
from tests.attacks.service import AttackedService, Left, until
from tests.attacks.watching import Times, Watch, times

HONEST_ROWS = 20_000
IDLE_SECONDS = 10.0
GROW_SECONDS = 15.0  # in which an attack must have reached the service
ENDS_SECONDS = 2.0  # in which work that nobody waits for must end
SETTLE_SECONDS = 60.0
JOBS_SECONDS = 300.0
PAGE_PAUSE_SECONDS = 0.07  # some 700 pages in a minute: an honest user must stay below the limit

# What must hold while an attack goes on, on two cores that it saturates.
PAGE_TIMES_IDLE = 10
HEALTH_MS = 250.0
MEMORY_MB = 500.0
ANSWER_BYTES = 17 << 20  # ANSWER_MAX_BYTES, and what is around the rows

# What a web process keeps once it has been busy: the threads of its pool (WEB_THREADS) and some of
# its own, each with its connections to the database and to Redis.
POOL_THREADS = 20
OTHER_THREADS = 8
FILES_OF_A_THREAD = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What one attack did. `abandoned_seconds` is how long its work went on once it had left."""

    title: str
    idle: Times
    pages: Times
    health: Times
    answers: dict[str, int]
    peak_memory_mb: float
    abandoned_seconds: float
    before: Left
    after: Left
    faults: list[str] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Campaign:
    """Attacks on one service, one after the other."""

    service: AttackedService
    seconds: float
    honest: Client = field(init=False)
    idle: Times = field(init=False)
    _attackers: list[Client] = field(default_factory=list)

    def prepare(self, attacks: Sequence[type[Attack]]) -> None:
        """Make the honest user's account and dataset, and separate accounts for every attack."""
        names = [
            f"{attack.__name__}-{number}" for attack in attacks for number in range(attack.accounts)
        ]
        honest, *self._attackers = self.service.people("honest", *names)
        self.honest = self.service.with_dataset(honest, many_rows(HONEST_ROWS))

    def of(self, attack: type[Attack]) -> Attack:
        """Return the attack with accounts that no other has."""
        mine = [each for each in self._attackers if each.name.startswith(f"{attack.__name__}-")]
        return attack(service=self.service, attackers=mine)

    def watch(self) -> Watch:
        return Watch(
            clients=[self.honest], rows=HONEST_ROWS, works=False, pause_seconds=PAGE_PAUSE_SECONDS
        )

    def measure_idle(self) -> None:
        with self.watch() as watch:
            until(lambda: bool(watch.seen), SETTLE_SECONDS)
            begin = time.monotonic()
            time.sleep(IDLE_SECONDS)
            self.idle = times(watch.between(begin, time.monotonic()))

    def run(self, attack: Attack) -> Found:
        """Attack for `seconds`, and return what was seen."""
        attack.prepare()
        self.service.forget_peak_memory()
        before = self.service.left()
        with self.watch() as watch:
            until(lambda: bool(watch.seen), SETTLE_SECONDS)
            attack.begin()
            try:
                is_on = until(attack.is_on, GROW_SECONDS)
                begin = time.monotonic()
                time.sleep(self.seconds)
            finally:
                attack.end()
            ended = time.monotonic()
            is_quiet = until(lambda: self.service.busy_backends() == 0, SETTLE_SECONDS)
            abandoned_seconds = time.monotonic() - ended
            # Leaving waits for what was sent during the attack, which counts in full.
        # Work that was accepted goes on. It is no fault, but would be in the next attack's figures.
        has_worked_off = until(lambda: not self.service.has_jobs(), JOBS_SECONDS)
        after = before

        def is_settled() -> bool:
            nonlocal after
            after = self.service.left()
            return not lasting(before, after)

        until(is_settled, SETTLE_SECONDS)
        pages = times(watch.between(begin, ended))
        health = times(watch.between(begin, ended, health=True))
        found = Found(
            title=attack.title,
            idle=self.idle,
            pages=pages,
            health=health,
            answers=dict(attack.answers),
            peak_memory_mb=self.service.peak_memory_mb(),
            abandoned_seconds=abandoned_seconds,
            before=before,
            after=after,
        )
        found.faults.extend(faults(found, attack, is_on=is_on))
        if not has_worked_off:
            found.faults.append(f"jobs still wait after {JOBS_SECONDS:.0f} s")
        if not is_quiet:  # or the next attack would be blamed for what is left of this one
            self.service.start_web_again()
        return found


def faults(found: Found, attack: Attack, *, is_on: bool) -> list[str]:
    """Return what did not hold, each as a phrase."""
    said: list[str] = []
    if not is_on:
        said.append("the attack never reached the service")
    if not attack.stops_pages:
        if found.pages.errors:
            said.append(f"{found.pages.errors} of {found.pages.count} pages were not answered 200")
        if found.pages.p99_ms > PAGE_TIMES_IDLE * found.idle.p99_ms:
            said.append(f"pages took {found.pages.p99_ms:,.0f} ms at p99")
    if not found.pages.count or not found.health.count:
        said.append("nobody could ask")
    if found.health.errors:
        said.append(f"/healthz failed {found.health.errors} times")
    if found.health.p99_ms > HEALTH_MS:
        said.append(f"/healthz took {found.health.p99_ms:,.0f} ms at p99")
    if found.peak_memory_mb > MEMORY_MB:
        said.append(f"a process had {found.peak_memory_mb:,.0f} MB")
    if attack.largest_bytes > ANSWER_BYTES:
        said.append(f"an answer had {attack.largest_bytes / 1e6:,.0f} MB")
    if found.abandoned_seconds > ENDS_SECONDS:
        said.append(f"abandoned work went on for {found.abandoned_seconds:.1f} s")
    said.extend(lasting(found.before, found.after))
    server_errors = {
        status: count
        for status, count in found.answers.items()
        if status.startswith("5") and status != "503"
    }
    if server_errors:
        said.append(f"attackers were answered {server_errors}")
    return said


def lasting(before: Left, after: Left) -> list[str]:
    """Return what an attack has left behind, each as a phrase."""
    said: list[str] = []
    if after.busy_backends:
        said.append(f"{after.busy_backends} backends are still busy")
    if after.sorting_files > before.sorting_files:
        said.append("PostgreSQL keeps temporary files")
    if after.threads > POOL_THREADS + OTHER_THREADS:
        said.append(f"a web process keeps {after.threads} threads")
    more_threads = max(0, after.threads - before.threads)
    if after.open_files > before.open_files + FILES_OF_A_THREAD * (more_threads + OTHER_THREADS):
        said.append(f"a web process keeps {after.open_files} files open")
    if after.redis_keys > before.redis_keys:
        said.append(f"{after.redis_keys - before.redis_keys} keys in Redis never expire")
    return said


def in_words(answers: dict[str, int]) -> str:
    """Return what the attackers were told, the most frequent first."""
    told = sorted(answers.items(), key=lambda item: -item[1])
    return ", ".join(f"{count:,} × {status}" for status, count in told) or f"none, {CUT}"
