"""Bad input to every endpoint gets the error object, the right status, and changes nothing."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import orjson
import pytest
from django.contrib.auth.models import User
from django.urls import URLPattern, URLResolver
from pytest_django import DjangoDbBlocker

from data_tools import urls
from data_tools.models import ApiToken, DataSource
from tests.contract.endpoints import (
    ENDPOINTS,
    LONG,
    NOT_THE_API,
    SOME_WRONG_PAGES,
    WRONG_COMMANDS,
    WRONG_PAGES_IN_JSON,
    Endpoint,
)
from tests.contract.error_shape import faults
from tests.support.small_datasets import publish
from tests.support.studio_client import (
    CANONICAL_MOUNT,
    MOUNTS,
    STRUCTURED,
    Answer,
    Studio,
)
from tests.support.studios import fill, open_studio, rename, signed_in_studio
from tests.support.uploads import MULTIPART, part
from tests.support.users import UserFactory
from tests.support.written_log import everything

pytestmark = pytest.mark.django_db

CLIENTS = pytest.mark.parametrize("capable", [False, True], ids=["sentence", "object"])


def endpoints(**having: Any) -> Any:
    """Parametrize a test with the endpoints that have these properties."""
    chosen = [
        endpoint
        for endpoint in ENDPOINTS
        if all(getattr(endpoint, name) == value for name, value in having.items())
    ]
    return pytest.mark.parametrize("endpoint", chosen, ids=str)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A user's session with an operation to undo and one to redo, and somebody else's dataset."""

    user: User
    datasource: DataSource
    foreign: DataSource
    studio: Studio

    def call(
        self, endpoint: Endpoint, *, capable: bool = True, studio: Studio | None = None, **how: Any
    ) -> Answer:
        """Send the request that works, changed by `how`: content, query, headers, over."""
        studio = studio or self.studio
        fields = {**endpoint.works, **how.pop("over", {})}
        if endpoint.method == "GET":
            how.setdefault("query", fields)
        elif endpoint.is_upload:
            how.setdefault("content", part("file", b"a,b\n1,2\n", "small.csv") + b"--x--\r\n")
            how["headers"] = {**MULTIPART, **how.get("headers", {})}
        elif endpoint.reads_json:
            how.setdefault("content", orjson.dumps(fields))
        how["headers"] = {**(STRUCTURED if capable else {}), **how.get("headers", {})}
        path = endpoint.path.format(
            datasource_id=studio.datasource_id,
            column=endpoint.column,
            token_id=ApiToken.objects.latest("created").public_id,
        )
        return studio.request(how.pop("method", endpoint.method), path, **how)

    def on(self, datasource_id: uuid.UUID) -> Studio:
        return replace(self.studio, datasource_id=datasource_id)


@pytest.fixture(scope="module")
def scene(module_db: None, django_db_blocker: DjangoDbBlocker) -> Scene:
    """For requests that are refused, and so leave it as it is for the next test."""
    with django_db_blocker.unblock():
        return new_scene(UserFactory(username="ada"))


@pytest.fixture
def own_scene(scene: Scene) -> Scene:
    """For requests that change something."""
    return new_scene(scene.user)


def new_scene(user: User) -> Scene:
    datasource = publish(user)
    studio = open_studio(user, datasource, steps=[fill("carrier", "mode"), rename("delay", "late")])
    undone = studio.post("session/undo/")
    assert (undone.body["can_undo"], undone.body["can_redo"]) == (True, True)
    return Scene(user=user, datasource=datasource, foreign=publish(UserFactory()), studio=studio)


def refuse(
    scene: Scene, endpoint: Endpoint, attempts: Iterator[tuple[str, str, Answer]], *, capable: bool
) -> None:
    """Assert that each attempt, (label, code, answer), was refused and nothing was changed."""
    before = everything()
    found = [
        f"{label[:100]}: {fault}: {answer!r}"
        for label, code, answer in attempts
        for fault in faults(
            answer,
            code,
            sentence=endpoint.is_existing and not capable,
            answers_200=endpoint.answers_200_when_refused,
        )
    ]
    assert not found, "\n".join(found)
    assert everything() == before


# Every endpoint is in the table, and the table's requests work


def served() -> set[str]:
    """Every path of `data_tools.urls`, as the table spells it."""
    paths: set[str] = set()
    for pattern in urls.urlpatterns:
        route = "/" + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            assert route.removesuffix("<uuid:datasource_id>/") in MOUNTS
            below = (str(each.pattern) for each in pattern.url_patterns)
            paths |= {path.replace("<path:column>", "{column}") for path in below}
        else:
            assert isinstance(pattern, URLPattern)
            paths.add(re.sub(r"<uuid:(\w+)>", r"{\1}", route))
    return paths


def test_every_endpoint_that_is_served_is_in_the_table() -> None:
    assert served() == {endpoint.path for endpoint in ENDPOINTS} | NOT_THE_API


def test_every_mount_serves_the_same_endpoints() -> None:
    below = [
        [str(pattern.pattern) for pattern in resolver.url_patterns]
        for resolver in urls.urlpatterns
        if isinstance(resolver, URLResolver)
    ]

    assert len(below) == len(MOUNTS)
    assert all(paths == below[0] for paths in below)


@endpoints()
def test_the_request_that_bad_input_is_derived_from_works(
    own_scene: Scene, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("data_tools.services.dataset_service.start_ingest", lambda datasource: None)

    answer = own_scene.call(endpoint)

    assert answer.status in (200, 201, 202), answer


# What is in the request


@CLIENTS
@endpoints()
def test_a_wrong_value_is_refused_and_changes_nothing(
    scene: Scene, endpoint: Endpoint, capable: bool
) -> None:
    wrong = [*endpoint.wrong]
    if endpoint.takes_commands:
        wrong += WRONG_COMMANDS
    if endpoint.takes_commands and endpoint.shows_rows:
        wrong += [*SOME_WRONG_PAGES, *WRONG_PAGES_IN_JSON]
    if not capable:  # the form of an error depends on its code alone
        wrong = list({code: (over, code) for over, code in wrong}.values())
    attempts = (
        (repr(over), code, scene.call(endpoint, capable=capable, over=over)) for over, code in wrong
    )

    refuse(scene, endpoint, attempts, capable=capable)


@CLIENTS
@endpoints(takes_commands=True, shows_rows=True)
def test_a_wrong_page_in_the_query_is_refused_before_anything_is_done(
    scene: Scene, endpoint: Endpoint, capable: bool
) -> None:
    attempts = (
        (repr(over), code, scene.call(endpoint, capable=capable, query=over))
        for over, code in SOME_WRONG_PAGES
    )

    refuse(scene, endpoint, attempts, capable=capable)


CONTENT_THAT_IS_NO_JSON = (
    *(b"{", b"nul", b" ", b"{'a': 1}", b'{"a": 1,}', b'{"a": 1}{"b": 2}', b"\xef\xbb\xbf{}"),
    *(b'{"a": NaN}', b'{"a": Infinity}', b'{"a": -Infinity}', b'{"a": 1e999}', b"\x00"),
    *(b'{"a": "\\ud800"}', b'{"\\udfff": 1}', b'{"a": "\xff"}', b'{"a": "\x00"}'),
    '{"a": 1}'.encode("utf-16"),
    b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
)
CONTENT_THAT_IS_NO_OBJECT = (b"[]", b'[{"a": 1}]', b'"text"', b"null", b"5", b"1.5", b"true")


@CLIENTS
@endpoints(reads_json=True)
def test_a_body_that_is_not_a_json_object_is_refused_and_changes_nothing(
    scene: Scene, endpoint: Endpoint, capable: bool
) -> None:
    contents = [(content, "INVALID_JSON") for content in CONTENT_THAT_IS_NO_JSON]
    contents += [(content, "INVALID_BODY") for content in CONTENT_THAT_IS_NO_OBJECT]
    if not capable:
        contents = contents[-len(CONTENT_THAT_IS_NO_OBJECT) - 1 :: 4]
    attempts = (
        (repr(content), code, scene.call(endpoint, capable=capable, content=content))
        for content, code in contents
    )

    refuse(scene, endpoint, attempts, capable=capable)


@endpoints(reads_json=True)
def test_a_body_nested_deeper_than_any_request_is_refused_and_changes_nothing(
    scene: Scene, endpoint: Endpoint
) -> None:
    """orjson reads 1,024 levels, more than Python's stack allows; the id requires a digest."""

    def nested(depth: int) -> bytes:
        levels = b"[" * depth + b"]" * depth
        return b'{"client_operation_id": "%s", "a": %s}' % (str(uuid.uuid4()).encode(), levels)

    attempts = (
        (f"{depth} levels", "INVALID_BODY", scene.call(endpoint, content=nested(depth)))
        for depth in (100, 500, 950, 980, 1000, 1020)
    )

    refuse(scene, endpoint, attempts, capable=True)


@endpoints(reads_json=True)
def test_a_body_of_megabytes_is_refused_and_changes_nothing(
    scene: Scene, endpoint: Endpoint
) -> None:
    content = b'{"a": "%s"}' % (LONG.encode() * 4)
    attempts = iter([("4 MB", "PAYLOAD_TOO_LARGE", scene.call(endpoint, content=content))])

    refuse(scene, endpoint, attempts, capable=True)


@CLIENTS
@endpoints(reads_json=True)
def test_another_content_type_is_refused_and_changes_nothing(
    scene: Scene, endpoint: Endpoint, capable: bool
) -> None:
    types = ["text/plain", "text/html", "x", "application/xml"]
    if not endpoint.reads_forms:
        types += ["application/x-www-form-urlencoded", MULTIPART["Content-Type"]]
    attempts = (
        (
            content_type,
            "UNSUPPORTED_MEDIA_TYPE",
            scene.call(endpoint, capable=capable, headers={"Content-Type": content_type}),
        )
        for content_type in types
        if not (endpoint.reads_plain_text and content_type == "text/plain")
    )

    refuse(scene, endpoint, attempts, capable=capable)


@endpoints()
def test_an_answer_in_another_format_is_refused_in_json(scene: Scene, endpoint: Endpoint) -> None:
    accepts = ("text/html", "application/xml", "image/png", "application/json2", "x")
    attempts = (
        (accept, "NOT_ACCEPTABLE", scene.call(endpoint, headers={"Accept": accept}))
        for accept in accepts
    )

    refuse(scene, endpoint, attempts, capable=True)


@endpoints()
def test_options_lists_the_allowed_methods_and_nothing_else(
    scene: Scene, endpoint: Endpoint
) -> None:
    answer = scene.call(endpoint, method="OPTIONS")

    assert (answer.status, answer.content) == (204, b"")
    assert {endpoint.method, "OPTIONS"} <= set(answer.headers["Allow"].split(", "))


@CLIENTS
@endpoints()
def test_another_method_is_refused_with_the_allowed_ones(
    scene: Scene, endpoint: Endpoint, capable: bool
) -> None:
    allowed = {other.method for other in ENDPOINTS if other.path == endpoint.path}
    others = {"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE"} - allowed

    def attempts() -> Iterator[tuple[str, str, Answer]]:
        for method in sorted(others):
            answer = scene.call(endpoint, capable=capable, method=method)
            assert allowed <= set(answer.headers["Allow"].split(", "))
            yield method, "METHOD_NOT_ALLOWED", answer

    refuse(scene, endpoint, attempts(), capable=capable)


# Who asks, and for what


@CLIENTS
@endpoints(needs_login=True)
def test_without_a_login_every_endpoint_answers_401_in_json(
    scene: Scene, endpoint: Endpoint, capable: bool
) -> None:
    def attempts() -> Iterator[tuple[str, str, Answer]]:
        for header in (
            *("", "Token", "Token ", "Token a b", "Token é", f"Token {'0' * 40}", "Token a\x00b"),
            *(f"Token {LONG[:8000]}", "Bearer x", "Basic YWRhOnBhc3N3b3Jk", "\x00"),
        ):
            headers = {"Authorization": header} if header else {}
            studio = Studio(datasource_id=scene.datasource.pk)
            answer = scene.call(endpoint, capable=capable, studio=studio, headers=headers)
            assert answer.headers["WWW-Authenticate"]
            yield header, "NOT_AUTHENTICATED", answer

    refuse(scene, endpoint, attempts(), capable=capable)


@endpoints(needs_login=True)
def test_a_forged_session_cookie_is_not_a_login(scene: Scene, endpoint: Endpoint) -> None:
    """Quoted octal in a cookie is how a NUL travels in a header."""
    studio = Studio(datasource_id=scene.datasource.pk)
    attempts = (
        (
            cookie,
            "NOT_AUTHENTICATED",
            scene.call(endpoint, studio=studio, headers={"Cookie": f"sessionid={cookie}"}),
        )
        for cookie in (
            '"\\000aaaaaaaaaaaaaaaa"',
            '"\\377aaaaaaaaaaaaaaaa"',
            "a",
            "é" * 32,
            "x" * 99,
        )
    )

    refuse(scene, endpoint, attempts, capable=True)


def of_a_dataset() -> Any:
    chosen = [e for e in ENDPOINTS if e.is_below_dataset or "{datasource_id}" in e.path]
    return pytest.mark.parametrize("endpoint", chosen, ids=str)


@CLIENTS
@of_a_dataset()
def test_somebody_elses_dataset_is_answered_like_one_that_does_not_exist(
    scene: Scene, endpoint: Endpoint, capable: bool
) -> None:
    missing = uuid.uuid4()
    answers = {
        which: scene.call(endpoint, capable=capable, studio=scene.on(which))
        for which in (scene.foreign.pk, missing)
    }
    attempts = ((str(which), "DATASOURCE_NOT_FOUND", a) for which, a in answers.items())

    refuse(scene, endpoint, attempts, capable=capable)
    theirs, nobodys = (neutral(answers[which], which) for which in (scene.foreign.pk, missing))
    assert theirs == nobodys


def neutral(answer: Answer, datasource_id: uuid.UUID) -> tuple[Any, ...]:
    """The answer without what differs between any two requests."""
    error = {**answer.error, "timestamp": "", "trace_id": ""}
    headers = {**answer.headers, "X-Trace-Id": "", "Server-Timing": "", "X-Response-Time": ""}
    sentence = answer.body["error"] if isinstance(answer.body["error"], str) else ""
    text = orjson.dumps([answer.status, sentence, error, sorted(headers.items())]).decode()
    return tuple(orjson.loads(text.replace(str(datasource_id), "<id>")))


@of_a_dataset()
def test_an_id_that_is_not_a_uuid_is_an_unknown_address(scene: Scene, endpoint: Endpoint) -> None:
    """An unknown address has no view, so every client gets the error object."""

    def attempts() -> Iterator[tuple[str, str, Answer]]:
        for written in (
            "1",
            "abc",
            "%00",
            "..",
            str(scene.datasource.pk)[:-1],
            "%ED%A0%80",
            "a" * 9000,
        ):
            studio = replace(scene.studio, datasource_id=written)
            yield written, "NOT_FOUND", scene.call(endpoint, studio=studio)

    refuse(scene, endpoint, attempts(), capable=True)


@pytest.mark.parametrize("mount", MOUNTS)
def test_an_unknown_address_below_any_mount_is_answered_in_json(scene: Scene, mount: str) -> None:
    for path in (
        f"{mount}",
        f"{mount}{scene.datasource.pk}/",
        f"{mount}{scene.datasource.pk}/x/y/",
    ):
        for method in ("GET", "POST", "DELETE"):
            answer = scene.studio.request(method, path)

            assert list(faults(answer, "NOT_FOUND", sentence=True)) == [], path


@pytest.mark.parametrize("mount", MOUNTS)
def test_bad_input_is_refused_alike_at_every_mount(scene: Scene, mount: str) -> None:
    studio = replace(scene.studio, mount=mount)
    rename = next(e for e in ENDPOINTS if e.path == "session/rename-column/")
    data = next(e for e in ENDPOINTS if e.path == "data/")

    def attempts() -> Iterator[tuple[str, str, Answer]]:
        for over, code in rename.wrong:
            yield repr(over), code, scene.call(rename, studio=studio, over=over)
        for over, code in data.wrong:
            yield repr(over), code, scene.call(data, studio=studio, over=over)

    refuse(scene, rename, attempts(), capable=True)


def test_a_request_for_another_host_is_refused_in_json(scene: Scene) -> None:
    answer = scene.studio.get("session/status/", headers={"Host": "evil.example"})

    assert list(faults(answer, "INVALID_REQUEST", sentence=True)) == []


# A login session, and where the request comes from


@pytest.fixture
def signed_in(scene: Scene) -> Studio:
    return signed_in_studio(scene.user, scene.datasource)


def changing() -> Any:
    chosen = [e for e in ENDPOINTS if e.method != "GET" and e.needs_login]
    return pytest.mark.parametrize("endpoint", chosen, ids=str)


FROM_ELSEWHERE: tuple[dict[str, str], ...] = (
    {},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "none"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver"},
    {"Sec-Fetch-Site": ""},
    {"Origin": "http://evil.example"},
    {"Origin": "https://testserver"},
    {"Origin": "http://testserver.evil.example"},
    {"Origin": "http://testserver:8001"},
    {"Origin": "http://evil@testserver"},
    {"Origin": "null"},
    {"Origin": "testserver"},
    {"Origin": "http://["},
    {"Origin": "\x00"},
    {"Referer": "http://testserver/"},
    {"X-CSRFToken": ""},
    {"X-CSRFToken": "a" * 32},
    {"Cookie": "csrftoken=" + "a" * 32, "X-CSRFToken": "b" * 32},
)


@CLIENTS
@changing()
def test_a_login_session_without_token_or_same_origin_is_refused_and_changes_nothing(
    scene: Scene, signed_in: Studio, endpoint: Endpoint, capable: bool
) -> None:
    session = signed_in.transport.client.cookies["sessionid"].value

    def attempts() -> Iterator[tuple[str, str, Answer]]:
        for headers in FROM_ELSEWHERE:
            cookies = f"sessionid={session}; {headers.get('Cookie', '')}"
            sent = {**headers, "Cookie": cookies}
            answer = scene.call(endpoint, capable=capable, studio=signed_in, headers=sent)
            yield repr(headers), "CSRF_FAILED", answer

    refuse(scene, endpoint, attempts(), capable=capable)


@pytest.mark.parametrize(
    "content_type", ["application/x-www-form-urlencoded", MULTIPART["Content-Type"]]
)
@pytest.mark.parametrize(
    "content",
    [
        b"a=" + b"x" * 3_000_000,
        b"a=1&" * 2_000,
        part("a", b"x" * 3_000_000),
        part("a", b"") * 1_500,
    ],
    ids=["long form", "many fields", "long part", "many parts"],
)
def test_a_form_too_large_to_search_for_a_csrf_token_is_refused(
    scene: Scene, signed_in: Studio, content: bytes, content_type: str
) -> None:
    """Django looks for the CSRF token in the form before it looks into the header."""
    before = everything()

    answer = signed_in.request(
        "POST",
        "session/undo/",
        content=content,
        headers={
            **STRUCTURED,
            "Content-Type": content_type,
            "Cookie": f"{signed_in.transport.client.cookies.output(header='').strip()}; "
            f"csrftoken={'a' * 32}",
            "Origin": "http://testserver:1",
        },
    )

    assert answer.error["code"] in ("CSRF_FAILED", "PAYLOAD_TOO_LARGE", "INVALID_REQUEST"), answer
    assert list(faults(answer, answer.error["code"])) == []
    assert everything() == before


# Uploads


def upload(scene: Scene, content: bytes, headers: dict[str, str] = MULTIPART) -> Answer:
    return scene.studio.request("POST", "/api/datasources/", content=content, headers=headers)


END = b"--x--\r\n"
FILE = part("file", b"a,b\n1,2\n", "small.csv")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (END, "INVALID_PARAMETER"),
        (part("name", b"only a name") + END, "INVALID_PARAMETER"),
        (part("file", b"not a file") + END, "INVALID_PARAMETER"),
        (part("file", b"", "empty.csv") + END, "INVALID_PARAMETER"),
        (part("file", b"a,b\n1,2\n", "x" * 5000 + ".csv") + END, "INVALID_UPLOAD"),
        (part("name", b"x" * 256) + FILE + END, "INVALID_PARAMETER"),
        (part("name", b"a\x00b") + FILE + END, "INVALID_PARAMETER"),
        (part("name", b"x" * 3_000_000) + FILE + END, "PAYLOAD_TOO_LARGE"),
        (part("field", b"1") * 1_500 + FILE + END, "INVALID_REQUEST"),
        (FILE * 150 + END, "INVALID_REQUEST"),
        (b"no part at all", "INVALID_UPLOAD"),
        (b"--x\r\n" * 100, "INVALID_UPLOAD"),
    ],
    ids=[
        *("no part", "only a name", "text for a file", "empty file", "long file name"),
        *("long name", "NUL in the name", "huge field", "many fields"),
        *("many files", "no boundary inside", "boundaries alone"),
    ],
)
def test_a_bad_upload_is_refused_and_makes_no_dataset(
    scene: Scene, content: bytes, code: str
) -> None:
    before = everything()

    answer = upload(scene, content)

    assert list(faults(answer, code)) == [], answer
    assert everything() == before


@pytest.mark.parametrize(
    ("content_type", "code"),
    [
        ("multipart/form-data", "INVALID_UPLOAD"),
        ("multipart/form-data; boundary=", "INVALID_UPLOAD"),
        ("multipart/form-data; boundary=é", "INVALID_UPLOAD"),
        ("multipart/form-data; boundary=" + "x" * 500, "UNSUPPORTED_MEDIA_TYPE"),
        ("application/json", "UNSUPPORTED_MEDIA_TYPE"),
        ("text/csv", "UNSUPPORTED_MEDIA_TYPE"),
    ],
)
def test_an_upload_that_is_not_a_form_is_refused_and_makes_no_dataset(
    scene: Scene, content_type: str, code: str
) -> None:
    before = everything()

    answer = upload(scene, FILE + END, {"Content-Type": content_type})

    assert list(faults(answer, code)) == [], answer
    assert "JSON" not in answer.error["user_message"]
    assert everything() == before


# Sessions that are not there


def test_without_a_session_an_operation_is_refused_with_the_next_steps(own_scene: Scene) -> None:
    own_scene.studio.post("session/clear/")
    below = [e for e in ENDPOINTS if e.is_below_dataset and e.method == "POST"]
    answered = {"session/initialize/", "session/clear/", "session/recover/"}

    for endpoint in below:
        if endpoint.path in answered:
            continue
        attempts = iter([(endpoint.path, "SESSION_NOT_FOUND", own_scene.call(endpoint))])
        refuse(own_scene, endpoint, attempts, capable=True)
        actions = [a["action"] for a in own_scene.call(endpoint).error["recovery_actions"]]
        assert actions == ["initialize", "validate"]


def test_recovery_actions_lead_to_the_same_dataset(own_scene: Scene) -> None:
    own_scene.studio.post("session/clear/")

    actions = own_scene.studio.post("session/undo/").error["recovery_actions"]

    hrefs = [action["href"] for action in actions]
    mount = f"{CANONICAL_MOUNT}{own_scene.datasource.pk}/"
    assert hrefs == [f"{mount}session/initialize/", f"{mount}session/validate/"]
