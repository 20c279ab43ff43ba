"""The largest answers that are allowed leave a worker of the real server below half a gigabyte."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.db import connection

from data_tools.models import DataSource
from tests.support.serving import Server
from tests.support.small_datasets import publish
from tests.support.studio_client import STRUCTURED
from tests.support.studios import studio_of

pytestmark = pytest.mark.django_db(transaction=True)

MIB = 1 << 20
COLUMNS = 10_000
ROWS = 200
LONG_ROWS = 900
AT_ONCE = 4


def wide_dataset(user: User) -> DataSource:
    """Publish the rows that take the most memory for their bytes: very many short values."""
    types = ("float", "text")
    columns = [(f"{at:x}", types[at % 2]) for at in range(COLUMNS)]
    dataset = publish(user, columns, [])
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO data_tools_datarow (dataset_id, revision, row_number, "values")
            SELECT %s, 1, n, (
                SELECT jsonb_agg(
                    CASE WHEN c %% 2 = 0 THEN to_jsonb(c / 8.0) ELSE to_jsonb(chr(97 + n) || c) END
                    ORDER BY c
                )
                FROM generate_series(0, %s) AS c
            )
            FROM generate_series(1, %s) AS n
            """,
            [dataset.pk, COLUMNS - 1, ROWS],
        )
    dataset.row_count = ROWS
    dataset.save()
    return dataset


def long_dataset(user: User) -> DataSource:
    """Publish rows whose texts fill an answer, and begin with one that alone fills it."""
    dataset = publish(user, [("text", "text")], [])
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO data_tools_datarow (dataset_id, revision, row_number, "values")
            SELECT %s, 1, n, jsonb_build_array(
                chr(128578) || repeat('x', CASE n WHEN 1 THEN 15000000 ELSE 14000 END)
            )
            FROM generate_series(1, %s) AS n
            """,
            [dataset.pk, LONG_ROWS],
        )
    dataset.row_count = LONG_ROWS
    dataset.save()
    return dataset


def peak_bytes(server: Server) -> int:
    """Return the most memory that the one worker has had."""
    assert server._process is not None
    [worker] = (
        Path(f"/proc/{server._process.pid}/task/{server._process.pid}/children").read_text().split()
    )
    status = Path(f"/proc/{worker}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) * 1024  # type: ignore[index]


def test_a_worker_answers_the_largest_pages_in_bounded_memory(user: User, tmp_path: Path) -> None:
    dataset = wide_dataset(user)
    with Server(log=tmp_path / "log", workers=1) as server:
        studio = studio_of(user, dataset, headers=STRUCTURED, transport=server.transport)

        refused = studio.get("data/", {"page_size": ROWS})
        fit = refused.error["details"]["rows_that_fit"]
        page = studio.get("data/", {"page_size": fit})
        status = studio.get("session/status/")

        assert (refused.status, refused.error["code"]) == (400, "ANSWER_TOO_LARGE")
        assert len(page.body["data"]) == fit > 10
        assert 4 * MIB < len(page.content) < 16 * MIB
        assert len(status.content) < 16 * MIB
        assert peak_bytes(server) < 500 * MIB

        with ThreadPoolExecutor(AT_ONCE) as threads:
            pages = [
                threads.submit(studio.get, "data/", {"page_size": fit}) for _ in range(AT_ONCE)
            ]
            answers = [each.result() for each in pages]

        assert {answer.status for answer in answers} <= {200, 429}
        assert [answer.status for answer in answers].count(200) > 1
        assert peak_bytes(server) < 500 * MIB

        long = studio_of(user, long_dataset(user), headers=STRUCTURED, transport=server.transport)
        requests = [
            (studio, "data/", {"page_size": fit}),
            (studio, "session/status/", {}),
            (long, "data/", {"page_size": LONG_ROWS}),
            (long, "data/", {"page_size": LONG_ROWS, "sort": "-text"}),
            (long, "data/cell/", {"row": 1, "column": "text"}),
        ]
        with ThreadPoolExecutor(2 * len(requests)) as threads:
            asked = [
                threads.submit(client.get, path, query) for client, path, query in 2 * requests
            ]
            answers = [each.result() for each in asked]

        assert {answer.status for answer in answers} <= {200, 429, 503}
        assert max(len(answer.content) for answer in answers) > 8 * MIB
        assert peak_bytes(server) < 500 * MIB
