"""The short form of `make attacks`: an attacker takes nothing from the honest user.

Nothing is measured here, because machines are noisy: the honest user's requests are answered while
the attackers' are open, no process grows without bound, and nothing of an attack lasts.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable

import pytest

from tests.attacks.attack import Attack
from tests.attacks.campaign import ANSWER_BYTES, MEMORY_MB
from tests.attacks.catalogue import ATTACKS
from tests.attacks.clients import Client, Reply
from tests.attacks.computing import (
    ImpatientClients,
    LongComputations,
    PatternFilters,
    PendingOperations,
    UnseenOrders,
    WholeTableReaders,
)
from tests.attacks.floods import AnonymousRequests, LightRequests, OddRequests
from tests.attacks.large_answers import LongCells, ManyColumns
from tests.attacks.service import PASSWORD, until
from tests.attacks.signing_in import Guessing, GuessingFromManyAddresses, PasswordHashes
from tests.attacks.slow_clients import (
    DrippingBodies,
    HalfBodies,
    HalfHeaders,
    IdleConnections,
    ManyHalfHeaders,
    UnreadExports,
)
from tests.attacks.stalled_parts import (
    EntriesThatAreNoJobs,
    FrozenPostgres,
    FrozenRedis,
    ReadOnlyDatabase,
)
from tests.attacks.storage import FloodOfActivity, FloodOfLists, FloodOfPreviews, ParquetBombs
from tests.integration.attacks.conftest import Scene
from tests.support.patience import eventually

LOOKS = 4
ENDS_SECONDS = 10.0  # for what must end within two; an abandoned computation takes 20
SIGN_INS = 20  # an address may sign in so often in a minute
READERS_OF_A_FROZEN_DATABASE = 16

During = Callable[[Attack], Attack]
# Each attack, made small enough for a machine that runs other tests, and no smaller than what
# stopped the service before it was held.
HELD: dict[type[Attack], dict[str, int]] = {
    LongComputations: {},
    UnseenOrders: {"rows": 40_000},
    WholeTableReaders: {"rows": 30_000},
    PatternFilters: {},
    FloodOfPreviews: {"megabytes": 60},
    ImpatientClients: {},
    PendingOperations: {},
    LongCells: {},
    ManyColumns: {},
    OddRequests: {"megabytes": 30},
    ParquetBombs: {"rows": 5_000, "at_once": 2},
    UnreadExports: {"rows": 60_000},
    HalfHeaders: {},
    ManyHalfHeaders: {"held": 300},
    HalfBodies: {},
    DrippingBodies: {},
    IdleConnections: {"held": 500},
    FloodOfActivity: {"at_once": 4},
    FloodOfLists: {"rows": 20_000},
    PasswordHashes: {"at_once": 16},
    AnonymousRequests: {"at_once": 16},
    LightRequests: {"at_once": 16},  # uses up limits of calls
}
TESTED_BELOW = {
    FrozenPostgres,
    FrozenRedis,
    ReadOnlyDatabase,
    EntriesThatAreNoJobs,
    Guessing,
    GuessingFromManyAddresses,
}


def pages(honest: Client, *, look: int = 0) -> Reply:
    return honest.get(f"data/?page_size=50&page_number={look + 1}")


def test_the_service_that_is_attacked_has_the_default_limits(scene: Scene) -> None:
    code = (
        "from hydroml import limits; print({k: v for k, v in vars(limits).items() if k.isupper()})"
    )
    attacked, default = (
        subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, check=True
        ).stdout
        for environment in ({**os.environ, **scene.service.environment}, {})
    )

    assert attacked == default


def test_every_attack_has_a_test() -> None:
    assert {*HELD, *TESTED_BELOW} == {*ATTACKS.values()}


@pytest.mark.parametrize("kind", HELD, ids=lambda kind: kind.__name__)
def test_an_honest_user_is_answered_while_somebody_attacks(
    scene: Scene, during: During, kind: type[Attack]
) -> None:
    attack = scene.attack(kind, **HELD[kind])

    during(attack)
    eventually(attack.is_on)
    seen = [
        (pages(scene.honest, look=look).status, scene.honest.get("/healthz").status)
        for look in range(LOOKS)
    ]
    still_on = attack.is_on()
    attack.end()

    assert seen == [(200, 200)] * LOOKS
    assert still_on
    assert scene.service.peak_memory_mb() < MEMORY_MB
    assert attack.largest_bytes < ANSWER_BYTES
    assert until(lambda: scene.service.busy_backends() == 0, ENDS_SECONDS), "work goes on"
    assert not [status for status in attack.answers if status in ("500", "502", "504")]


def test_a_frozen_database_leaves_the_service_alive(scene: Scene, during: During) -> None:
    readers = [
        threading.Thread(target=_read_and_give_up, args=(scene.honest,))
        for _ in range(READERS_OF_A_FROZEN_DATABASE)
    ]

    attack = during(scene.attack(FrozenPostgres))
    for reader in readers:
        reader.start()
    alive = [scene.honest.get("/healthz").status for _ in range(LOOKS)]
    attack.end()
    for reader in readers:
        reader.join()

    assert alive == [200] * LOOKS
    eventually(lambda: pages(scene.honest).status == 200)
    eventually(lambda: scene.honest.get("/readyz").status == 200)


def _read_and_give_up(honest: Client) -> None:
    try:
        pages(honest.impatient(3.0))
    except OSError:
        pass  # nobody can be answered while every page needs the database


def test_a_frozen_redis_stops_nobody(scene: Scene, during: During) -> None:
    attack = during(scene.attack(FrozenRedis))
    seen = [
        (pages(scene.honest, look=look).status, scene.honest.get("/healthz").status)
        for look in range(LOOKS)
    ]
    change = scene.honest.post("session/rename-column/", {"old_name": "word", "new_name": "text"})
    undone = scene.honest.post("session/undo/")
    attack.end()

    assert seen == [(200, 200)] * LOOKS
    assert (change.status, undone.status) == (200, 200)


def test_a_read_only_database_is_read_and_refuses_changes(scene: Scene, during: During) -> None:
    change = {"old_name": "word", "new_name": "text"}

    attack = during(scene.attack(ReadOnlyDatabase))
    seen = [pages(scene.honest, look=look).status for look in range(LOOKS)]
    refused = scene.honest.post("session/rename-column/", change)
    alive = scene.honest.get("/healthz").status
    ready = scene.honest.get("/readyz").status
    attack.end()

    assert seen == [200] * LOOKS
    assert (refused.status, alive, ready) == (503, 200, 503)
    assert int(refused.headers["Retry-After"]) > 0
    eventually(lambda: scene.honest.get("/readyz").status == 200)
    assert scene.honest.post("session/rename-column/", change).status == 200
    assert scene.honest.post("session/undo/").status == 200


def test_entries_that_are_no_jobs_do_not_keep_files_from_being_loaded(
    scene: Scene, during: During
) -> None:
    during(scene.attack(EntriesThatAreNoJobs))

    loaded = scene.service.with_dataset(scene.honest, b"id\n1\n")
    eventually(lambda: scene.service.jobs_waiting() == 0)

    assert pages(loaded).status == 200


@pytest.mark.parametrize("kind", [Guessing, GuessingFromManyAddresses])
def test_guesses_are_limited_whatever_address_they_claim(
    scene: Scene, during: During, kind: type[Guessing]
) -> None:
    attack = during(scene.attack(kind))
    eventually(lambda: attack.answers["429"] > 2 * SIGN_INS)
    from_home = scene.honest.sign_in(PASSWORD)
    attack.end()

    # Only what was answered before the minute of the first guess is over counts as one window.
    assert 0 < attack.answers["400"] <= 2 * SIGN_INS  # wrong passwords that were looked at
    assert {*attack.answers} <= {"400", "429", "503"}
    assert from_home.status == 200
    assert "token" in from_home.body
    assert pages(scene.honest).status == 200
