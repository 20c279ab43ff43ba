"""A login session of an earlier version is good here, and one of this version is good there."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.backends import cached_db, db
from django.test import Client

pytestmark = pytest.mark.django_db

BEFORE = "django.contrib.auth.backends.ModelBackend"
LIST = "/api/datasources/"


@pytest.mark.parametrize("engine", [db, cached_db], ids=["last", "first"])
def test_whoever_signed_in_to_an_earlier_version_is_signed_in(user: User, engine: object) -> None:
    made = engine.SessionStore()  # type: ignore[attr-defined]
    made[SESSION_KEY] = str(user.pk)
    made[BACKEND_SESSION_KEY] = BEFORE
    made[HASH_SESSION_KEY] = user.get_session_auth_hash()
    made.save()
    browser = Client()
    browser.cookies[settings.SESSION_COOKIE_NAME] = made.session_key

    assert browser.get(LIST).status_code == 200


def test_an_earlier_version_knows_who_signed_in_here(user: User) -> None:
    browser = Client()
    page = browser.get(settings.LOGIN_URL)
    answer = browser.post(
        settings.LOGIN_URL,
        {
            "username": user.username,
            "password": "password",
            "csrfmiddlewaretoken": page.context["csrf_token"],
        },
    )
    assert answer.status_code == 302

    read = db.SessionStore(browser.cookies[settings.SESSION_COOKIE_NAME].value)

    assert (read[SESSION_KEY], read[BACKEND_SESSION_KEY]) == (str(user.pk), BEFORE)
    assert browser.get(LIST).status_code == 200
