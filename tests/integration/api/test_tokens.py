"""Tokens for programs: stored as hashes, expiring, rotated, ended, and gone with the password."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.forms import AdminPasswordChangeForm
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import InternalError, connection, transaction
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from data_tools.jobs.expired_sign_ins import EXPIRED_TOKENS_KEPT
from data_tools.models import ApiToken, DataSource
from data_tools.services import token_service
from data_tools.tasks import remove_expired_sign_ins
from tests.contract.error_shape import faults
from tests.support.clock import Clock
from tests.support.patience import eventually
from tests.support.studio_client import STRUCTURED, Answer, InProcess, Studio
from tests.support.users import UserFactory, token_of

pytestmark = pytest.mark.django_db

TOKEN = "/api/auth/token/"
ROTATE = f"{TOKEN}rotate/"
DATASETS = "/api/datasources/"
FOR_EXPIRY = timedelta(days=90, seconds=1)


def get_token(user: User, password: str = "password", **fields: Any) -> Answer:
    return Studio().post(TOKEN, {"username": user.username, "password": password, **fields})


def client_with(token: str) -> Studio:
    return Studio(token=token, headers=STRUCTURED)


def works(token: str) -> bool:
    status = client_with(token).get(DATASETS).status
    assert status in (200, 401)
    return status == 200


def tokens_listed(token: str) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = client_with(token).get(TOKEN).body["tokens"]
    return listed


def everything_stored() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(token::text, ' ') FROM data_tools_apitoken AS token")
        return str(cursor.fetchone()[0])


# Given


def test_a_token_is_given_for_a_name_and_a_password_and_its_text_is_stored_nowhere(
    user: User,
) -> None:
    answer = get_token(user)

    token = answer.body["token"]
    assert works(token)
    assert token.startswith("hydroml_")
    assert token not in everything_stored()
    assert token[20:] not in everything_stored()
    assert ApiToken.objects.get().digest not in str(tokens_listed(token))


def test_each_program_gets_a_token_of_its_own(user: User) -> None:
    first, second = (get_token(user).body["token"] for _ in range(2))

    assert first != second
    assert works(first)
    assert works(second)


def test_a_token_lasts_as_long_as_it_was_asked_for_and_says_so(user: User, clock: Clock) -> None:
    short = get_token(user, name=" nightly load ", expires_in=3600).body
    usual = get_token(user).body

    assert datetime.fromisoformat(short["expires_at"]) == clock.now + timedelta(hours=1)
    assert datetime.fromisoformat(usual["expires_at"]) == clock.now + timedelta(days=90)
    assert (short["name"], usual["name"]) == ("nightly load", "")
    clock.tick(timedelta(minutes=59))
    assert works(short["token"])
    clock.tick(timedelta(minutes=1))
    assert not works(short["token"])
    assert works(usual["token"])


def test_an_expired_token_is_told_apart_from_a_wrong_one(user: User, clock: Clock) -> None:
    token = get_token(user).body["token"]
    clock.tick(FOR_EXPIRY)

    expired = client_with(token).get(DATASETS)
    wrong = client_with(f"{token[:-1]}x").get(DATASETS)

    assert list(faults(expired, "TOKEN_EXPIRED")) == []
    assert list(faults(wrong, "NOT_AUTHENTICATED")) == []
    assert expired.headers["WWW-Authenticate"] == wrong.headers["WWW-Authenticate"] == "Token"


def test_a_lifetime_beyond_the_limit_is_refused_with_the_limit(user: User, settings: Any) -> None:
    settings.TOKEN_DAYS = 2

    assert get_token(user, expires_in=2 * 86_400).status == 200
    refused = get_token(user, expires_in=2 * 86_400 + 1)
    assert refused.status == 400
    assert "172800" in str(refused.body)


def test_of_too_many_tokens_the_longest_unused_goes_unless_it_has_a_name(
    user: User, settings: Any, clock: Clock
) -> None:
    settings.TOKENS_PER_USER = 3
    named, unused, used = (get_token(user, name=name).body["token"] for name in ("a", "", ""))
    clock.tick(timedelta(hours=1))
    assert works(used)

    newest = get_token(user).body["token"]

    assert not works(unused)
    assert [works(token) for token in (named, used, newest)] == [True] * 3


def test_a_token_too_many_is_refused_where_all_have_names(user: User, settings: Any) -> None:
    settings.TOKENS_PER_USER = 2
    kept = [get_token(user, name=name).body["token"] for name in ("a", "b")]

    refused = get_token(user)

    assert list(faults(refused, "TOO_MANY_TOKENS")) == []
    assert [works(token) for token in kept] == [True, True]


def test_expired_tokens_take_no_room(user: User, settings: Any, clock: Clock) -> None:
    settings.TOKENS_PER_USER = 1
    get_token(user, name="a")
    clock.tick(FOR_EXPIRY)

    assert get_token(user, name="b").status == 200


def test_no_token_is_given_for_a_password_that_was_changed_meanwhile(user: User) -> None:
    """As when the password was compared, and changed before the token was stored."""
    shown = User.objects.get(pk=user.pk)
    user.set_password("another")
    user.save()

    with pytest.raises(token_service.InvalidCredentials):
        token_service.issue(shown)


# Used


def test_a_request_costs_one_statement_to_sign_in_and_its_use_is_noted_once_in_a_while(
    user: User, clock: Clock, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = client_with(get_token(user).body["token"])
    address = f"{TOKEN}{'0' * 8}-0000-4000-8000-{'0' * 12}/"
    client.request("PUT", address)
    first = ApiToken.objects.get().last_used_at

    clock.tick(timedelta(minutes=4))
    with django_assert_num_queries(1):
        client.request("PUT", address)

    assert first is not None
    assert ApiToken.objects.get().last_used_at == first


def test_the_last_use_is_noted_again_after_some_minutes(
    user: User, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = get_token(user).body["token"]
    assert works(token)

    clock.tick(timedelta(minutes=6))
    monkeypatch.setattr(token_service, "_noted", {})  # its clock is the processor's
    assert works(token)

    assert ApiToken.objects.get().last_used_at == clock.now


@pytest.mark.django_db(transaction=True)
@pytest.mark.session_setting
def test_a_read_only_database_fails_no_request_for_the_sake_of_the_last_use(user: User) -> None:
    token = get_token(user).body["token"]
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = on")
        with pytest.raises(InternalError, match="read-only"):
            cursor.execute("DELETE FROM data_tools_apitoken")
    try:
        assert works(token)
    finally:
        connection.close()
    assert ApiToken.objects.get().last_used_at is None


# Listed and ended


def test_a_users_tokens_are_listed_without_their_text_and_nobody_elses(
    user: User, other_user: User
) -> None:
    mine = get_token(user, name="mine").body
    get_token(user, name="also mine")
    get_token(other_user, name="theirs")

    listed = tokens_listed(mine["token"])

    assert [each["name"] for each in listed] == ["also mine", "mine"]
    assert [each["is_current"] for each in listed] == [False, True]
    assert [each["last_used_at"] is None for each in listed] == [True, False]
    assert mine["token"].startswith(listed[1]["prefix"])
    assert len(listed[1]["prefix"]) == 15
    assert mine["token"] not in str(listed)
    assert listed[1]["id"] == mine["id"]


def test_a_person_sees_and_ends_the_tokens_in_the_browser(user: User) -> None:
    token = get_token(user).body
    browser = Client()
    browser.force_login(user)
    studio = Studio(transport=InProcess(browser))

    assert [each["id"] for each in studio.get(TOKEN).body["tokens"]] == [token["id"]]
    assert list(faults(studio.request("DELETE", TOKEN), "TOKEN_REQUIRED")) == []
    assert list(faults(studio.post(ROTATE), "TOKEN_REQUIRED")) == []
    assert studio.request("DELETE", f"{TOKEN}{token['id']}/").status == 200
    assert not works(token["token"])


def test_a_program_ends_its_own_token_and_no_other(user: User) -> None:
    mine, other = (get_token(user).body["token"] for _ in range(2))

    assert client_with(mine).request("DELETE", TOKEN).status == 200

    assert not works(mine)
    assert works(other)


def test_somebody_elses_token_is_answered_like_one_that_does_not_exist(
    user: User, other_user: User
) -> None:
    theirs = get_token(other_user).body
    mine = client_with(get_token(user).body["token"])

    refused = mine.request("DELETE", f"{TOKEN}{theirs['id']}/")

    assert list(faults(refused, "TOKEN_NOT_FOUND")) == []
    assert works(theirs["token"])


# Rotated


def test_both_tokens_of_a_rotation_work_for_some_minutes_and_then_only_the_new_one(
    user: User, clock: Clock
) -> None:
    old = get_token(user, name="nightly", expires_in=86_400).body
    clock.tick(timedelta(hours=1))

    new = client_with(old["token"]).post(ROTATE).body

    assert new["name"] == "nightly"
    assert datetime.fromisoformat(new["expires_at"]) == clock.now + timedelta(days=1)
    assert works(old["token"])
    assert works(new["token"])
    clock.tick(timedelta(minutes=5))
    assert not works(old["token"])
    assert works(new["token"])


def test_a_rotation_whose_answer_was_lost_is_repeated_and_the_lost_token_ends(
    user: User,
) -> None:
    old = get_token(user, name="nightly").body["token"]
    lost = client_with(old).post(ROTATE).body["token"]

    new = client_with(old).post(ROTATE).body

    assert works(new["token"])
    assert not works(lost)
    assert new["name"] == "nightly"
    assert datetime.fromisoformat(new["expires_at"]) > ApiToken.objects.earliest("created").expiry


def test_who_copied_a_rotated_token_gets_none_of_their_own(user: User) -> None:
    old = get_token(user).body["token"]
    new = client_with(old).post(ROTATE).body["token"]
    assert works(new)

    stolen = client_with(old).post(ROTATE)

    assert list(faults(stolen, "TOKEN_ALREADY_ROTATED")) == []
    assert works(new)


def test_ending_a_new_token_ends_the_one_that_it_took_the_place_of(user: User) -> None:
    old = get_token(user).body["token"]
    new = client_with(old).post(ROTATE).body["token"]

    client_with(new).request("DELETE", TOKEN)

    assert not works(old)
    assert not works(new)


def test_a_token_that_ends_soon_is_not_prolonged_by_its_rotation(user: User, clock: Clock) -> None:
    old = get_token(user, expires_in=60).body["token"]

    client_with(old).post(ROTATE)

    clock.tick(timedelta(seconds=60))
    assert not works(old)


# Gone with the password


def by_form(user: User) -> None:
    form = AdminPasswordChangeForm(user, {"password1": "Vq7-another", "password2": "Vq7-another"})
    assert form.is_valid()
    form.save()


def by_model(user: User) -> None:
    user.set_password("another")
    user.save()


def by_update(user: User) -> None:
    User.objects.filter(pk=user.pk).update(password="!")


def by_statement(user: User) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE auth_user SET password = 'another' WHERE id = %s", [user.pk])


def by_unusable_password(user: User) -> None:
    user.set_unusable_password()
    user.save(update_fields=["password"])


def in_the_admin(user: User) -> None:
    admin = Client()
    admin.force_login(UserFactory(is_staff=True, is_superuser=True))
    sent = {"password1": "Vq7-another", "password2": "Vq7-another", "usable_password": "true"}
    address = reverse("admin:auth_user_password_change", args=[user.pk])
    assert admin.post(address, sent).status_code == 302


def by_closing_and_opening_the_account(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)
    User.objects.filter(pk=user.pk).update(is_active=True)


def by_deletion(user: User) -> None:
    user.delete()


@pytest.mark.parametrize(
    "change",
    [
        by_form,
        by_model,
        by_update,
        by_statement,
        by_unusable_password,
        in_the_admin,
        by_closing_and_opening_the_account,
        by_deletion,
    ],
)
def test_a_users_tokens_end_with_the_password_however_it_is_changed(
    user: User, other_user: User, change: Callable[[User], None]
) -> None:
    ended, stays = token_of(user), token_of(other_user)
    assert works(ended)

    change(user)

    assert not works(ended)
    assert works(stays)
    assert ApiToken.objects.filter(user_id=user.pk).count() == 0


def test_tokens_stay_when_something_else_of_the_account_changes(user: User) -> None:
    token = token_of(user)

    user.email = "ada@example.org"
    user.save()
    Client().force_login(user)

    assert works(token)


def test_tokens_stay_when_the_same_password_gets_a_stronger_hash(user: User, settings: Any) -> None:
    token = get_token(user).body["token"]
    before = User.objects.get(pk=user.pk).password
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.ScryptPasswordHasher",
        *settings.PASSWORD_HASHERS,
    ]

    assert get_token(user).status == 200

    assert before.startswith("md5$")
    assert User.objects.get(pk=user.pk).password.startswith("scrypt$")
    assert works(token)
    by_model(user)
    assert not works(token)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("how", ["issue", "rotate"])
def test_a_token_that_is_given_while_the_password_changes_does_not_survive_it(
    user: User, how: str
) -> None:
    """The giver waits for the change, and then finds that it is no longer entitled."""
    shown = User.objects.get(pk=user.pk)
    old, _ = token_service.issue(shown)
    outcome: list[str] = []

    def give() -> None:
        try:
            token_service.issue(shown) if how == "issue" else token_service.rotate(old)
            outcome.append("given")
        except (token_service.InvalidCredentials, token_service.TokenNotFound):
            outcome.append("refused")
        finally:
            connection.close()

    giver = threading.Thread(target=give)
    with transaction.atomic():
        by_model(user)
        giver.start()
        eventually(somebody_waits_for_a_lock)
    giver.join()

    assert outcome == ["refused"]
    assert not ApiToken.objects.exists()


def somebody_waits_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])


# Removed


def test_what_is_left_of_old_sign_ins_is_removed_by_a_job(user: User, clock: Clock) -> None:
    Client().force_login(user)
    long_gone = get_token(user).body["token"]
    clock.tick(EXPIRED_TOKENS_KEPT)
    lately = get_token(user).body["token"]
    clock.tick(FOR_EXPIRY)

    assert remove_expired_sign_ins() == {"sessions": 1, "tokens": 1}

    assert client_with(lately).get(DATASETS).error["code"] == "TOKEN_EXPIRED"
    assert client_with(long_gone).get(DATASETS).error["code"] == "NOT_AUTHENTICATED"


def test_an_erased_users_tokens_are_gone(user: User, datasource: DataSource) -> None:
    get_token(user, name="nightly")

    call_command("erase_user", user.username, "--yes")

    assert not ApiToken.objects.exists()


def test_the_admin_shows_when_tokens_were_used_and_never_a_token(user: User) -> None:
    token = get_token(user, name="nightly").body["token"]
    admin = Client()
    admin.force_login(UserFactory(is_staff=True, is_superuser=True))
    digest = ApiToken.objects.get().digest

    pages = [
        admin.get(reverse("admin:data_tools_apitoken_changelist")),
        admin.get(reverse("admin:data_tools_apitoken_change", args=[digest])),
    ]

    for page in pages:
        assert page.status_code == 200
        assert token[:15] in page.content.decode()
        assert token[15:] not in page.content.decode()
        assert "nightly" not in page.content.decode()  # somebody's own words
    assert admin.get(reverse("admin:data_tools_apitoken_add")).status_code == 403
    sent = {"post": "yes"}
    address = reverse("admin:data_tools_apitoken_delete", args=[digest])
    assert admin.post(address, sent).status_code == 302
    assert not works(token)


# From the command line


def test_an_operator_gives_a_program_a_token(user: User, clock: Clock) -> None:
    output = io.StringIO()

    call_command("create_token", user.username, "--name", "nightly", "--days", "2", stdout=output)

    token = output.getvalue().strip()
    assert [each["name"] for each in tokens_listed(token)] == ["nightly"]
    clock.tick(timedelta(days=2))
    assert not works(token)


def test_the_command_gives_no_token_that_could_not_be_used(user: User, settings: Any) -> None:
    settings.TOKENS_PER_USER = 1
    call_command("create_token", user.username, "--name", "nightly", stdout=io.StringIO())
    for arguments, reason in (
        (("nobody at all",), "There is no user"),
        ((user.username, "--days", "91"), "from 1 to 90"),
        ((user.username, "--days", "0"), "from 1 to 90"),
        ((user.username, "--name", "x" * 101), "at most 100"),
        ((user.username,), "too many tokens"),
    ):
        with pytest.raises(CommandError, match=reason):
            call_command("create_token", *arguments)
    User.objects.update(is_active=False)
    with pytest.raises(CommandError, match="is closed"):
        call_command("create_token", user.username)
