"""What each permission shows in the admin: only one of them shows what users typed."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, Permission, User
from django.db import models
from django.test import Client
from django.urls import URLPattern, URLResolver, reverse

from data_tools.models import DataSource
from session_events import loading
from session_events.models import SessionStream
from tests.support.small_datasets import publish
from tests.support.studio_client import Studio
from tests.support.studios import open_studio, rename
from tests.support.users import UserFactory

TYPED = "Verschwiegenes"  # in every value below
VIEW_EVENTS = "view_sessionevent"
STREAM = "admin:session_events_sessionstream_"


@pytest.fixture
def typed(user: User) -> Studio:
    """A session whose every text is the user's own."""
    columns = (("id", "integer"), (f"{TYPED} column", "text"))
    dataset = publish(user, columns, ([1, f"{TYPED} cell"], [2, None]), name=f"{TYPED} dataset")
    studio = open_studio(user, dataset)
    filling = {"columns": [f"{TYPED} column"], "strategy": "constant"}
    sought = {"column": f"{TYPED} column", "op": "eq", "value": f"{TYPED} filter"}
    view = {"page_number": 1, "page_size": 50, "filter": [sought]}
    failure = {"message": f"{TYPED} message", "context": {"of": f"{TYPED} context"}}
    items = [
        {"client_operation_id": str(uuid.uuid4()), "type": "view_changed", "view": view},
        {"client_operation_id": str(uuid.uuid4()), "type": "client_error", **failure},
    ]
    studio.take(
        rename("id", f"{TYPED} name"),
        ("session/fill-missing-values/", {**filling, "fill_value": f"{TYPED} filling"}),
        rename(f"{TYPED} name", f"{TYPED} undone"),
        ("session/undo/", {}),
        ("session/activity/", {"items": items}),
    )
    loading.forget_all()
    return studio


@pytest.fixture
def member(client: Client, user: User) -> Client:
    """Somebody of the staff, without any permission yet."""
    client.force_login(UserFactory(username="member", is_staff=True))
    return client


def allow(*codenames: str) -> None:
    User.objects.get(username="member").user_permissions.set(
        Permission.objects.filter(codename__in=codenames)
    )


def pages(user: User, stream: SessionStream) -> list[str]:
    """Every address of the admin, with the objects that are there in place of its parameters."""
    objects: dict[type[models.Model], object] = {
        User: user.pk,
        Group: Group.objects.create(name=f"group {uuid.uuid4()}").pk,
        SessionStream: stream.pk,
    }
    found = [reverse(f"admin:{name}") for name in ("index", "jsi18n", "password_change")]
    found += [reverse("admin:app_list", args=[app]) for app in ("auth", "session_events")]
    for model, model_admin in admin.site._registry.items():
        for name in names_of(model_admin.get_urls()):
            whole = f"admin:{name}"
            key = objects.get(model, getattr(model._default_manager.first(), "pk", 1))
            if name.endswith(("_changelist", "_add")):
                found.append(reverse(whole))
            elif name.endswith("_event"):
                found += [reverse(whole, args=[key, n]) for n in range(1, stream.version + 1)]
            else:
                found.append(reverse(whole, args=[key]))
    page = reverse(f"{STREAM}change", args=[stream.pk])
    found += [f"{page}?at_version={n}" for n in range(1, stream.version + 1)]
    return [*found, f"{reverse(f'{STREAM}changelist')}?q={user.username}"]


def names_of(patterns: list[URLPattern | URLResolver]) -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLPattern) and pattern.name:
            yield pattern.name


def showing(client: Client, addresses: list[str]) -> list[str]:
    """Return those of the addresses whose answer holds what the user typed."""
    return [each for each in addresses if TYPED in told(client, each)]


def told(client: Client, address: str) -> str:
    if address.endswith(("/verify/", "/snapshot/", "/export/")):
        return client.post(address, follow=True).getvalue().decode()
    return client.get(address, follow=True).content.decode()


def test_all_permissions_but_that_of_events_show_nothing_that_users_typed(
    typed: Studio, member: Client, user: User
) -> None:
    allow(*Permission.objects.exclude(codename=VIEW_EVENTS).values_list("codename", flat=True))

    assert showing(member, pages(user, SessionStream.objects.get())) == []


@pytest.mark.no_cover  # the same lines, very often
@pytest.mark.parametrize("beside", [(), ("view_sessionstream",)])
def test_each_single_permission_shows_no_more(
    typed: Studio, member: Client, user: User, beside: tuple[str, ...]
) -> None:
    stream = SessionStream.objects.get()
    page, versions = reverse(f"{STREAM}change", args=[stream.pk]), "?at_version=3"
    accounts = reverse("admin:auth_user_delete", args=[user.pk])
    shown = set()

    for codename in Permission.objects.values_list("codename", flat=True):
        allow(codename, *beside)
        if showing(member, [accounts, page + versions, f"{page}events/2/"]):
            shown.add(codename)

    assert shown == ({VIEW_EVENTS} if beside else set())


def test_a_changed_dataset_tells_its_columns_to_nobody_without_that_permission(
    typed: Studio, member: Client, user: User
) -> None:
    columns = [{"name": "id", "type": "integer"}]
    DataSource.objects.update(revision=2, fingerprint="2" * 64, columns=columns)
    page = reverse(f"{STREAM}change", args=[SessionStream.objects.get().pk])

    allow("view_sessionstream")
    without = member.get(page).content.decode()
    allow("view_sessionstream", VIEW_EVENTS)

    assert TYPED not in without
    assert "source_columns_missing" in without
    assert TYPED in member.get(page).content.decode()


def test_deleting_users_names_no_dataset_of_theirs(
    typed: Studio, member: Client, user: User
) -> None:
    allow("delete_user", "view_user")
    chosen = {"action": "delete_selected", "_selected_action": str(user.pk)}

    one = member.get(reverse("admin:auth_user_delete", args=[user.pk]))
    several = member.post(reverse("admin:auth_user_changelist"), chosen)

    for page in (one, several):
        assert page.status_code == 200
        assert user.username in page.content.decode()
        assert TYPED not in page.content.decode()
