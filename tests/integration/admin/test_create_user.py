"""`manage.py create_user`: an account that can sign in, and no more."""

from __future__ import annotations

import getpass
import io
import sys

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from tests.support.studio_client import Studio

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"


def create(name: str, monkeypatch: pytest.MonkeyPatch, *, password: str = PASSWORD) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{password}\n"))
    call_command("create_user", name, "--password-stdin", stdout=io.StringIO())


def test_the_user_can_get_a_token_and_is_no_administrator(monkeypatch: pytest.MonkeyPatch) -> None:
    create("alice", monkeypatch)

    answer = Studio().post("/api/auth/token/", {"username": "alice", "password": PASSWORD})

    assert answer.status == 200
    user = User.objects.get(username="alice")
    assert (user.is_staff, user.is_superuser, user.is_active) == (False, False, True)


def test_a_password_that_is_asked_for_is_typed_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    typed = iter([PASSWORD, "another"])
    monkeypatch.setattr(getpass, "getpass", lambda prompt: next(typed))

    with pytest.raises(CommandError, match="not the same"):
        call_command("create_user", "alice")

    assert not User.objects.exists()


@pytest.mark.parametrize(
    ("name", "password", "said"),
    [
        ("bob", PASSWORD, "already exists"),
        ("no blanks", PASSWORD, "valid username"),
        ("alice", "short", "too short"),
        ("alice", "", "too short"),
        ("alice", "alice123", "too similar to the username"),
    ],
)
def test_what_cannot_be_an_account_is_refused_with_the_reason(
    monkeypatch: pytest.MonkeyPatch, name: str, password: str, said: str
) -> None:
    create("bob", monkeypatch)

    with pytest.raises(CommandError, match=said):
        create(name, monkeypatch, password=password)

    assert User.objects.count() == 1
