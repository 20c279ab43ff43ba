"""Every address that is served says who may use it, what it costs, and what bounds its answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import orjson
import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from data_tools.models import DataSource
from data_tools.under_way.requests import Work
from data_tools.urls import MOUNTS
from data_tools.views.api.api_view import ApiView
from tests.contract.endpoints import ENDPOINTS
from tests.contract.register import DATASET, REGISTER, Access, Bound
from tests.support.small_datasets import publish
from tests.support.studio_client import Answer, InProcess, Studio
from tests.support.studios import open_studio, studio_of
from tests.support.uploads import MULTIPART, form
from tests.support.users import UserFactory

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
LET_IN = {*range(200, 400), 400, 409, 411, 413, 415, 422, 429}
FIXED_BYTES = 4_000_000  # the OpenAPI document is the largest
View = Callable[..., Any]


def served() -> Iterator[tuple[str, View]]:
    """Yield every route of Django's resolver with its view, the three mounts each for itself."""
    yield from _below(get_resolver().url_patterns, "")


def _below(patterns: list[Any], prefix: str) -> Iterator[tuple[str, View]]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _below(pattern.url_patterns, route)
        else:
            assert isinstance(pattern, URLPattern)
            yield route, pattern.callback


def name_of(route: str) -> str:
    """Return the name that the register has for a route."""
    if route.startswith("admin/"):
        return "admin/"
    for mount in MOUNTS:
        if route.startswith(f"{mount}<uuid:datasource_id>/"):
            route = route.replace(f"{mount}<uuid:datasource_id>/", DATASET)
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route)


# Of the three mounts the canonical one: the others have the same views, which a test makes sure of.
SERVED = {
    name_of(route): (route, view)
    for route, view in reversed([*served()])
    if not route.startswith("admin/")
}
API = {
    name: view.view_class
    for name, (_, view) in SERVED.items()
    if issubclass(getattr(view, "view_class", object), ApiView)
}
WORKING = {
    (each.method, DATASET * each.is_below_dataset + each.path.removeprefix("/")): each
    for each in ENDPOINTS
}
CALLS = pytest.mark.parametrize(
    ("method", "name"), [(method, name) for method, name in REGISTER if name in SERVED]
)


def test_every_address_is_registered_and_no_other() -> None:
    assert {name_of(route) for route, _ in served()} == {name for _, name in REGISTER}


def test_every_mount_has_the_same_views() -> None:
    views: dict[str, set[View]] = {}
    for route, view in served():
        views.setdefault(name_of(route), set()).add(view)

    assert [name for name, its in views.items() if len(its) > 1 and name != "admin/"] == []


def test_the_register_has_the_methods_that_are_answered() -> None:
    answered = {
        (method, name)
        for name, view in API.items()
        for method in METHODS
        if hasattr(view, method.lower())
    }

    assert {call for call in REGISTER if call[1] in API} == answered


def test_every_view_of_the_api_says_what_its_work_is() -> None:
    """A class that only inherits the base's default may have been forgotten."""
    silent = [name for name, view in API.items() if not says_its_work(name, view)]

    assert silent == []


def says_its_work(name: str, view: type[ApiView]) -> bool:
    told = SERVED[name][1].view_initkwargs
    own = any("work" in vars(cls) for cls in view.__mro__ if cls not in ApiView.__mro__)
    return (own or "work" in told) and isinstance(told.get("work", view.work), Work)


def test_every_other_view_has_its_work_in_the_register() -> None:
    others = {call for call in REGISTER if call[1] in SERVED and call[1] not in API}

    assert [call for call in others if REGISTER[call].work is None] == []


# Who may


@pytest.fixture
def owner(db: None) -> User:
    return UserFactory()


@pytest.fixture
def theirs(owner: User) -> DataSource:
    """The owner's dataset, with a session in which there is something to undo."""
    source = publish(owner)
    open_studio(owner, source)
    return source


def answer_to(method: str, name: str, source: DataSource, who: User | None) -> Answer:
    """Send the request that the table of endpoints has, as a page's visitor or with a token."""
    address = "/" + SERVED[name][0]
    for part, value in ((r"<path:column>", "carrier"), (r"<uuid:\w+>", str(source.pk))):
        address = re.sub(part, value, address)
    if who is None:
        studio = Studio()
    elif REGISTER[method, name].access == Access.PERSON:
        client = Client()
        client.force_login(who)
        studio = Studio(transport=InProcess(client))
    else:
        studio = studio_of(who, source)
    endpoint = WORKING.get((method, name))
    if endpoint is None:
        return studio.request(method, address, content=b"{}" if method == "POST" else b"")
    if endpoint.is_upload:
        return studio.request(method, address, content=form(b"a,b\n1,2\n"), headers=MULTIPART)
    if method == "POST":
        return studio.request(method, address, content=orjson.dumps({**endpoint.works}))
    return studio.request(method, address, query={**endpoint.works})


@CALLS
def test_an_address_lets_in_whom_it_says_and_nobody_else(
    theirs: DataSource, owner: User, method: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("data_tools.services.dataset_service.start_ingest", lambda datasource: None)
    others = UserFactory(), UserFactory(is_staff=True, is_superuser=True)

    nobody = answer_to(method, name, theirs, None)
    strangers = [answer_to(method, name, theirs, other).status for other in others]
    own = answer_to(method, name, theirs, owner).status

    match REGISTER[method, name].access:
        case Access.ANYBODY:  # a form is refused here, for want of a CSRF token
            assert nobody.status in LET_IN or (method == "POST" and nobody.status == 403)
        case Access.MACHINE:  # the tests are on this machine; the others come through a proxy
            proxied = Client().get(f"/{name}", headers={"X-Forwarded-For": "127.0.0.1"})
            assert proxied.status_code == 404
            assert nobody.status in LET_IN
        case Access.OWN:
            assert nobody.status == 401
            assert {*strangers, own} <= LET_IN
        case Access.OWN_TOKEN:  # there is none of this id
            assert nobody.status == 401
            assert [*strangers, own] == [404, 404, 404]
        case Access.OWNER:
            assert nobody.status == 401
            assert strangers == [404, 404]
            assert own in LET_IN
        case Access.PERSON:
            assert nobody.status == 302
            assert "login" in nobody.headers["Location"]
            assert own in LET_IN


@pytest.mark.django_db
def test_the_admin_is_for_staff() -> None:
    answers = {}
    for name, user in (
        ("nobody", None),
        ("user", UserFactory()),
        ("staff", UserFactory(is_staff=True)),
    ):
        client = Client()
        if user is not None:
            client.force_login(user)
        answers[name] = (
            client.get("/admin/").status_code,
            client.get("/admin/auth/user/").status_code,
            client.get("/admin/session_events/sessionstream/").status_code,
        )

    assert answers == {
        "nobody": (302, 302, 302),
        "user": (302, 302, 302),
        "staff": (200, 403, 403),
    }


# What bounds an answer


@pytest.mark.django_db
def test_what_is_fixed_is_small_whatever_users_have(owner: User) -> None:
    columns = [(f"column {number}", "text") for number in range(3_000)]
    source = publish(owner, columns=columns, rows=[])

    sizes = {
        call: len(answer_to(*call, source, owner).content)
        for call, its in REGISTER.items()
        if its.bound == Bound.FIXED
    }

    assert {call: size for call, size in sizes.items() if size > FIXED_BYTES} == {}


def test_an_answer_that_is_counted_is_made_by_the_api() -> None:
    bounds = {name: its.bound for (_, name), its in REGISTER.items() if name in SERVED}

    assert {name for name in bounds if bounds[name] in (Bound.ANSWER, Bound.FILE)} <= {*API}
