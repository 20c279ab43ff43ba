"""Tokens stored in clear are carried over as hashes, and go when the upgrade is finished.

Until then servers of the version before, which know only the table in clear, run on one database
with those of this version: what one gives or ends is given or ended for both.
"""

from __future__ import annotations

import importlib
import io
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.core.checks import Tags, run_checks
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from data_tools.models import ApiToken
from tests.support.dumped import dump
from tests.support.studio_client import Studio
from tests.support.users import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)

LIST = "/api/datasources/"
KEY = "2f6bfe3a5a0b7f63526428ac188ce91148e5faeb"
OTHER_KEY = KEY[::-1]
# As the migrations of `rest_framework.authtoken` make it.
AS_BEFORE = """
CREATE TABLE authtoken_token (
    key varchar(40) PRIMARY KEY,
    created timestamptz NOT NULL,
    user_id integer NOT NULL UNIQUE REFERENCES auth_user (id) DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX ON authtoken_token (key varchar_pattern_ops);
INSERT INTO django_migrations (app, name, applied) VALUES ('authtoken', '0001_initial', now());
"""


@pytest.fixture
def database_of_before(transactional_db: None) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(AS_BEFORE)
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS authtoken_token")
        cursor.execute("DROP FUNCTION IF EXISTS data_tools_carry_over_token")
        cursor.execute("DROP FUNCTION IF EXISTS data_tools_end_token_in_clear CASCADE")


def give(user: User, key: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO authtoken_token VALUES (%s, now(), %s)", [key, user.pk])


def carry_over() -> None:
    migration = importlib.import_module("data_tools.migrations.0018_tokens")
    with connection.schema_editor() as editor:
        migration.carry_over(apps, editor)


def is_there(table: str) -> bool:
    return table in connection.introspection.table_names()


def in_clear() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT key FROM authtoken_token ORDER BY key")
        return [key for (key,) in cursor.fetchall()]


def finish_upgrade() -> str:
    output = io.StringIO()
    call_command("finish_upgrade", stdout=output)
    return output.getvalue()


def warnings() -> list[str]:
    found = run_checks(tags=[Tags.database], databases=["default"])
    return [str(each.id) for each in found if each.id == "hydroml.W004"]


def status(key: str) -> int:
    return Studio(token=key).get(LIST).status


def test_a_program_goes_on_with_its_token_and_in_the_end_nothing_in_clear_is_left(
    database_of_before: None, user: User
) -> None:
    give(user, KEY)
    kind = ContentType.objects.create(app_label="authtoken", model="tokenproxy")
    noted = LogEntry.objects.create(
        user=user, content_type=kind, object_id=KEY, object_repr=KEY, action_flag=CHANGE
    )
    assert KEY in dump()

    carry_over()

    assert status(KEY) == 200
    assert in_clear() == [KEY]
    assert warnings() == ["hydroml.W004"]
    noted.refresh_from_db()
    assert (noted.object_repr, noted.object_id) == ("a token", None)
    LogEntry.objects.filter(pk=noted.pk).update(object_repr=KEY, object_id=KEY)  # by the old admin

    assert "removed" in finish_upgrade()

    assert status(KEY) == 200
    assert KEY not in dump()
    assert KEY[8:] not in dump()
    assert not is_there("authtoken_token")
    assert not ContentType.objects.filter(app_label="authtoken").exists()
    assert warnings() == []
    token = ApiToken.objects.get()
    assert token.name == f"before {timezone.now():%Y-%m-%d}"
    assert token.expiry is not None
    remaining = token.expiry - timezone.now()
    assert timedelta(days=89) < remaining <= timedelta(days=90)
    assert finish_upgrade() == "nothing to do\n"


def test_nothing_in_clear_goes_before_it_is_carried_over(
    database_of_before: None, user: User
) -> None:
    give(user, KEY)

    with pytest.raises(CommandError, match="migrate"):
        finish_upgrade()

    assert in_clear() == [KEY]
    assert warnings() == []


def test_a_token_that_the_version_before_gives_or_ends_is_given_or_ended(
    database_of_before: None, user: User
) -> None:
    carry_over()

    give(user, KEY)
    assert status(KEY) == 200
    remaining = ApiToken.objects.get().expiry - timezone.now()
    assert timedelta(days=89) < remaining <= timedelta(days=90)

    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM authtoken_token")
    assert status(KEY) == 401


def test_a_token_that_is_ended_here_is_ended_for_the_version_before(
    database_of_before: None, user: User, other_user: User
) -> None:
    give(user, KEY)
    give(other_user, OTHER_KEY)
    carry_over()

    assert Studio(token=KEY).request("DELETE", "/api/auth/token/").status == 200
    assert in_clear() == [OTHER_KEY]
    other_user.set_password("another")
    other_user.save()
    assert in_clear() == []
    finish_upgrade()

    assert (status(KEY), status(OTHER_KEY)) == (401, 401)


def test_a_user_is_erased_with_what_is_in_clear(
    database_of_before: None, user: User, other_user: User
) -> None:
    give(user, KEY)
    give(other_user, OTHER_KEY)
    carry_over()

    call_command("erase_user", user.username, "--yes", stdout=io.StringIO())

    assert in_clear() == [OTHER_KEY]
    assert KEY not in dump()
    assert status(OTHER_KEY) == 200


def test_each_users_token_stays_theirs(database_of_before: None) -> None:
    users = [UserFactory() for _ in range(3)]
    for number, user in enumerate(users):
        give(user, f"{number}{KEY[1:]}")

    carry_over()

    for number, user in enumerate(users):
        theirs = Studio(token=f"{number}{KEY[1:]}").get("/api/auth/token/").body["tokens"]
        assert [each["id"] for each in theirs] == [
            str(token.public_id) for token in ApiToken.objects.filter(user=user)
        ]


def test_a_token_of_the_demo_is_not_carried_into_production(
    database_of_before: None, user: User
) -> None:
    demo = User.objects.create(username="demo", password=make_password("demo"))
    give(demo, KEY)
    give(user, OTHER_KEY)

    carry_over()

    assert [token.user for token in ApiToken.objects.all()] == [user]
    assert in_clear() == [OTHER_KEY]


def test_a_database_that_never_had_such_tokens_is_left_as_it_is(user: User) -> None:
    carry_over()

    assert not ApiToken.objects.exists()
    assert not is_there("authtoken_token")
