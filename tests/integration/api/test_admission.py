"""Heavy and long work passes a gate, light work never does, and a refused request loses nothing."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import Settings

from data_tools.models import DataSource
from data_tools.rows import pages
from data_tools.under_way import admission
from data_tools.under_way.admission_gates import Standing, Width
from data_tools.under_way.requests import Work, under_way
from tests.contract.error_shape import faults
from tests.support.patience import PATIENCE_SECONDS
from tests.support.studio_client import STRUCTURED, Answer, Studio
from tests.support.studios import UNDO, open_studio, rename
from tests.support.uploads import MULTIPART, form
from tests.support.users import token_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nobody_waits")]

SORTED = {"sort": "delay"}
FILTERED = {"filter": '{"column": "carrier", "op": "eq", "value": "UA"}'}
STRANGERS = ("user:-1", "user:-2", "user:-3", "user:-4", "user:-5")


@pytest.fixture
def nobody_waits(settings: Settings) -> None:
    settings.HEAVY_WORK_WAIT_SECONDS = 0


@contextmanager
def inside(gate: str, *callers: str) -> Iterator[None]:
    """Somebody's requests are inside a gate of this process during the block."""
    width = Width(per_process=None, per_caller=len(callers))
    with ExitStack() as everybody:
        for caller in callers:
            leave = admission._GATES.enter(
                gate, caller, width=width, places_to_wait=0, wait_seconds=0
            )
            everybody.callback(leave)
        yield


def get(path: str, **query: str) -> Callable[[Studio], Answer]:
    return lambda studio: studio.get(path, query)


def post(path: str, **body: Any) -> Callable[[Studio], Answer]:
    return lambda studio: studio.post(path, body)


def preview(studio: Studio) -> Answer:
    content = form(b"a,b\n1,2\n")
    return studio.request(
        "POST",
        "/api/datasources/preview/",
        content=content,
        headers=MULTIPART,
    )


LIGHT = {
    "a page": get("data/"),
    "status": get("session/status/"),
    "the first rows": post("session/initialize/"),
    "validate": get("session/validate/"),
    "events": get("session/events/"),
    "datasets": get("/api/datasources/"),
    "a rename": post("session/rename-column/", old_name="delay", new_name="late"),
    "a drop": post("transform/columns/", operation="drop", columns=["delay"]),
    "pause": post("session/pause/"),
    "clear": post("session/clear/"),
    "a recipe": get("session/recipe/"),
    "a recovery": post("session/recover/"),
    "a recipe that learns nothing": post(
        "session/apply-recipe/",
        recipe={
            "format": "data-studio-recipe",
            "format_version": 1,
            "operations": [
                {
                    "operation": "rename_column",
                    "parameters": {"old_name": "delay", "new_name": "late"},
                }
            ],
        },
    ),
}
HEAVY = {
    "a new order": get("data/", **SORTED),
    "a new filter": get("data/", **FILTERED),
    "a status with an order": get("session/status/", **SORTED),
    "a mean": post("session/fill-missing-values/", columns=["delay"], strategy="mean"),
    "a change of type": post("session/change-column-type/", column_name="id", new_type="string"),
    "rows that go": post("nan/quick-clean/", remove_nan_rows=True),
    "a filter that stays": post(
        "operations/",
        operation="filter_rows",
        parameters={"filter": {"column": "carrier", "op": "eq", "value": "UA"}},
    ),
    "figures": get("columns/"),
    "statistics": get("session/column-statistics/"),
    "missing values": get("nan/analysis/"),
    "suggestions": get("columns/carrier/values/", q="U"),
    "a histogram among found rows": get("columns/delay/histogram/", **FILTERED),
    "a preview": preview,
    "saving": post("session/save/", name="saved"),
    "deleting": lambda studio: studio.request(
        "DELETE", f"/api/datasources/{studio.datasource_id}/"
    ),
}


@pytest.fixture
def opened(user: User, datasource: DataSource) -> Studio:
    return open_studio(user, datasource, headers=STRUCTURED)


@pytest.mark.parametrize("ask", LIGHT.values(), ids=LIGHT)
def test_light_work_is_done_while_every_gate_is_full(
    opened: Studio, ask: Callable[[Studio], Answer]
) -> None:
    with inside(Work.HEAVY, *STRANGERS), inside(Work.LONG, *STRANGERS):
        answer = ask(opened)

    assert (answer.status, answer.body["success"]) == (200, True), answer


@pytest.mark.parametrize("ask", HEAVY.values(), ids=HEAVY)
def test_heavy_work_passes_the_gate(opened: Studio, ask: Callable[[Studio], Answer]) -> None:
    version = opened.get("session/status/").body["session_info"]["version"]

    with inside(Work.HEAVY, *STRANGERS):
        refused = ask(opened)

    assert list(faults(refused, "SERVICE_BUSY")) == []
    assert refused.headers["Retry-After"]
    assert opened.get("session/status/").body["session_info"]["version"] == version
    assert ask(opened).status == 200
    assert admission.standing()[Work.HEAVY] == Standing(running=0, waiting=0)


@pytest.mark.parametrize("path", ["columns/", "session/column-statistics/"])
def test_figures_that_are_stored_are_light(opened: Studio, path: str) -> None:
    assert opened.get(path).status == 200

    with inside(Work.HEAVY, *STRANGERS):
        assert opened.get(path).status == 200


def test_a_page_of_a_list_that_is_there_is_light(opened: Studio) -> None:
    first = opened.get("data/", SORTED)

    with inside(Work.HEAVY, *STRANGERS):
        again = opened.get("data/", SORTED)

    assert again.content == first.content


def test_a_user_who_has_enough_under_way_is_told_the_limit(
    opened: Studio, user: User, settings: Settings
) -> None:
    settings.HEAVY_WORK_WAIT_SECONDS = 1
    with inside(Work.HEAVY, *[f"user:{user.pk}"] * 2):
        answer = opened.get("data/", SORTED)
        of_existing_client = opened.with_headers({"X-Studio-Capabilities": ""}).get("data/", SORTED)

    assert list(faults(answer, "TOO_MUCH_AT_ONCE")) == []
    assert answer.headers["Retry-After"] == "1"
    assert answer.error["details"] == {
        "work": "heavy",
        "setting": "HEAVY_WORK_PER_USER",
        "maximum": 2,
        "retry_after": 1,
    }
    assert of_existing_client.body["rate_limit_info"]["retry_after"] == 1


def test_one_user_never_fills_a_process(opened: Studio, user: User, settings: Settings) -> None:
    settings.HEAVY_WORK_PER_PROCESS = settings.HEAVY_WORK_PER_USER = 2

    with inside(Work.HEAVY, f"user:{user.pk}"):
        assert opened.get("data/", SORTED).status == 429
    with inside(Work.HEAVY, "user:-1"):
        assert opened.get("data/", SORTED).status == 200


def test_a_command_that_took_effect_says_so_though_its_page_was_not_let_in(
    user: User, datasource: DataSource
) -> None:
    studio = open_studio(user, datasource, steps=[rename("id", "key")])

    with inside(Work.HEAVY, *STRANGERS):
        path, body = UNDO
        answer = studio.request("POST", path, content=b"{}", query=SORTED)

    assert answer.status == 200
    assert "took effect" in answer.body["page_error"]
    assert "id" in studio.get("session/status/").body["column_info"]


def test_a_recovery_with_pending_work_is_not_begun_if_that_cannot_be_done(opened: Studio) -> None:
    opened.post("session/clear/")
    pending = [
        {
            "client_operation_id": str(uuid.uuid4()),
            "operation": "rename_column",
            "parameters": {"old_name": "delay", "new_name": "late"},
        }
    ]

    with inside(Work.HEAVY, *STRANGERS):
        refused = opened.post("session/recover/", {"pending_operations": pending})

    assert refused.status == 503
    assert opened.get("session/validate/").body["status"] != "active"
    assert opened.post("session/recover/", {"pending_operations": pending}).status == 200


@pytest.mark.parametrize("is_read", [True, False], ids=["read", "never read"])
def test_an_export_keeps_its_place_until_it_is_made_or_closed(
    user: User, datasource: DataSource, is_read: bool
) -> None:
    client = Client(headers={"Authorization": f"Token {token_of(user)}"})

    response = client.get(f"/api/studio/{datasource.pk}/export/", {"format": "csv"})
    assert admission.standing()[Work.LONG] == Standing(running=1, waiting=0)
    if is_read:
        assert b"delay" in b"".join(response.streaming_content)
    else:
        response.close()

    assert admission.standing()[Work.LONG] == Standing(running=0, waiting=0)


def test_an_export_that_is_dropped_before_anybody_could_close_it_keeps_no_place() -> None:
    """As when a middleware fails on the answer."""
    with under_way(PATIENCE_SECONDS):
        admission.begin(Work.LONG)
        answer = admission.HeldUntilRead(iter([b"piece"]))
    assert admission.standing()[Work.LONG] == Standing(running=1, waiting=0)

    del answer

    assert admission.standing()[Work.LONG] == Standing(running=0, waiting=0)


def test_an_export_that_is_refused_keeps_no_place(opened: Studio) -> None:
    assert opened.get("export/", {"format": "csv", "sort": "nothing"}).status == 400

    assert admission.standing()[Work.LONG] == Standing(running=0, waiting=0)


def test_exports_and_uploads_pass_the_same_gate(opened: Studio) -> None:
    upload = form(b"a,b\n1,2\n")
    with inside(Work.LONG, *STRANGERS):
        exported = opened.get("export/", {"format": "csv"})
        uploaded = opened.request("POST", "/api/datasources/", content=upload, headers=MULTIPART)

    assert (exported.status, uploaded.status) == (503, 503)
    assert DataSource.objects.count() == 1


def test_a_request_tells_the_server_whose_it_is_and_when_its_work_is_no_longer_light(
    opened: Studio, user: User
) -> None:
    told: list[object] = []
    token = token_of(user)
    client = Client(
        headers={"Authorization": f"Token {token}"},
        **{
            "hydroml.is_of_user": told.append,
            "hydroml.give_turn_back": lambda: told.append("turn"),
        },
    )
    mount = f"/api/studio/{opened.datasource_id}/"

    assert client.get(f"{mount}data/").status_code == 200
    assert told == [user.pk]
    told.clear()
    assert client.get(f"{mount}data/", {"sort": "-delay"}).status_code == 200
    assert told == [user.pk, "turn"]
    told.clear()
    assert client.get("/api/schema/").status_code == 200
    assert told == []


@pytest.mark.usefixtures("nobody_waits")
def test_large_batches_of_activity_are_recorded_one_after_another(opened: Studio) -> None:
    def report(count: int) -> Answer:
        view = {"type": "view_changed", "view": {"page_number": 1, "page_size": 10}}
        items = [view | {"client_operation_id": str(uuid.uuid4())} for _ in range(count)]
        return opened.post("session/activity/", {"items": items})

    with inside(admission.BATCHES, "user:-1"):
        small, large = report(10), report(11)

    assert small.status == 200
    assert list(faults(large, "SERVICE_BUSY")) == []
    assert large.error["details"]["setting"] == "BATCHES_PER_PROCESS"
    assert report(11).status == 200


def test_requests_of_one_user_do_not_take_all_threads(
    opened: Studio, user: User, other_user: User, settings: Settings
) -> None:
    settings.REQUESTS_PER_USER = 2
    other = open_studio(other_user)

    with inside(admission.REQUESTS, *[f"user:{user.pk}"] * 2):
        refused = opened.get("data/")
        assert other.get("data/").status == 200
        assert other.get("/healthz").status == 200

    assert list(faults(refused, "TOO_MUCH_AT_ONCE")) == []
    assert refused.error["details"]["setting"] == "REQUESTS_PER_USER"
    assert opened.get("data/").status == 200


def test_pages_for_people_are_counted_by_address_and_the_probe_is_not(
    client: Client, settings: Settings
) -> None:
    settings.REQUESTS_PER_USER = 1

    with inside(admission.REQUESTS, "address:127.0.0.1"):
        page, probe = client.get("/accounts/login/"), client.get("/healthz")

    assert (page.status_code, page.headers["Retry-After"]) == (429, "1")
    assert probe.status_code == 200
    assert client.get("/accounts/login/").status_code == 200


def test_passwords_are_checked_a_few_at_once(
    user: User, client: Client, settings: Settings
) -> None:
    credentials = {"username": user.username, "password": "password"}
    anonymous = Studio(headers=STRUCTURED)

    with inside(admission.PASSWORD_CHECKS, *STRANGERS):
        token = anonymous.post("/api/auth/token/", credentials)
        page = client.post("/accounts/login/", credentials)

    assert list(faults(token, "SERVICE_BUSY")) == []
    assert (page.status_code, page.headers["Retry-After"]) == (503, "0")
    assert anonymous.post("/api/auth/token/", credentials).status == 200
    assert client.post("/accounts/login/", credentials).status_code == 302
    wrong = {**credentials, "password": "wrong"}
    assert anonymous.post("/api/auth/token/", wrong).error["code"] == "INVALID_CREDENTIALS"


def test_a_large_page_waits_while_another_is_made_and_a_command_takes_effect_without_it(
    opened: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    with inside(admission.LARGE_ANSWERS, "user:-1"):
        small = opened.get("data/")
        monkeypatch.setattr(pages, "_LARGE_ANSWER_BYTES", 1)
        large = opened.get("data/")
        renamed = opened.post(
            "session/rename-column/", {"old_name": "delay", "new_name": "late", "page_size": 1}
        )

    assert (small.status, large.status) == (200, 503)
    assert list(faults(large, "SERVICE_BUSY")) == []
    assert (renamed.status, renamed.body["page_error"][:16]) == (200, "This took effect")
    assert opened.get("data/").status == 200


def test_heavy_work_at_an_endpoint_that_declares_light_is_found_by_tests(
    opened: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    from data_tools.views.api.data_api_views import DataView

    monkeypatch.setattr(DataView, "work", Work.LIGHT)

    assert opened.get("data/", SORTED).status == 500
