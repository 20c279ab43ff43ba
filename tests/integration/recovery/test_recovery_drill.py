"""The drill runs beside other users, loses nothing, and would notice if it did."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import DatabaseError, OperationalError, connection, connections

from data_tools.drill import running
from data_tools.drill.outcome_table import Tally, percentile, table
from data_tools.drill.rehearsal import Outcome, Rehearsal
from data_tools.drill.scenarios import SCENARIOS
from data_tools.models import DataRow, DataSource
from session_events import fault_injection
from session_events.loading import replay_all
from session_events.models import SessionStream
from session_events.recovery import actions, service
from session_events.recovery.decision import Evidence, assess
from session_events.recovery.verdicts import Action, Assessment, Strategy
from session_events.state import Status
from tests.support.studios import open_studio
from tests.support.users import UserFactory
from tests.support.written_log import head

pytestmark = pytest.mark.django_db(transaction=True)

EVENTS = "session_events_sessionevent"


def drill(sessions: int = 1) -> str:
    printed = StringIO()
    call_command("recovery_drill", sessions=sessions, stdout=printed)
    return printed.getvalue()


def rows_of(printed: str) -> dict[str, list[str]]:
    lines = [line for line in printed.splitlines() if line.startswith("|")][2:]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {row[0]: row[1:] for row in rows}


def triggers() -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname, tgenabled FROM pg_trigger WHERE tgrelid = %s::regclass"
            " AND NOT tgisinternal ORDER BY tgname",
            [EVENTS],
        )
        return cursor.fetchall()


def test_every_scenario_is_recovered_as_documented_and_nothing_is_lost(user: User) -> None:
    mine = open_studio(user)
    before, guards = head(user.pk, mine.datasource_id), triggers()

    rows = rows_of(drill(sessions=2))

    assert set(rows) == {scenario.name for scenario in SCENARIOS}
    for name, row in rows.items():
        sessions, acknowledged, back, given_up, in_log, lost, _, documented, *_ = row
        assert (sessions, lost, documented) == ("2", "0", "yes"), name
        assert int(acknowledged) == int(back) + int(given_up) + int(in_log)
        assert acknowledged == ("0" if name == "never started" else "12")
    assert rows["event altered"][2:4] == ["6", "6"]
    assert rows["event missing"][2:4] == ["6", "6"]
    assert rows["source deleted"][4] == "12"
    assert rows["first event missing, no snapshot"][4] == "12"
    assert rows["another file, all columns there"][2:4] == ["12", "0"]
    assert rows["another file, a needed column missing"][2:4] == ["4", "8"]
    assert rows["another file, event altered"][2:4] == ["6", "6"]
    assert head(user.pk, mine.datasource_id) == before
    assert replay_all(before).defect is None
    assert triggers() == guards


def test_the_drill_leaves_no_dataset_and_no_open_session_behind() -> None:
    drill()

    assert not DataSource.objects.exists()
    assert not DataRow.objects.exists()
    assert not SessionStream.objects.filter(is_open=True).exists()
    assert not User.objects.filter(is_active=True).exists()


def assess_paused_as_expired(evidence: Evidence, **rest: Any) -> Assessment:
    assessment = assess(evidence, **rest)
    if assessment.status is not Status.PAUSED:
        return assessment
    return replace(assessment, suggested_action=Action.RECOVER)


def test_a_verdict_that_is_not_the_documented_one_fails_the_drill(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    paused = next(scenario for scenario in SCENARIOS if scenario.name == "paused")
    monkeypatch.setattr(running, "SCENARIOS", (paused,))
    monkeypatch.setattr(service, "assess", assess_paused_as_expired)

    with pytest.raises(CommandError, match="paused: suggested recover, documented is resume"):
        drill()


def _lose_rows(rehearsal: Rehearsal) -> None:
    DataRow.objects.filter(dataset_id=rehearsal.datasource_id).delete()


@pytest.mark.parametrize(
    ("name", "otherwise", "complaint"),
    [
        ("paused", {"reason": "expired"}, "documented is expired"),
        ("paused", {"recovery_possible": False}, "recovery_possible is True"),
        (
            "paused",
            {"faults": (_lose_rows,), "reason": "active", "suggested_action": "continue"},
            "the rows could not be read",
        ),
        ("another file, stayed on the old", {"rebases": True}, "was not fitted to the new rows"),
        ("cleared", {"strategy": Strategy.START_NEW}, "less came back than stands before"),
    ],
)
def test_anything_else_that_is_not_as_documented_fails_the_drill(
    monkeypatch: pytest.MonkeyPatch, name: str, otherwise: dict[str, Any], complaint: str
) -> None:
    documented = next(scenario for scenario in SCENARIOS if scenario.name == name)
    monkeypatch.setattr(running, "SCENARIOS", (replace(documented, **otherwise),))

    with pytest.raises(CommandError, match=complaint):
        drill()


def test_an_operation_that_comes_back_nowhere_fails_the_drill(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    altered = next(scenario for scenario in SCENARIOS if scenario.name == "event altered")
    monkeypatch.setattr(running, "SCENARIOS", (altered,))
    monkeypatch.setattr(actions, "events_given_up", lambda head, defect: ())

    with pytest.raises(CommandError, match="3 acknowledged operations were lost"):
        drill()


@pytest.mark.session_setting
def test_the_drill_refuses_to_run_without_the_right_to_damage_the_log() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP ROLE IF EXISTS hydroml_drill_stranger")
        cursor.execute("CREATE ROLE hydroml_drill_stranger")
        cursor.execute("SET ROLE hydroml_drill_stranger")
        try:
            with pytest.raises(CommandError, match="owner of the log's tables"):
                drill()
        finally:
            cursor.execute("RESET ROLE")
            cursor.execute("DROP ROLE hydroml_drill_stranger")

    assert not User.objects.exists()


def test_the_table_is_written_between_the_markers_of_a_page(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(running, "SCENARIOS", SCENARIOS[:1])
    page = tmp_path / "page.md"
    begin, end = "<!-- drill figures: begin -->", "<!-- drill figures: end -->"
    page.write_text(f"before\n{begin}\nold\n{end}\nafter\n")

    call_command("recovery_drill", sessions=1, write=page, stdout=StringIO())

    head, _, rest = page.read_text().partition(f"{begin}\n")
    written, _, tail = rest.partition(f"\n{end}")
    assert (head, tail) == ("before\n", "\nafter\n")
    assert written.startswith("1 sessions each, ")
    assert set(rows_of(written)) == {"server gone"}


@pytest.mark.parametrize("content", [None, "no markers", "<!-- drill figures: begin -->\n"])
def test_a_page_without_markers_for_the_table_is_refused_before_anything_is_done(
    tmp_path: Path, content: str | None
) -> None:
    page = tmp_path / "page.md"
    if content is not None:
        page.write_text(content)

    with pytest.raises(CommandError, match=r"page\.md"):
        call_command("recovery_drill", sessions=1, write=page)

    assert not User.objects.exists()


def test_the_table_in_the_documentation_has_every_scenario() -> None:
    page = (settings.BASE_DIR / "docs" / "reliability.md").read_text()
    figures = page.partition("<!-- drill figures: begin -->")[2]
    table = figures.partition("<!-- drill figures: end -->")[0]

    assert set(rows_of(table)) == {scenario.name for scenario in SCENARIOS}


@pytest.mark.parametrize("sessions", ["0", "-1", "many"])
def test_the_drill_needs_at_least_one_session(sessions: str) -> None:
    with pytest.raises(CommandError, match="number of at least 1"):
        call_command("recovery_drill", f"--sessions={sessions}")


@pytest.mark.session_setting
def test_nobody_else_can_change_the_log_while_it_is_being_damaged() -> None:
    other = connections.create_connection("default")
    update = f"UPDATE {EVENTS} SET payload = payload"
    try:
        with fault_injection.triggers_off(), other.cursor() as cursor:
            cursor.execute("SET lock_timeout = '100ms'")
            with pytest.raises(OperationalError, match="lock timeout"):
                cursor.execute(update)
        with other.cursor() as cursor, pytest.raises(DatabaseError, match="append-only"):
            cursor.execute(update)
    finally:
        other.close()


def test_a_fault_that_fails_is_rolled_back_whole() -> None:
    user = UserFactory()
    studio = open_studio(user)
    guards = triggers()

    with pytest.raises(ZeroDivisionError), fault_injection.triggers_off():
        raise ZeroDivisionError

    assert triggers() == guards
    assert replay_all(head(user.pk, studio.datasource_id)).defect is None


def test_the_table_says_how_long_recovery_took() -> None:
    tally = Tally(SCENARIOS[0])
    tally.outcomes = [
        Outcome(acknowledged=1, brought_back=1, recovery_ms=float(ms)) for ms in range(1, 201)
    ]

    assert rows_of(table([tally]))["server gone"][-2:] == ["100.5", "198.0"]
    assert percentile([7.0], 0.99) == 7.0
