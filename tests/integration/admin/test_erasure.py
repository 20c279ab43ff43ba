"""Erasing a user: nothing that they typed is left, and nothing of others is gone."""

from __future__ import annotations

import io
import json
import logging
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from data_tools import tasks
from data_tools.models import (
    ColumnBlock,
    DataRow,
    DataSource,
    KeptProfile,
    RowList,
    StoredColumn,
)
from session_events.models import SessionSnapshot, SessionStream, StreamTombstone
from session_events.snapshot_jobs import take_at_head
from tests.crash.victims import OwnRedis
from tests.support.dumped import dump
from tests.support.patience import wait_for_ingests
from tests.support.studio_client import STRUCTURED, Studio
from tests.support.studios import open_studio, rename
from tests.support.time_over import time_is_over_after
from tests.support.uploads import DATASETS, MULTIPART, form
from tests.support.users import UserFactory, token_of

pytestmark = pytest.mark.django_db(transaction=True)

MARK = "Zurueckgelassenes"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What the service's own handler writes."""
    [handler] = [each for each in logging.getLogger().handlers if each.name == "stdout"]
    assert isinstance(handler, logging.StreamHandler)
    written = io.StringIO()
    before = handler.setStream(written)
    yield written
    handler.setStream(before)


@pytest.fixture
def marked(media: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> User:
    """A user with the mark in every place where a value of theirs can be."""
    settings.KEEP_UPLOADED_FILES = True
    user = UserFactory(username=f"{MARK}-user", email=f"{MARK}@example.org")
    Client().force_login(user)
    credentials = {"username": user.username, "password": "password", "name": f"{MARK} program"}
    assert Studio().post("/api/auth/token/", credentials).status == 200
    assert Studio().post("/api/auth/token/", {**credentials, "password": "x"}).status == 400
    options = json.dumps({"null_values": [f"{MARK} null"]})
    rows = "".join(f"{n},{MARK} cell {n % 7},{n}.5\n" for n in range(60))
    content = f"id,{MARK} column,delay\n{rows}".encode()
    fields = {"name": f"{MARK} dataset", "options": options}
    body = form(content, f"{MARK}.csv", **fields)
    answer = Studio(token=token_of(user)).request(
        "POST", DATASETS, content=body, headers={**MULTIPART, **STRUCTURED}
    )
    wait_for_ingests()
    dataset_id = answer.body["datasource"]["id"]
    sought = {"column": f"{MARK} column", "op": "eq", "value": f"{MARK} cell 1"}
    view = {"page_number": 1, "page_size": 50, "filter": [sought]}
    failure = {"message": f"{MARK} message", "context": {"of": f"{MARK} context"}}
    items = [
        {"client_operation_id": str(uuid.uuid4()), "type": "view_changed", "view": view},
        {"client_operation_id": str(uuid.uuid4()), "type": "client_error", **failure},
    ]
    filling = {"columns": [f"{MARK} column"], "strategy": "constant"}
    studio = open_studio(user, dataset_id, headers=STRUCTURED).take(
        rename("delay", f"{MARK} name"),
        ("session/fill-missing-values/", {**filling, "fill_value": f"{MARK} filling"}),
        rename("id", f"{MARK} undone"),
        ("session/undo/", {}),
        ("session/activity/", {"items": items}),
    )
    listed = studio.get("data/", {"filter": json.dumps([sought]), "sort": f"-{MARK} name"})
    assert listed.status == 200, listed
    assert studio.get(f"columns/{MARK} column/values/").status == 200
    assert studio.get("session/column-statistics/", {"column": f"{MARK} column"}).status == 200
    studio.get("data/", {"filter": json.dumps([{**sought, "op": "wrong"}])})
    studio.get(f"columns/{MARK} nowhere/values/")
    studio.post("session/rename-column/", {"old_name": f"{MARK} nowhere", "new_name": "x"})
    assert take_at_head(SessionStream.objects.get().pk)
    fields = {"name": f"{MARK} saved", "description": f"{MARK} description"}
    assert studio.post("session/save/", fields).status == 200
    wait_for_ingests()
    open_studio(user, dataset_id).take(rename("id", f"{MARK} again"))
    settings.BACKGROUND_JOBS_USE_BROKER = True
    monkeypatch.setattr(tasks.ingest_dataset, "apply_async", lambda *_, **__: None)
    again = form(content, f"{MARK} again.csv", options=options)
    path = f"{DATASETS}{dataset_id}/file/"
    assert studio.request("POST", path, content=again, headers=MULTIPART).status == 202
    return user


def by_command(user: User) -> None:
    call_command("erase_user", user.username, "--yes")


def in_the_admin(user: User) -> None:
    client = Client()
    client.force_login(UserFactory(username="admin", is_staff=True, is_superuser=True))
    address = reverse("admin:auth_user_delete", args=[user.pk])
    assert client.post(address, {"post": "yes"}).status_code == 302


def in_the_admins_list(user: User) -> None:
    client = Client()
    client.force_login(UserFactory(username="admin", is_staff=True, is_superuser=True))
    chosen = {"action": "delete_selected", "_selected_action": str(user.pk), "post": "yes"}
    assert client.post(reverse("admin:auth_user_changelist"), chosen).status_code == 302


@pytest.mark.parametrize("erase", [by_command, in_the_admin, in_the_admins_list])
def test_nothing_that_an_erased_user_typed_is_left(
    erase: Callable[[User], None],
    own_redis: OwnRedis,
    settings: Any,
    request: pytest.FixtureRequest,
    media: Path,
    log: io.StringIO,
) -> None:
    settings.REDIS_URL, settings.RATE_LIMITS = own_redis.url, {"reads": "1000/minute"}
    settings.SIGN_IN_FAILURES = {"FROM_ONE_PLACE": "9/hour", "FROM_NEW_PLACES": "9/hour"}
    user = request.getfixturevalue("marked")
    user_id = user.pk
    assert dump().count(MARK) > 40
    assert len(marked_files(media)) == 2
    assert KeptProfile.objects.exists()
    assert RowList.objects.exists()
    assert StoredColumn.objects.exists()
    assert SessionSnapshot.objects.exists()
    sessions = SessionStream.objects.count()
    assert held_by(own_redis)

    erase(user)

    assert MARK not in dump()
    assert marked_files(media) == []
    assert MARK.encode() not in held_by(own_redis)
    assert "/columns/<path:column>/values/" in log.getvalue()
    assert MARK not in log.getvalue()
    assert not User.objects.filter(pk=user_id).exists()
    assert not DataSource.objects.exists()
    assert not DataRow.objects.exists()
    assert not StoredColumn.objects.exists()
    assert not ColumnBlock.objects.exists()
    assert StreamTombstone.objects.filter(user_id=user_id).count() == sessions == 2


def test_what_others_have_stays(marked: User, other_user: User) -> None:
    others = open_studio(other_user, steps=[rename("id", "key")])

    by_command(marked)

    assert [each.owner for each in DataSource.objects.all()] == [other_user]
    assert others.get("data/").body["data"][0]["key"]
    assert others.get("session/status/").body["session_exists"]


def test_an_erasure_that_takes_too_long_in_the_admin_says_so_and_goes_on(
    marked: User,
) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(UserFactory(username="admin", is_staff=True, is_superuser=True))
    address = reverse("admin:auth_user_delete", args=[marked.pk])

    with time_is_over_after("session_events_remove_stream"):
        answer = client.post(address, {"post": "yes"})

    assert answer.status_code == 503
    assert "gone for good; delete again to continue" in answer.content.decode()
    assert not User.objects.get(pk=marked.pk).is_active
    assert StreamTombstone.objects.count() == 1
    assert client.post(address, {"post": "yes"}).status_code == 302
    assert MARK not in dump()


def test_the_command_asks_for_yes_and_for_a_user_that_exists(user: User) -> None:
    open_studio(user)

    with pytest.raises(CommandError, match="1 datasets and 1 sessions. Nothing was erased"):
        call_command("erase_user", user.username)
    with pytest.raises(CommandError, match="There is no user"):
        call_command("erase_user", "nobody at all", "--yes")
    assert User.objects.filter(pk=user.pk).exists()


def marked_files(media: Path) -> list[Path]:
    files = [path for path in media.rglob("*") if path.is_file()]
    return [path for path in files if MARK in path.name or MARK.encode() in path.read_bytes()]


def held_by(own_redis: OwnRedis) -> bytes:
    with redis.Redis.from_url(own_redis.url) as client:
        return b"".join(key + (client.dump(key) or b"") for key in client.keys("*"))
