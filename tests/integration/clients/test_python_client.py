"""The Python client, against the running service and against servers that misbehave."""

from __future__ import annotations

import ast
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from django.contrib.auth.models import User
from hydroml_client import NoAnswer, Session, Studio, StudioError, Undecided, sending

from tests.support.documents import blocks_of
from tests.support.processes import PACKAGES
from tests.support.serving import Server
from tests.support.users import token_of

CLIENT = PACKAGES / "clients" / "python"
ROWS = "name,len,day\nshort,,2026-01-02\nlong,4,2026-01-03\n"


@pytest.fixture
def sizes(tmp_path: Path) -> Path:
    path = tmp_path / "sizes.csv"
    path.write_text(ROWS)
    return path


@pytest.mark.django_db(transaction=True)
class TestAgainstTheService:
    @pytest.fixture
    def studio(self, server: Server, user: User) -> Iterator[Studio]:
        with Studio(f"http://127.0.0.1:{server.port}", token_of(user)) as studio:
            yield studio

    def test_the_examples_of_its_readme_are_true(
        self,
        server: Server,
        user: User,
        sizes: Path,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.chdir(tmp_path)
        names: dict[str, Any] = {
            "ADDRESS": f"http://127.0.0.1:{server.port}",
            "TOKEN": token_of(user),
        }
        said = ""
        compared = 0
        for block in blocks_of((CLIENT / "README.md").read_text()):
            if block.language == "text":
                assert said == block.text, block.line
                compared += 1
            else:
                said = run_as_in_a_notebook(block.text, names)
        names["studio"].close()
        assert compared == 4

    def test_a_file_is_loaded_and_found_again(self, studio: Studio, sizes: Path) -> None:
        seen: list[str] = []

        loaded = studio.upload(
            sizes, name="Sizes", on_progress=lambda dataset: seen.append(dataset.status)
        )

        assert (loaded.name, loaded.status, loaded.row_count) == ("Sizes", "READY", 2)
        assert seen[-1] == "READY"
        assert loaded in list(studio.datasets())

    def test_a_file_that_cannot_be_read_is_an_error_that_says_why(
        self, studio: Studio, tmp_path: Path
    ) -> None:
        path = tmp_path / "ragged.csv"
        path.write_text("a,b\n1,2\n1,2,3\n")

        with pytest.raises(StudioError, match="DATASOURCE_FAILED: .*line 3"):
            studio.upload(path)

    def test_a_page_and_all_rows_are_the_same_frame_with_the_types_of_the_columns(
        self, studio: Studio, tmp_path: Path
    ) -> None:
        path = tmp_path / "typed.csv"
        path.write_text(
            "big,part,is_on,day,at,there,word\n"
            "9007199254740993,0.1,true,0999-01-02,2026-01-02T03:04:05.000006,2026-01-02T00:00Z,é\n"
            ",,,,,,\n"
        )
        session = studio.open(studio.upload(path))

        page, whole = session.page().frame(), session.frame()

        # A file says moments in the coarsest unit that holds them all.
        pd.testing.assert_frame_equal(page, whole, check_dtype=False)
        assert page["big"].tolist()[0] == 9007199254740993
        assert str(page.dtypes["big"]) == "int64[pyarrow]"
        assert page["day"].tolist()[0].isoformat() == "0999-01-02"
        assert page["at"].tolist()[0].microsecond == 6
        assert page["there"].tolist()[0].tzinfo is not None
        assert page.isna().iloc[1].all()

    def test_steps_are_taken_back_and_taken_again(self, studio: Studio, sizes: Path) -> None:
        session = studio.open(studio.upload(sizes))
        session.perform("rename_column", old_name="len", new_name="length")

        session.undo()
        assert "len" in session.page().types
        session.redo()
        assert "length" in session.page().types

    def test_a_change_of_somebody_else_is_a_conflict_for_who_asks(
        self, studio: Studio, sizes: Path
    ) -> None:
        session = studio.open(studio.upload(sizes))
        seen = session.page().version
        session.perform("rename_column", old_name="len", new_name="length")

        with pytest.raises(StudioError) as refused:
            session.perform("rename_column", old_name="day", new_name="date", expected_version=seen)

        assert refused.value.code == "SESSION_CONFLICT"
        assert session.send(refused.value.actions[0])["success"]

    def test_a_paused_session_comes_back_by_itself(self, studio: Studio, sizes: Path) -> None:
        dataset = studio.upload(sizes)
        session = studio.open(dataset)
        session.perform("rename_column", old_name="len", new_name="length")
        session.post("session/pause/")

        assert "length" in studio.open(dataset).page().types

    def test_one_that_was_put_away_comes_back_if_somebody_chooses_so(
        self, studio: Studio, sizes: Path
    ) -> None:
        dataset = studio.upload(sizes)
        session = studio.open(dataset)
        session.perform("rename_column", old_name="len", new_name="length")
        session.post("session/clear/")

        with pytest.raises(Undecided) as undecided:
            studio.open(dataset)
        assert len(undecided.value.options) > 1
        reopened = studio.open(dataset, lambda verdict: verdict["recovery_options"][0])
        assert "length" in reopened.page().types

    def test_rows_are_written_to_a_file(self, studio: Studio, sizes: Path, tmp_path: Path) -> None:
        session = studio.open(studio.upload(sizes))

        session.export(tmp_path / "out.csv", sort="len")

        assert (tmp_path / "out.csv").read_text() == (
            "name,len,day\nlong,4,2026-01-03\nshort,,2026-01-02\n"
        )

    def test_a_refused_export_leaves_no_file(
        self, studio: Studio, sizes: Path, tmp_path: Path
    ) -> None:
        session = studio.open(studio.upload(sizes))

        with pytest.raises(StudioError, match="COLUMN_NOT_FOUND"):
            session.export(tmp_path / "out.csv", sort="nothing")

        assert [path.name for path in tmp_path.iterdir()] == ["sizes.csv"]


Answers = list[tuple[int, dict[str, str], str]]
FINE = (200, {}, '{"success": true}')


@contextmanager
def serving(answers: Answers) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Serve the given answers in order, the last one again; yields the address and what came.

    Status 0 breaks the connection.
    """
    received: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            received.append(json.loads(content) if content else {})
            status, headers, text = answers[min(len(received), len(answers)) - 1]
            if status == 0:
                self.connection.close()
                return
            self.send_response(status)
            for name, value in {"Content-Length": str(len(text)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text.encode())

        do_GET = do_POST = answer

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", received
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def session_at(answers: Answers) -> Iterator[tuple[Session, list[dict[str, Any]]]]:
    with serving(answers) as (address, received), Studio(address, "token") as studio:
        yield studio.session("1"), received


def refusal(
    code: str, status: int, *, retryable: bool, headers: dict[str, str] | None = None
) -> Any:
    error = {"code": code, "user_message": "Not now.", "retryable": retryable}
    return status, headers or {}, json.dumps({"success": False, "error": error})


class TestAgainstServersThatMisbehave:
    @pytest.fixture(autouse=True)
    def pauses(self, monkeypatch: pytest.MonkeyPatch) -> list[float]:
        """The pauses that were asked for; none is made."""
        pauses: list[float] = []
        # A module of its own, since other threads of the test process sleep as well.
        monkeypatch.setattr(sending, "time", SimpleNamespace(sleep=pauses.append))
        return pauses

    @pytest.mark.parametrize(
        "answer",
        [
            pytest.param((0, {}, ""), id="broken connection"),
            pytest.param((502, {}, "<h1>Bad gateway</h1>"), id="gateway's page"),
            pytest.param((200, {}, "<h1>Sign in</h1>"), id="page in place of an answer"),
            pytest.param(refusal("DATABASE_BUSY", 503, retryable=True), id="may pass"),
        ],
    )
    @pytest.mark.parametrize(
        "ask", [lambda session: session.get("data/"), lambda session: session.undo()]
    )
    def test_what_is_safe_is_sent_again_as_it_was(
        self, answer: Any, ask: Callable[[Any], Any], pauses: list[float]
    ) -> None:
        with session_at([answer, answer, FINE]) as (session, received):
            assert ask(session) == {"success": True}

        assert len(received) == 3
        assert received[0] == received[1] == received[2]
        assert 0 < pauses[0] <= 0.3
        assert 0.3 <= pauses[1] <= 0.6

    def test_a_post_without_an_id_is_sent_once(self) -> None:
        with session_at([(0, {}, ""), FINE]) as (session, received):
            with pytest.raises(NoAnswer):
                session.post("session/clear/")

        assert len(received) == 1

    def test_the_service_says_how_long_to_wait(self, pauses: list[float]) -> None:
        busy = refusal("THROTTLED", 429, retryable=True, headers={"Retry-After": "7"})
        with session_at([busy, FINE]) as (session, _):
            session.get("data/")

        assert pauses[0] > 7

    def test_a_long_wait_is_left_to_the_caller(self) -> None:
        busy = refusal("THROTTLED", 429, retryable=True, headers={"Retry-After": "3600"})
        with session_at([busy, FINE]) as (session, received):
            with pytest.raises(StudioError) as refused:
                session.get("data/")

        assert refused.value.retry_after_seconds == 3600
        assert len(received) == 1

    @pytest.mark.parametrize(
        ("answer", "code"),
        [
            (refusal("INVALID_SORT", 400, retryable=False), "INVALID_SORT"),
            ((413, {}, "<h1>Too large</h1>"), "REFUSED_ON_THE_WAY"),
        ],
    )
    def test_what_is_final_is_not_asked_for_again(self, answer: Any, code: str) -> None:
        with session_at([answer, FINE]) as (session, received):
            with pytest.raises(StudioError) as refused:
                session.get("data/")

        assert refused.value.code == code
        assert len(received) == 1

    def test_a_file_that_breaks_off_is_none(self, tmp_path: Path) -> None:
        broken = (200, {"Content-Length": "100"}, "name\n")
        with session_at([broken]) as (session, _):
            with pytest.raises(NoAnswer):
                session.export(tmp_path / "a.csv")

        assert list(tmp_path.iterdir()) == []


def run_as_in_a_notebook(text: str, names: dict[str, Any]) -> str:
    """Run a cell; return what it prints, or else its last expression as a notebook shows it."""
    tree = ast.parse(text)
    last = tree.body[-1]
    printed = StringIO()
    with redirect_stdout(printed):
        if not isinstance(last, ast.Expr):
            exec(compile(tree, "README.md", "exec"), names)
            return printed.getvalue().rstrip()
        exec(compile(ast.Module(tree.body[:-1], []), "README.md", "exec"), names)
        value = eval(compile(ast.Expression(last.value), "README.md", "eval"), names)
    return printed.getvalue().rstrip() or repr(value)
