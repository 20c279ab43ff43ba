"""Whatever is done in whatever order, the session is its log, and its pages are what was done.

A machine does random things over HTTP, among them nonsense, and knows on its own what must come of
them: operations on rows by `tests.support.reference_rows`, which shares nothing with the SQL, and a
session's life by the rules below. After every step the log is read anew from the database.
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.contrib.auth.models import User
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from session_events.loading import load
from session_events.models import SessionStream
from tests.support import written_log
from tests.support.clock import START, Clock
from tests.support.examples import examples
from tests.support.reference_rows import RefusedByReference, Table, apply
from tests.support.serving import Server
from tests.support.small_datasets import publish
from tests.support.studio_client import STRUCTURED, Answer, InProcess, Transport
from tests.support.studios import studio_of
from tests.support.users import UserFactory

INACTIVITY = dt.timedelta(hours=4)
PAGE_SIZE = 4

# The machine's tables: one column of each type, gaps in runs, ties, and cells that look alike.
CELLS: dict[str, st.SearchStrategy[Any]] = {
    "integer": st.sampled_from((0, 1, 2, 2, -7, 2**53 + 1)),
    "float": st.sampled_from((0.0, 1.0, 1.0, 2.5, -0.25, 1e16)),
    "text": st.sampled_from(("", " ", "a", "B", "ä", "1", "2.5", "yes", "%s", "2013-01-31", "01")),
    "boolean": st.booleans(),
    "date": st.sampled_from(("2013-01-31", "2012-02-29", "2013-01-31")),
    "datetime": st.sampled_from(
        ("2013-01-31T05:00:00", "2013-01-31T05:00:00Z", "2012-01-01T00:00:00")
    ),
}
TYPES = tuple(CELLS)
WAYS_BACK = ("opens", "opens", "resumes", "recovers", "recovers", "recovers", "starts anew")
NEW_NAMES = ("x", "y", "x_copy", "%s", '"; --', "größe", "-x", "a__b")


@st.composite
def tables(draw: st.DrawFn) -> Table:
    row = st.tuples(*(st.none() | CELLS[column_type] for column_type in TYPES)).map(list)
    rows = draw(st.lists(row | st.just([None] * len(TYPES)), min_size=1, max_size=11))
    return Table(names=[f"c {t}" for t in TYPES], types=list(TYPES), rows=[list(r) for r in rows])


@st.composite
def requests(draw: st.DrawFn, table: Table) -> tuple[str, dict[str, Any]]:
    """An operation on the table, as the reference names it; now and then on no column of it."""
    name = st.sampled_from([*table.names, *table.names, "no such column"])
    names = st.lists(name, min_size=1, max_size=2)
    new_name = st.sampled_from(NEW_NAMES)
    kind = draw(st.sampled_from(("rename", "renames", "drop", "duplicate", "type", "fill", "fill")))
    match kind:
        case "rename":
            return "rename_column", {"old_name": draw(name), "new_name": draw(new_name)}
        case "renames":
            new_names = st.dictionaries(name, new_name, min_size=1, max_size=2)
            return "column_operation_rename", {"new_names": draw(new_names)}
        case "drop" | "duplicate":
            return f"column_operation_{kind}", {"columns": draw(names)}
        case "type":
            types = ("int", "float64", "string", "bool", "date", "datetime")
            asked = {"column_name": draw(name), "new_type": draw(st.sampled_from(types))}
            policy = draw(st.sampled_from((None, "fail", "null", "null")))
            return "change_column_type", asked if policy is None else asked | {"on_error": policy}
    strategies = ("mean", "median", "mode", "forward_fill", "backward_fill", "constant")
    values = (None, 0, 2.5, True, "1", "yes", "x'%s", "2013-01-31")
    return "fill_missing_values", {
        "columns": draw(names),
        "strategy": draw(st.sampled_from(strategies)),
        "fill_value": draw(st.sampled_from(values)),
    }


def address(operation: str, parameters: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The path that a client sends the operation to, and the body it sends."""
    family, _, what = operation.rpartition("column_operation_")
    if family == "" and what != operation:
        return "transform/columns/", {"operation": what, **parameters}
    paths = {
        "rename_column": "session/rename-column/",
        "change_column_type": "session/change-column-type/",
        "fill_missing_values": "session/fill-missing-values/",
    }
    return paths[operation], parameters


@dataclass(frozen=True, slots=True)
class Done:
    """An operation that took effect, and the table after it."""

    operation: str
    after: Table


@dataclass(frozen=True, slots=True)
class Work:
    done: tuple[Done, ...] = ()
    redo: tuple[Done, ...] = ()


@dataclass(slots=True)
class Stream:
    """A session as the machine expects it: what was acknowledged, and the work at each version."""

    work: Work = field(default_factory=Work)
    version: int = 0
    history: dict[int, Work] = field(default_factory=dict)
    status: str = "active"
    last_activity: dt.datetime = START
    is_untouched: bool = True

    def grow(self, version: int, now: dt.datetime, work: Work | None = None) -> None:
        """Note that nothing between the last known version and this one changed the work."""
        for between in range(self.version + 1, version):
            self.history[between] = self.work
        if work is not None:
            self.work = work
        if version > self.version:
            self.last_activity = now
        self.version = version
        self.history[version] = self.work


class SessionMachine(RuleBasedStateMachine):
    def __init__(self, user: User, transport: Transport, clock: Clock | None) -> None:
        super().__init__()
        self.user, self.transport, self.clock = user, transport, clock
        self.streams: dict[str, Stream] = {}
        self.open_id: str | None = None
        self.last_id: str | None = None
        self.last_command: tuple[str, dict[str, Any]] | None = None
        self.steps = 0

    @initialize(table=tables(), is_opened=st.sampled_from((True, True, True, False)))
    def publish_dataset(self, table: Table, is_opened: bool) -> None:
        self.base = table
        columns = list(zip(table.names, table.types, strict=True))
        self.datasource = publish(self.user, columns, table.rows)
        self.studio = studio_of(
            self.user, self.datasource, transport=self.transport, headers=STRUCTURED
        )
        if is_opened:
            self.open()

    # What the machine expects

    @property
    def now(self) -> dt.datetime:
        return START if self.clock is None else self.clock.now

    @property
    def current_id(self) -> str | None:
        return self.open_id or self.last_id

    @property
    def current(self) -> Stream:
        assert self.current_id is not None
        return self.streams[self.current_id]

    def status(self, stream: Stream) -> str:
        expires = stream.status == "active" and self.now >= stream.last_activity + INACTIVITY
        return "expired" if expires else stream.status

    @property
    def table(self) -> Table:
        done = self.current.work.done if self.open_id else ()
        return done[-1].after if done else self.base

    @property
    def refusal(self) -> str | None:
        """The error code if the session accepts no operation now, else None."""
        if self.open_id is None:
            return "SESSION_NOT_FOUND"
        codes = {"paused": "SESSION_PAUSED", "expired": "SESSION_EXPIRED"}
        return codes.get(self.status(self.current))

    # Sending requests

    def post(self, path: str, body: dict[str, Any] | None = None) -> Answer:
        if self.clock is not None:
            self.clock.tick(dt.timedelta(seconds=1))
        return self.studio.post(path, body)

    def change(
        self, path: str, body: dict[str, Any], refusal: str | None, work: Work | None = None
    ) -> None:
        """Send a change, which must be refused with that code, or append one event."""
        body = body | {"client_operation_id": str(uuid.uuid4())}
        answer = self.post(path, body)
        if refusal is not None:
            assert (answer.status // 100, answer.error["code"]) == (4, refusal), answer
            return
        self.last_command = path, body
        self.acknowledge(answer, events=1, work=work)

    def acknowledge(self, answer: Answer, *, events: int, work: Work | None = None) -> None:
        assert answer.status == 200, answer
        assert answer.body["version"] == self.current.version + events
        self.current.is_untouched = self.current.is_untouched and events == 0
        self.current.grow(answer.body["version"], self.now, work)

    def begins(self, answer: Answer) -> None:
        """Note that the answer comes from a new session."""
        assert answer.status == 200, answer
        session_id = answer.body["session_info"]["session_id"]
        assert session_id not in self.streams
        assert answer.body["version"] == 1
        self.streams[session_id] = Stream()
        self.open_id = self.last_id = session_id
        self.current.grow(1, self.now)
        self.last_command = None

    def put_away(self, stream: Stream) -> None:
        """Note that another session replaced this one: one event ended it."""
        stream.grow(stream.version + 1, self.now)
        stream.status = "cleared"

    # Operations, as long as the session accepts them

    @precondition(lambda self: self.refusal is None)
    @rule(data=st.data())
    def operates(self, data: st.DataObject) -> None:
        self.operate(data)

    @precondition(lambda self: self.refusal is None)
    @rule(data=st.data())
    def operates_again(self, data: st.DataObject) -> None:
        """Make operations twice as likely as anything else: sessions exist for them."""
        self.operate(data)

    @precondition(lambda self: self.refusal is None and self.current.work.done)
    @rule()
    def undoes(self) -> None:
        self.undo()

    @precondition(lambda self: self.refusal is None and self.current.work.redo)
    @rule()
    def redoes(self) -> None:
        self.redo()

    @precondition(lambda self: self.refusal is None and self.steps % 8 == 0)
    @rule()
    def resets(self) -> None:
        self.change("session/reset/", {}, None, Work())

    @precondition(lambda self: self.refusal is None and self.steps % 4 == 1)
    @rule(data=st.data())
    def works_without_looking(self, data: st.DataObject) -> None:
        self.try_to_work(data)

    def try_to_work(self, data: st.DataObject) -> None:
        match data.draw(st.sampled_from(("operate", "undo", "redo", "reset")), label="tries"):
            case "operate":
                self.operate(data)
            case "undo":
                self.undo()
            case "redo":
                self.redo()
            case "reset":
                self.change("session/reset/", {}, self.refusal, Work())

    def operate(self, data: st.DataObject) -> None:
        operation, parameters = data.draw(requests(self.table), label="operation")
        refusal, work = self.refusal, None
        if refusal is None:
            try:
                after, _ = apply(self.table, operation, parameters)
                work = Work(done=(*self.current.work.done, Done(operation, after)))
            except RefusedByReference as refused:
                refusal = refused.code
        self.change(*address(operation, parameters), refusal, work)

    def undo(self) -> None:
        refusal, work = self.refusal, None
        if refusal is None:
            *done, last = self.current.work.done or (None,)
            refusal = "NOTHING_TO_UNDO" if last is None else None
            work = Work(done=tuple(done), redo=(*self.current.work.redo, last))
        self.change("session/undo/", {}, refusal, work)

    def redo(self) -> None:
        refusal, work = self.refusal, None
        if refusal is None:
            *redo, last = self.current.work.redo or (None,)
            refusal = "NOTHING_TO_REDO" if last is None else None
            work = Work(done=(*self.current.work.done, last), redo=tuple(redo))
        self.change("session/redo/", {}, refusal, work)

    # Repeated requests, and requests that another tab might send

    @precondition(lambda self: self.last_command)
    @rule()
    def sends_the_last_change_again(self) -> None:
        path, body = self.last_command
        self.acknowledge(self.post(path, body), events=0)

    @precondition(lambda self: self.last_command and self.steps % 3 == 0)
    @rule()
    def sends_another_change_with_the_last_id(self) -> None:
        path, body = self.last_command
        other = "session/undo/" if path == "session/reset/" else "session/reset/"
        answer = self.post(other, {"client_operation_id": body["client_operation_id"]})
        assert (answer.status, answer.error["code"]) == (409, "CLIENT_OPERATION_ID_REUSED")

    @precondition(
        lambda self: self.refusal is None and not self.current.is_untouched and self.steps % 4 == 2
    )
    @rule()
    def changes_what_it_saw_long_ago(self) -> None:
        self.change("session/reset/", {"expected_version": 1}, "SESSION_CONFLICT")

    # The session's life

    @precondition(lambda self: self.refusal is None and self.steps % 3 == 0)
    @rule(how=st.sampled_from(("pauses", "clears", "sleeps", "starts anew")))
    def leaves(self, how: str) -> None:
        match how:
            case "pauses":
                self.change("session/pause/", {}, None)
                self.current.status = "paused"
            case "clears":
                self.clear()
            case "sleeps" if self.clock is not None:
                self.clock.tick(INACTIVITY)
            case "starts anew":
                self.start_anew()

    @precondition(lambda self: self.refusal is not None)
    @rule(data=st.data(), how=st.sampled_from(WAYS_BACK))
    def comes_back(self, data: st.DataObject, how: str) -> None:
        if data.draw(st.booleans(), label="tries to work first"):
            self.try_to_work(data)
        match how:
            case "opens":
                self.open()
            case "resumes":
                self.resume()
            case "recovers":
                self.recover({}, self.current_id)
            case "starts anew":
                self.start_anew()

    @precondition(lambda self: self.steps % 5 == 0)
    @rule(what=st.sampled_from(("open", "resume", "recover", "pause", "clear")))
    def does_what_there_may_be_no_need_for(self, what: str) -> None:
        match what:
            case "open":
                self.open()
            case "resume":
                self.resume()
            case "recover":
                self.recover({}, self.current_id)
            case "pause" if self.refusal == "SESSION_PAUSED":
                self.acknowledge(self.post("session/pause/"), events=0)
            case "clear" if self.refusal is not None:
                self.clear()

    @precondition(lambda self: self.streams and self.steps % 3 == 1)
    @rule(data=st.data())
    def recovers_an_earlier_session(self, data: st.DataObject) -> None:
        session_id = data.draw(st.sampled_from(list(self.streams)), label="session")
        self.recover({"session_id": session_id}, session_id)

    @precondition(lambda self: self.streams and self.steps % 3 == 2)
    @rule(data=st.data())
    def recovers_a_version(self, data: st.DataObject) -> None:
        session_id, stream = self.current_id, self.current
        version = data.draw(st.integers(1, stream.version + 1), label="version")
        answer = self.post("session/recover/", {"strategy": "to_version", "to_version": version})
        if version > stream.version:
            assert (answer.status, answer.error["code"]) == (400, "INVALID_RECOVERY")
            return
        status = self.status(stream)
        target = stream.history[version]
        recovered = answer.body["recovered"]
        # Only the view may change, which the machine does not follow.
        assert recovered or (status == "active" and target == stream.work)
        self.goes_on(session_id)
        events = (1 + (status == "expired")) if recovered else 0
        self.acknowledge(answer, events=events, work=target)
        assert len(answer.body["operations"]) == len(target.done)

    def open(self) -> None:
        answer = self.post("session/initialize/")
        if self.open_id is None:
            self.begins(answer)
            return
        events = {"active": 0, "paused": 1, "expired": 2}[self.status(self.current)]
        self.acknowledge(answer, events=events)
        self.current.status = "active"

    def resume(self) -> None:
        if self.refusal is None:
            self.acknowledge(self.post("session/resume/"), events=0)
            return
        refusal = None if self.refusal == "SESSION_PAUSED" else self.refusal
        self.change("session/resume/", {}, refusal)
        if refusal is None:
            self.current.status = "active"

    def clear(self) -> None:
        answer = self.post("session/clear/")
        if self.open_id is None:
            assert (answer.status, answer.body["version"]) == (200, None)
            return
        self.acknowledge(answer, events=1)
        self.current.status = "cleared"
        self.open_id = self.last_command = None

    def start_anew(self) -> None:
        is_new_already = self.refusal is None and self.current.is_untouched
        answer = self.post("session/recover/", {"strategy": "start_new"})
        if is_new_already:
            self.acknowledge(answer, events=0)
            return
        if self.open_id is not None:
            self.put_away(self.current)
        self.begins(answer)

    def recover(self, body: dict[str, Any], session_id: str | None) -> None:
        answer = self.post("session/recover/", body)
        if session_id is None:
            assert (answer.status, answer.error["code"]) == (409, "RECOVERY_IMPOSSIBLE")
            return
        stream = self.streams[session_id]
        events = {"active": 0, "paused": 1, "expired": 2, "cleared": 1}[self.status(stream)]
        self.goes_on(session_id)
        self.acknowledge(answer, events=events)
        assert answer.body["recovered"] is (events > 0)
        assert answer.body["given_up"] == []

    def goes_on(self, session_id: str) -> None:
        """Note that this session is open now; another one that was open has been closed."""
        if self.open_id not in (None, session_id):
            self.put_away(self.current)
        if self.open_id != session_id:
            self.last_command = None
        self.open_id = session_id
        self.current.status = "active"

    # Invariants

    @invariant()
    def the_session_is_its_log(self) -> None:
        self.steps += 1
        versions = {
            str(stream_id): (version, is_open)
            for stream_id, version, is_open in SessionStream.objects.filter(
                dataset_id=self.datasource.pk
            ).values_list("id", "version", "is_open")
        }
        assert versions == {
            session_id: (stream.version, session_id == self.open_id)
            for session_id, stream in self.streams.items()
        }
        if self.current_id is None:
            return
        head = written_log.head(self.user.pk, self.datasource.pk)
        assert str(head.stream_id) == self.current_id
        state = written_log.folded(head)
        assert load(head).state == state
        assert len(written_log.events(head)) == state.version == self.current.version
        assert [o.operation for o in state.operations] == [
            done.operation for done in self.current.work.done
        ]
        assert [o.operation for o in reversed(state.redo)] == [
            done.operation for done in reversed(self.current.work.redo)
        ]
        if self.open_id is not None:
            assert state.is_open
            columns = [(column.name, column.type) for column in state.columns]
            assert columns == list(zip(self.table.names, self.table.types, strict=True))

    @invariant()
    def every_page_is_what_the_operations_make_of_the_rows(self) -> None:
        pages = -(-len(self.table.rows) // PAGE_SIZE)
        if self.open_id is not None:
            shown = [row for number in range(1, pages + 1) for row in self.preview(number)]
            expected = [["" if v is None else v for v in row] for row in self.table.rows]
            assert exact(shown) == exact(expected)
        column = self.table.names[self.steps % len(self.table.names)]
        descending, number = self.steps % 2 == 0, self.steps // 2 % pages + 1
        first = (number - 1) * PAGE_SIZE
        expected = self.table.sorted_by(column, descending)[first : first + PAGE_SIZE]
        assert exact(self.sorted_page(column, descending, number)) == exact(expected)

    def preview(self, page_number: int) -> list[list[Any]]:
        query = {"page_number": page_number, "page_size": PAGE_SIZE}
        body = self.studio.get("session/status/", query).body
        assert body["version"] == self.current.version
        assert body["column_info"] == self.table.names
        assert body["pagination"]["total_rows"] == len(self.table.rows)
        return [[row[name] for name in self.table.names] for row in body["data_preview"]]

    def sorted_page(self, column: str, descending: bool, page_number: int) -> list[list[Any]]:
        """Return the page; the view may be recorded, which is one more event."""
        query = {"page": page_number, "pageSize": PAGE_SIZE, "sortField": column}
        answer = self.studio.get("data/", query | {"sortOrder": "desc" if descending else "asc"})
        assert answer.status == 200, answer
        assert answer.body["columnDefs"] == self.table.names
        if self.open_id is None:
            assert answer.body["version"] is None
        else:
            assert answer.body["version"] - self.current.version in (0, 1)
            self.current.grow(answer.body["version"], self.now)
        return [[row[name] for name in self.table.names] for row in answer.body["data"]]


def exact(rows: list[list[Any]]) -> list[list[tuple[str, Any]]]:
    """Return each value with its type: 1, 1.0 and True are equal in Python."""
    return [[(type(value).__name__, value) for value in row] for row in rows]


# Without shrinking: the failing steps are printed, and finding fewer would take minutes.
COMMON = settings(
    phases=(Phase.generate,),
    database=None,
    suppress_health_check=list(HealthCheck),
    print_blob=False,
)


@pytest.mark.hypothesis
@pytest.mark.django_db
def test_whatever_is_done_the_session_is_its_log_and_its_pages_are_what_was_done(
    user: User, clock: Clock
) -> None:
    run_state_machine_as_test(
        lambda: SessionMachine(user, InProcess(), clock),
        settings=settings(COMMON, max_examples=examples(16), stateful_step_count=25),
    )


@pytest.mark.hypothesis
@pytest.mark.django_db(transaction=True)
def test_the_same_holds_at_the_real_server_with_several_workers(server: Server) -> None:
    """No process knows what another remembers; here the clock is the real one."""
    user = UserFactory()
    run_state_machine_as_test(
        lambda: SessionMachine(user, server.transport, None),
        settings=settings(COMMON, max_examples=examples(4), stateful_step_count=25),
    )
