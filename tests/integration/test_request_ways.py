"""The files that two requests cross, as docs/architecture.md draws them.

Note [Traced ways]
    A real request is profiled, and each of the product's files is noted when the request first
    enters it. The diagrams must show these files in that order, and their arrows must be calls that
    were made. Left out are the files that every request crosses, and leaves: files that answer
    their caller's question and call no file on the way but back to their caller. A file that is
    new on the way fails the test until it is drawn, or left out below with a reason.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

import pytest
from django.contrib.auth.models import User

from tests.support.small_datasets import publish
from tests.support.studio_client import Studio
from tests.support.users import token_of

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).parents[2]
OWN_PACKAGES = ("data_tools", "session_events", "hydroml")

EVERY_REQUEST = {
    "data_tools/http/observed_requests.py": "middleware: the trace id and the activity",
    "data_tools/observing/trace.py": "holds the trace id",
    "data_tools/observing/activity.py": "counts what the request does and takes",
    "data_tools/observing/request_line.py": "logs what the request did and took",
    "data_tools/observing/log_formats.py": "writes that line",
    "data_tools/observing/log_lines.py": "puts its route in place of its path",
    "data_tools/observing/metrics.py": "counts it for Prometheus",
    "session_events/spans.py": "tells of each step to whoever measures",
    "session_events/unfailing.py": "keeps what those raise from the work",
    "data_tools/http/performance_headers.py": "middleware: the time that it took",
    "data_tools/http/request_limits.py": "middleware: until when it must be answered",
    "data_tools/under_way/requests.py": "the value that holds this deadline",
    "data_tools/http/admission.py": "middleware and view: whether the request is let in",
    "data_tools/under_way/admission.py": "how much of its caller's is let in",
    "data_tools/under_way/admission_gates.py": "counts what is let in",
    "data_tools/http/addresses.py": "middleware: the spelling of the address",
    "data_tools/http/throttling.py": "middleware and view: the rate limit",
    "data_tools/http/address_blocks.py": "middleware: whose address it is",
    "data_tools/http/authentication.py": "whose token it is",
    "data_tools/services/demo_account.py": "whether the account is the demo's",
    "data_tools/services/token_service.py": "when the token was last used",
    "data_tools/http/capabilities.py": "what the client says that it understands",
    "data_tools/http/json_answers.py": "the answer as bytes",
    "data_tools/views/api/answer_budget.py": "whether the answer is too large to be sent",
    "data_tools/http/private_answers.py": "middleware: whether a cache may keep the answer",
    "data_tools/under_way/watchdog.py": "ends what a request waits for in vain",
    "data_tools/sql/postgres/base.py": "each connection",
    "data_tools/sql/postgres/connections.py": "each statement: whether it reads",
    "data_tools/sql/postgres/calls.py": "each statement: until when it may run",
    "data_tools/views/api/api_view.py": "the base of every endpoint",
    "data_tools/views/api/negotiation.py": "the form of the answer",
    "data_tools/features.py": "whether a feature is switched on",
    "data_tools/models/__init__.py": "the tables",
    "data_tools/written_json.py": "a column of JSON",
}
PAGE_LEAVES = {
    "data_tools/views/api/conditional.py": "reads `If-None-Match` and writes `ETag`",
    "session_events/heads.py": "turns the head's row into a value",
    "session_events/state.py": "looks for an operation that this server does not know",
    "data_tools/services/session_request.py": "the value that says which rows to show",
    "data_tools/rows/answer_room.py": "says how much has room in an answer",
    "data_tools/rows/on_demand.py": "makes a row's values when the answer is written",
    "data_tools/row_tables/placement.py": "says in which table the rows lie",
    "data_tools/replica/reading.py": "says whether a standby may be asked",
    "data_tools/sql/fragment.py": "puts literals of SQL and their parameters together",
}
VALIDATE_LEAVES = {
    "data_tools/views/api/studio_view.py": "reads the query parameters",
    "data_tools/services/session_lookup.py": "holds the query for the user's dataset",
    "session_events/heads.py": "reads where the stream ends",
    "session_events/snapshots.py": "reads the newest snapshot and checks its digest",
    "session_events/store.py": "reads the events",
    "session_events/envelope.py": "hashes and decodes an event",
    "session_events/state.py": "folds an event",
    "session_events/conf.py": "reads the settings",
    "data_tools/answers/shared_values.py": "writes the values that many answers have in common",
    "session_events/lifetime.py": "computes when the session expires, for the decision",
    "session_events/recovery/source_changes.py": "words the decision's options on new rows",
    "session_events/recovery/verdicts.py": "words the decision's other options",
}


@dataclass
class Way:
    """The files that a request entered, in order, and the files that each of them called."""

    files: list[str] = field(default_factory=list)
    calls: dict[str, set[str]] = field(default_factory=dict)

    def enter(self, frame: FrameType) -> None:
        """Note the file of a frame that was just entered, and the file that called it."""
        entered = own_file(frame)
        if entered is None:
            return
        if entered not in self.files:
            self.files.append(entered)
        caller = calling_file(frame)
        if caller is not None and caller != entered:
            self.calls.setdefault(caller, set()).add(entered)


def own_file(frame: FrameType) -> str | None:
    """Return the frame's file, relative to the repository, if it is one of ours."""
    path = Path(frame.f_code.co_filename)
    if not path.is_relative_to(ROOT):
        return None
    relative = path.relative_to(ROOT)
    return str(relative) if relative.parts[0] in OWN_PACKAGES else None


def calling_file(frame: FrameType) -> str | None:
    """Return the nearest caller's file of ours; libraries in between are passed over."""
    caller = frame.f_back
    while caller is not None and own_file(caller) is None:
        caller = caller.f_back
    return None if caller is None else own_file(caller)


def way_of(request: Callable[[], object]) -> Way:
    """Carry the request out and return its way."""
    way = Way()
    sys.setprofile(lambda frame, event, _: way.enter(frame) if event == "call" else None)
    try:
        request()
    finally:
        sys.setprofile(None)
    return way


def drawn_files(heading: str) -> dict[str, str]:
    """Return the files in the diagram under a heading by the names of their nodes, in order."""
    return dict(re.findall(r'^    (\w+)\["([\w/.]+\.py)"\]$', section(heading), re.MULTILINE))


def drawn_calls(heading: str) -> set[tuple[str, str]]:
    """Return the arrows of the diagram under a heading, each from a file to a file."""
    files = drawn_files(heading)
    arrows = re.findall(r"^    (\w+) -->(?:\|[^|]+\|)? (\w+)$", section(heading), re.MULTILINE)
    return {(files[caller], files[called]) for caller, called in arrows}


def section(heading: str) -> str:
    """Return the text under a heading of docs/architecture.md, up to the next heading."""
    text = (ROOT / "docs" / "architecture.md").read_text()
    _, found, rest = text.partition(f"\n## {heading}\n")
    assert found, f"docs/architecture.md has no heading {heading!r}"
    return rest.partition("\n## ")[0]


@pytest.fixture
def studio(user: User) -> Studio:
    """A session on a small dataset, opened and looked at, so that nothing is read first."""
    studio = Studio(datasource_id=publish(user).pk, token=token_of(user))
    assert studio.post("session/initialize/").status == 200
    for path in ("data/", "session/validate/"):
        assert studio.get(path).status == 200
    return studio


WAYS = pytest.mark.parametrize(
    ("path", "heading", "leaves", "most_files"),
    [
        ("data/", "The way of a page", PAGE_LEAVES, 15),
        ("session/validate/", "The way of validate", VALIDATE_LEAVES, 8),
    ],
    ids=["a page", "validate"],
)


@WAYS
def test_the_document_draws_the_files_that_a_request_crosses(
    studio: Studio, path: str, heading: str, leaves: dict[str, str], most_files: int
) -> None:
    way = way_of(lambda: studio.get(path))

    steps = [file for file in way.files if file not in EVERY_REQUEST and file not in leaves]
    assert steps == list(drawn_files(heading).values())
    assert len(steps) <= most_files


@WAYS
def test_every_arrow_is_a_call_and_leads_to_every_file_but_the_first(
    studio: Studio, path: str, heading: str, leaves: dict[str, str], most_files: int
) -> None:
    way = way_of(lambda: studio.get(path))

    arrows = drawn_calls(heading)
    assert arrows <= {(file, called) for file in way.files for called in way.calls.get(file, ())}
    assert {called for _, called in arrows} == {*list(drawn_files(heading).values())[1:]}


@WAYS
def test_a_leaf_is_entered_and_calls_no_file_on_the_way(
    studio: Studio, path: str, heading: str, leaves: dict[str, str], most_files: int
) -> None:
    way = way_of(lambda: studio.get(path))

    assert set(leaves) <= {*way.files}
    for leaf in leaves:
        callers = {file for file, called in way.calls.items() if leaf in called}
        assert way.calls.get(leaf, set()) - callers <= {*leaves, *EVERY_REQUEST}, leaf


@WAYS
def test_the_document_names_the_leaves(
    studio: Studio, path: str, heading: str, leaves: dict[str, str], most_files: int
) -> None:
    listed = "".join(re.findall(r"^(?:- |  ).*\n", section(heading), re.MULTILINE))

    assert set(re.findall(r"`([\w/.]+\.py)`", listed)) == set(leaves)
