"""The benchmark covers every address, and tells rightly what got worse."""

from __future__ import annotations

import asyncio
import itertools
import json
import math
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks import earlier, report, sizes
from benchmarks.browser import service
from benchmarks.child_process import TookTooLong, spent_here
from benchmarks.client import NotAnswered
from benchmarks.datasets.thresholds import Thresholds
from benchmarks.earlier import EarlierRun
from benchmarks.lines.endpoint_calls import CALLS
from benchmarks.lines.endpoints import shown
from benchmarks.load import http_client, line
from benchmarks.load.http_client import HttpClient
from benchmarks.load.people import Seen
from benchmarks.machine import Machine
from benchmarks.measuring import TURN_MS, Effort, Work, median_of_answered, medians_ms
from benchmarks.results import (
    NO_ANSWER,
    Comparison,
    EndpointTimes,
    Figure,
    Finding,
    Point,
    faster,
    limited,
    not_measured,
    within,
)
from benchmarks.running import measure_all
from tests.contract.register import REGISTER

MACHINE = Machine(cores=2, processor="x", memory_gb=4, postgres="18.4", python="3.11.7", load=0.5)
FASTER = faster("W1", "page", 2.0, "pandas", 20.0, at_least=8)
WITHIN = within("W2", "page after", 3.0, "without", 2.0, at_most=2)


def test_every_address_of_the_register_is_measured() -> None:
    measured = {(call.method, call.address) for call in CALLS}

    assert set(REGISTER) - measured == set()


def test_nothing_is_measured_that_is_not_served() -> None:
    assert {(call.method, call.address) for call in CALLS} - set(REGISTER) == set()


def test_every_call_is_shown_in_a_row_of_its_own() -> None:
    """By its row, a call is found again in the earlier result."""
    assert len({shown(call) for call in CALLS}) == len(CALLS)


@pytest.mark.parametrize(
    ("ratio", "goal", "sense", "is_met"),
    [
        (10.0, 8.0, "at least", True),
        (7.9, 8.0, "at least", False),
        (1.5, 1.5, "at most", True),
        (1.6, 1.5, "at most", False),
        (1.6, None, "at most", None),
        (NO_ANSWER, 8.0, "at least", False),
        (NO_ANSWER, None, "at most", False),
    ],
)
def test_a_goal_is_met_in_its_sense_and_never_without_an_answer(
    ratio: float, goal: float | None, sense: str, is_met: bool | None
) -> None:
    row = Comparison(
        line="W1",
        work="page",
        ours=Figure(1.0, "ms"),
        ratio=ratio,
        goal=goal,
        sense=sense,  # type: ignore[arg-type]
    )

    assert row.is_met is is_met


def test_the_report_says_what_is_met_and_missed() -> None:
    missed = within("W3", "filter", 9.0, "DuckDB", 3.0, at_most=2)
    endpoints = EndpointTimes(call="GET …/data/", first_ms=3.0, repeated_ms=612.0)

    text = report.text([FASTER, missed, endpoints], MACHINE)

    lines = [line for line in text.splitlines() if line.startswith(("| W", "| `"))]
    assert [line.split("|")[-2].strip() for line in lines] == ["met", "**missed**", "**missed**"]
    assert "1 goals are met, 1 are missed." in text


def test_a_figure_with_a_limit_of_its_own_has_no_ratio() -> None:
    text = report.text([limited("W9", "memory", 12.0, "MB", at_most=150)], MACHINE)

    [row] = [line for line in text.splitlines() if line.startswith("| W9")]
    assert [cell.strip() for cell in row.split("|")[3:-1]] == [
        "12 MB",
        "",
        "",
        "at most 150 MB",
        "met",
    ]


def written(tmp_path: Path, *found: Finding) -> EarlierRun:
    path = tmp_path / "performance.json"
    earlier.write(found, MACHINE, path)
    read = earlier.read(path)
    assert read is not None
    return read


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    unanswered = not_measured("W6", "POST /x")
    point = Point(plot="page-by-rows", curve="ours", x=10_000, y=2.5)

    before = written(tmp_path, FASTER, unanswered, point)

    assert [row.ratio for row in before.comparisons] == [10.0, None]
    assert earlier.points(tmp_path / "performance.json") == [point]
    assert json.loads((tmp_path / "performance.json").read_text())["machine"]["cores"] == 2


def test_without_an_earlier_result_there_is_nothing_to_compare_with(tmp_path: Path) -> None:
    assert earlier.read(tmp_path / "performance.json") is None


def test_what_got_worse_is_named_the_worst_first(tmp_path: Path) -> None:
    before = written(tmp_path, FASTER, WITHIN)
    now = [
        faster("W1", "page", 2.0, "pandas", 10.0, at_least=8),
        within("W2", "page after", 8.0, "without", 2.0, at_most=2),
    ]

    assert earlier.changes(now, before).worse == [
        "W2 page after, beside without: 1.50 became 4.00, 2.7 times worse",
        "W1 page, beside pandas: 10.00 became 5.00, 2.0 times worse",
    ]


def test_what_got_better_or_hardly_changed_is_not_named(tmp_path: Path) -> None:
    before = written(tmp_path, FASTER, WITHIN)
    now = [
        faster("W1", "page", 2.0, "pandas", 40.0, at_least=8),
        within("W2", "page after", 3.5, "without", 2.0, at_most=2),
        within("W2", "a new row", 30.0, "without", 2.0),
    ]

    assert earlier.changes(now, before).worse == []


def test_no_answer_where_there_was_one_is_worse(tmp_path: Path) -> None:
    before = written(tmp_path, FASTER)

    now = [faster("W1", "page", NO_ANSWER, "pandas", 20.0)]

    [sentence] = earlier.changes(now, before).worse

    assert "no answer" in sentence


def test_errors_where_there_were_none_are_worse_however_few(tmp_path: Path) -> None:
    def errors(count: int) -> Comparison:
        return limited("W11", "16 clients: errors", count, at_most=0)

    before = written(tmp_path, errors(0))

    assert earlier.changes([errors(3)], before).worse == ["W11 16 clients: errors: 0 became 3"]
    assert earlier.changes([errors(0)], before).worse == []


def test_a_rate_that_became_nothing_is_worse(tmp_path: Path) -> None:
    before = written(tmp_path, FASTER)
    now = [replace(FASTER, ratio=0.0)]

    assert earlier.changes(now, before).worse == ["W1 page, beside pandas: 10 became 0"]


@pytest.mark.parametrize(("unit", "compared"), [("ms", 0), ("MB", 0), ("times", 1), ("", 1)])
def test_what_depends_on_the_machine_alone_is_not_compared(
    tmp_path: Path, unit: str, compared: int
) -> None:
    before = written(tmp_path, limited("W9", "delete", 10.0, unit))

    changes = earlier.changes([limited("W9", "delete", 20.0, unit)], before)

    assert (changes.compared, len(changes.worse)) == (compared, compared)


def test_a_row_that_is_not_there_is_worse_where_its_line_ought_to_be_complete(
    tmp_path: Path,
) -> None:
    endpoint = EndpointTimes(call="GET a", first_ms=10.0, repeated_ms=5.0)
    before = written(tmp_path, FASTER, WITHIN, not_measured("W2", "X"), endpoint)

    changes = earlier.changes([], before, complete={"W2", "S"})

    assert changes.worse == [
        "W2 page after, beside without: not measured; it was 1.50",
        "S GET a: not measured",
    ]
    assert earlier.lines_of(before) == {"W1", "W2", "S"}


def test_a_line_that_breaks_off_keeps_its_rows_and_does_not_end_the_run(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def measure(line: str) -> Iterator[Finding]:
        yield WITHIN
        if line == "W2":
            raise TookTooLong("it was not done in 1 s")
        yield FASTER

    run = measure_all(["W2", "W1"], measure)

    expected = [WITHIN, not_measured("W2", "TookTooLong"), WITHIN, FASTER]
    assert [*map(str, run.found)] == [*map(str, expected)]  # what was not measured equals nothing
    assert run.broken_off == ["W2"]
    assert "it was not done in 1 s" in capsys.readouterr().err


def test_a_service_that_does_not_end_is_ended_by_force(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "ENDS_WITHIN_SECONDS", 0.1)
    ignores = "import signal; signal.signal(15, signal.SIG_IGN); print(flush=True); signal.pause()"
    process = subprocess.Popen(
        [sys.executable, "-c", ignores], stdout=subprocess.PIPE, start_new_session=True
    )
    with process:
        process.stdout.readline()  # type: ignore[union-attr]
        service.end(process)

    assert process.returncode == -signal.SIGKILL


@pytest.mark.parametrize(
    ("row_counts", "beside_smallest"),
    [
        (sizes.QUICK_ROW_COUNTS, [100_000]),
        (sizes.ROW_COUNTS, [100_000, 10_000_000]),
        ([10_000], [10_000]),
    ],
)
def test_a_quick_run_compares_sizes_that_a_whole_one_compares_too(
    row_counts: list[int], beside_smallest: list[int]
) -> None:
    assert sizes.beside_smallest(row_counts) == beside_smallest


def test_endpoints_are_compared_with_how_all_of_them_changed(tmp_path: Path) -> None:
    """On a machine half as fast, only the endpoint that got slower still is worse."""
    calls = ["GET a", "GET b", "GET c"]
    before = written(
        tmp_path, *(EndpointTimes(call=call, first_ms=10.0, repeated_ms=5.0) for call in calls)
    )
    now = [
        EndpointTimes(call="GET a", first_ms=20.0, repeated_ms=10.0),
        EndpointTimes(call="GET b", first_ms=21.0, repeated_ms=9.0),
        EndpointTimes(call="GET c", first_ms=80.0, repeated_ms=10.0),
    ]

    assert earlier.changes(now, before).worse == ["S GET c, first call: 10.0 ms became 80.0 ms"]


def one_run() -> None:
    """Take as long as a turn."""
    time.sleep(TURN_MS / 1_000)


def test_a_work_that_is_refused_has_no_time_and_no_further_turn() -> None:
    turns: list[str] = []

    def refused() -> None:
        turns.append("refused")
        raise NotAnswered("503")

    def answered() -> None:
        turns.append("answered")
        one_run()

    ms = medians_ms(
        {"refused": Work(refused), "answered": Work(answered)},
        Effort(rounds=1, seconds=60),
    )

    assert math.isnan(ms["refused"])
    assert ms["answered"] >= 0
    assert turns.count("refused") == 1


def test_an_answer_missing_once_is_missing_in_the_median() -> None:
    assert median_of_answered([3.0, 1.0, 2.0]) == 2.0
    assert math.isnan(median_of_answered([1.0, NO_ANSWER, 2.0]))


def test_what_a_work_leaves_to_be_done_is_waited_for_outside_its_time() -> None:
    spent = spent_here(lambda: 1, settle=lambda: time.sleep(0.2))

    assert spent.result == 1
    assert spent.ms < 150


def test_once_the_time_is_over_no_round_is_begun() -> None:
    turns = 0

    def turn() -> None:
        nonlocal turns
        turns += 1

    medians_ms({"work": Work(one_run, enter=turn)}, Effort(rounds=5, seconds=0))

    assert turns == 1


def test_filters_leave_different_shares_of_the_rows_each_a_number_of_its_own() -> None:
    thresholds = Thresholds("number", np.arange(1_000.0))

    taken = list(itertools.islice(thresholds, 100))

    assert taken == list(itertools.islice(thresholds, 100))  # the same for all who are compared
    assert len(set(taken)) == 100
    assert taken[0] == pytest.approx(490, abs=1)
    by_fifths = [sum(fifth <= number / 196 < fifth + 1 for number in taken) for fifth in range(5)]
    assert all(18 <= count <= 22 for count in by_fifths)


def test_requests_under_load_are_summed_up() -> None:
    seen = [Seen(kind="page", at=0.0, ms=float(ms), status=200) for ms in range(1, 101)]
    seen.append(Seen(kind="page", at=0.0, ms=1_000.0, status=503))

    summed = line.times(seen)

    assert (summed.count, summed.errors) == (101, 1)
    assert (summed.p50_ms, summed.p99_ms, summed.longest_ms) == (51.0, 100.0, 1_000.0)


WHOLE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
CHUNKED = b"HTTP/1.1 409 Conflict\r\nTransfer-Encoding: chunked\r\n\r\n2;x=1\r\n{}\r\n0\r\n\r\n"
LAST = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
CUT_OFF = b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{"


@pytest.mark.parametrize(
    ("answers", "statuses", "connections"),
    [
        ([WHOLE, CHUNKED, WHOLE], [200, 409, 200], 1),
        ([LAST, WHOLE], [200, 200], 2),
        ([WHOLE, CUT_OFF, WHOLE], [200, http_client.NO_ANSWER, 200], 2),
    ],
)
def test_a_client_keeps_its_connection_while_the_server_does(
    answers: list[bytes], statuses: list[int], connections: int
) -> None:
    opened = 0
    coming = iter(answers)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal opened
        opened += 1
        while await reader.readline():
            await reader.readuntil(b"\r\n\r\n")
            answer = next(coming)
            writer.write(answer)
            await writer.drain()
            if answer in (LAST, CUT_OFF):
                break
        writer.close()
        await writer.wait_closed()

    async def send_all() -> list[int]:
        async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
            client = HttpClient(port=server.sockets[0].getsockname()[1], token="x")
            try:
                return [await client.send("GET", "/") for _ in answers]
            finally:
                await client.close()

    assert asyncio.run(send_all()) == statuses
    assert opened == connections
