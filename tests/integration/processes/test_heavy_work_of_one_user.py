"""One user's heavy work, however much of it is sent, keeps nobody else from being answered.

The work is made to last as long as a test needs: what it stores at its end is held up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.contrib.auth.models import User

from tests.crash.victims import OwnRedis
from tests.support.blocked_inserts import nobody_inserts_into
from tests.support.patience import eventually
from tests.support.serving import Server
from tests.support.small_datasets import COLUMNS
from tests.support.studio_client import STRUCTURED, Answer, Studio
from tests.support.studios import open_studio

pytestmark = pytest.mark.django_db(transaction=True)

COMPUTATIONS = 12
ORDERS = [f"{sign}{name}" for name, _ in COLUMNS for sign in ("", "-")][:COMPUTATIONS]
PATIENT = {"DJANGO_SETTINGS_MODULE": "tests.support.patient_settings"}


@contextmanager
def attack(
    attacker: Studio, *, running: int
) -> Iterator[tuple[list[Future[Answer]], Callable[[], int]]]:
    """Send all computations at once; during the block so many of them do not end."""
    with (
        ThreadPoolExecutor(max_workers=COMPUTATIONS) as pool,
        nobody_inserts_into("data_tools_rowlist") as count_running,
    ):
        answers = [pool.submit(attacker.get, "data/", {"sort": order}) for order in ORDERS]
        eventually(lambda: count_running() == running)
        yield answers, count_running


def statuses(answers: list[Future[Answer]]) -> Counter[int]:
    return Counter(answer.result().status for answer in answers)


def test_other_users_are_answered_while_one_computes(
    user: User, other_user: User, tmp_path: Path
) -> None:
    environment = {
        **PATIENT,
        "HEAVY_WORK_PER_PROCESS": "2",
        "HEAVY_WORK_WAIT_SECONDS": "1",
        "WAITING_PER_PROCESS": "1",
        "REQUESTS_PER_USER": "3",
    }
    with Server(log=tmp_path / "log", workers=1, environment=environment) as server:
        attacker = open_studio(user, headers=STRUCTURED, transport=server.transport)
        other = open_studio(other_user, headers=STRUCTURED, transport=server.transport)

        with attack(attacker, running=1) as (answers, count_running):
            eventually(lambda: sum(answer.done() for answer in answers) == COMPUTATIONS - 1)
            heavy = "columns/"
            for path in ("data/", heavy, "session/status/", "/api/datasources/", "/healthz"):
                assert other.get(path).status == 200
            assert attacker.get("data/").status == 200
            assert count_running() == 1

        assert statuses(answers) == {200: 1, 429: COMPUTATIONS - 1}
        refused = [answer.result() for answer in answers if answer.result().status == 429]
        assert {answer.error["code"] for answer in refused} == {"TOO_MUCH_AT_ONCE"}
        assert all(int(answer.headers["Retry-After"]) >= 1 for answer in refused)
        assert attacker.get("data/", {"sort": ORDERS[-1]}).status == 200


@pytest.mark.session_setting  # the server's: it waits long for a lock
def test_the_limit_of_a_user_is_one_of_all_processes(
    user: User, own_redis: OwnRedis, tmp_path: Path
) -> None:
    environment = {
        **PATIENT,
        "HEAVY_WORK_PER_PROCESS": "9",
        "HEAVY_WORK_PER_USER": "2",
        "HEAVY_WORK_WAIT_SECONDS": "1",
    }
    with Server(
        log=tmp_path / "log", workers=2, redis_url=own_redis.url, environment=environment
    ) as server:
        attacker = open_studio(user, headers=STRUCTURED, transport=server.transport)

        with attack(attacker, running=2) as (answers, count_running):
            eventually(lambda: sum(answer.done() for answer in answers) == COMPUTATIONS - 2)
            assert count_running() == 2

        assert statuses(answers) == {200: 2, 429: COMPUTATIONS - 2}
        again = [attacker.get("data/", {"sort": order}).status for order in ORDERS[:3]]
        assert again == [200] * 3
