"""Every example in the documents is run, in order, and answered as it is written.

See `tests.support.documents` Note [Examples that are run].
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from urllib.parse import quote

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.contrib.auth.models import User
from django.core.management import call_command
from pytest_django import DjangoDbBlocker

from data_tools.ingest import load_file
from data_tools.models import DataSource
from data_tools.openapi.autoschema import DESCRIPTIONS, MOUNT
from tests.support.documented_answers import Names, differences, filled_in, matches, written
from tests.support.documents import DOCUMENTS, ROOT, Example, Message, examples_of
from tests.support.patience import PATIENCE_SECONDS
from tests.support.serving import Server
from tests.support.studio_client import Answer
from tests.support.users import UserFactory

WRITTEN_ADDRESS = "http://127.0.0.1:8000"
ROWS_IN_SMALL_FILES = 1_000
RUN_DOCUMENTS = [path for path in DOCUMENTS if examples_of(path.read_text())]


@pytest.fixture(scope="module")
def flights(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, flights_csv: Path
) -> Iterator[DataSource]:
    """All flights, loaded once for all documents; everything is removed behind the last."""
    with django_db_blocker.unblock():
        loaded = load_file(flights_csv, owner=UserFactory(), name="flights")
        assert loaded.status == DataSource.Status.READY
        yield loaded
        call_command("flush", interactive=False, verbosity=0)


@pytest.fixture(scope="module")
def service(flights: DataSource, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The service as `make run` starts it, whose user the documents sign in as.

    Calls are limited, as operators' are, and a reader's page turns are one event however slowly
    they read.
    """
    with Server(
        log=tmp_path_factory.mktemp("service") / "log",
        workers=2,
        environment={
            "DJANGO_SETTINGS_MODULE": "hydroml.settings_demo",
            "RATE_LIMITS": "true",
            "SESSION_VIEW_CHANGE_INTERVAL_SECONDS": "86400",
        },
    ) as running:
        yield running


@pytest.fixture(scope="module", params=RUN_DOCUMENTS, ids=lambda path: path.name)
def document(
    request: pytest.FixtureRequest, flights: DataSource, django_db_blocker: DjangoDbBlocker
) -> Path:
    """A document, whose reader is the user that `make run` makes and has not done anything yet."""
    with django_db_blocker.unblock():
        User.objects.filter(username="demo").update(username=f"reader {User.objects.count()}")
        hasher = PBKDF2PasswordHasher()  # of the service; the tests' own is one that it refuses
        demo = UserFactory(username="demo")
        demo.password = hasher.encode("demo", hasher.salt())
        demo.save()
        DataSource.objects.filter(pk=flights.pk).update(owner=demo)
    return request.param


@pytest.fixture
def folder(tmp_path: Path, flights_csv: Path) -> Path:
    """Where the shell is: with the first flights as a file, and more of them in another."""
    with flights_csv.open() as lines:
        head, *rows = islice(lines, 2 * ROWS_IN_SMALL_FILES + 1)
    (tmp_path / "january.csv").write_text("".join([head, *rows[:ROWS_IN_SMALL_FILES]]))
    (tmp_path / "winter.csv").write_text("".join([head, *rows]))
    return tmp_path


@dataclass(slots=True, kw_only=True)
class Reader:
    """Does what a document says, and says where the service did otherwise."""

    service: Server
    folder: Path
    names: Names = field(default_factory=dict)

    def follow(self, example: Example) -> list[str]:
        if example.request is None or example.answer is None:
            return self._run(example.block.text)
        return self._held(example.answer, self._sent(example.request))

    def _sent(self, request: Message) -> Answer:
        method, path = request.start
        headers = dict(request.headers)
        if request.body:
            headers.setdefault("Content-Type", "application/json")
        if "token" in self.names:
            headers.setdefault("Authorization", "Token <token>")
        return self.service.transport.send(
            method,
            quote(filled_in(path, self.names), safe="/?&=,%"),
            content=filled_in(request.body, self.names).encode(),
            headers={name: filled_in(value, self.names) for name, value in headers.items()},
        )

    def _held(self, expected: Message, answer: Answer) -> list[str]:
        if not str(answer.status).startswith(expected.start[0]):
            return [f"the status is {answer.status}: {answer.content[:600].decode()}"]
        came = {name.lower(): value for name, value in answer.headers.items()}
        found = [
            f"{name} is {came.get(name.lower())!r}, and {value!r} is written"
            for name, value in expected.headers.items()
            if not matches(value, came.get(name.lower(), ""), self.names)
        ]
        if expected.body:
            found += differences(written(expected.body), answer.body, self.names)
        elif answer.content:
            found.append(f"the answer has a body: {answer.content[:300]!r}")
        return found

    def _run(self, text: str) -> list[str]:
        found: list[str] = []
        for command, output in said_and_printed(text):
            printed = self._shell(filled_in(command, self.names))
            output = output.replace(WRITTEN_ADDRESS, self._address)
            if output.startswith(('{"', "[{")):
                found += differences(written(output), json.loads(printed), self.names, command)
            elif not matches(output, printed, self.names):
                found.append(f"$ {command}\nprints {printed!r}, and {output!r} is written")
        return found

    @property
    def _address(self) -> str:
        return f"http://127.0.0.1:{self.service.port}"

    def _shell(self, command: str) -> str:
        """Run a command; what it defines is there for the next."""
        defined = self.folder / ".defined"
        defined.touch()
        script = (
            f"set -a; . {defined}\n"
            f"{command.replace(WRITTEN_ADDRESS, self._address)}\n"
            f"code=$?; {{ export -p; declare -f; }} > {defined}; exit $code"
        )
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=self.folder,
            env=os.environ | {"LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
        )
        assert done.returncode == 0, f"$ {command}\n{done.stdout}{done.stderr}"
        return done.stdout.strip()


def said_and_printed(text: str) -> list[tuple[str, str]]:
    """Each command of a console block, with its continued lines, and what is written below it."""
    commands: list[tuple[list[str], list[str]]] = []
    for line in text.splitlines():
        if line.startswith("$ "):
            commands.append(([line[2:]], []))
        elif commands and not commands[-1][1] and commands[-1][0][-1].endswith("\\"):
            commands[-1][0].append(line)
        else:
            commands[-1][1].append(line)
    return [("\n".join(said), "\n".join(printed)) for said, printed in commands]


@pytest.mark.django_db  # which commits nothing: what the service sees is made by the fixtures
def test_every_example_of_a_document_is_answered_as_it_is_written(
    document: Path, service: Server, folder: Path
) -> None:
    reader = Reader(service=service, folder=folder)

    for example in examples_of(document.read_text()):
        found = reader.follow(example)

        where = f"{document.relative_to(ROOT)}:{example.block.line}"
        assert found == [], f"{where}\n{example.block.text}\n\n" + "\n".join(found)


@pytest.mark.parametrize(("method", "path"), DESCRIPTIONS, ids=" ".join)
def test_the_guide_has_an_example_of_every_endpoint(method: str, path: str) -> None:
    address = path if path.startswith("/") else MOUNT + path
    pattern = re.sub(r"\\{\w+\\}", r"[^/?\\s\"]+", re.escape(address))

    assert any(
        asked == method and re.fullmatch(pattern, at.partition("?")[0])
        for asked, at in asked_for(ROOT / "docs" / "guide.md")
    ), f"docs/guide.md has no example of {method} {address}"


def asked_for(document: Path) -> Iterator[tuple[str, str]]:
    """The method and the path of every request that a document's examples make."""
    for example in examples_of(document.read_text()):
        if example.request is not None:
            method, path = example.request.start
            yield method, path
            continue
        for command, _ in said_and_printed(example.block.text):
            asked = re.search(r"-X (\w+)", command)
            sends = re.search(r" (-d|-F|--data\S*) ", command)
            for path in re.findall(rf"{WRITTEN_ADDRESS}(/[^\s\"']*)", command):
                yield (asked[1] if asked else "POST" if sends else "GET"), path
