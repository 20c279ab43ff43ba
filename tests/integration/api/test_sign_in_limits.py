"""Guessing passwords is slowed down by account and place, and keeps nobody else out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.auth.models import User
from django.test import Client, RequestFactory

from data_tools.http import throttling
from data_tools.http.known_browsers import COOKIE
from data_tools.http.sign_in_limits import account_of
from tests.contract.error_shape import faults
from tests.crash.victims import OwnRedis
from tests.support.at_once import at_once
from tests.support.dead_redis import DeadRedis
from tests.support.serving import Server
from tests.support.studio_client import STRUCTURED, Answer, InProcess, Studio
from tests.support.users import UserFactory

pytestmark = pytest.mark.django_db

TOKEN = "/api/auth/token/"
LOGIN = "/accounts/login/"
OFFICE, HOME, ELSEWHERE = "192.0.2.1", "198.51.100.7", "203.0.113.9"


@pytest.fixture(autouse=True)
def _limits(settings: Any) -> Iterator[None]:
    settings.RATE_LIMITS, settings.REDIS_URL = {}, ""
    settings.SIGN_IN_FAILURES = {"FROM_ONE_PLACE": "3/hour", "FROM_NEW_PLACES": "6/hour"}
    throttling._built_counters.cache_clear()
    yield
    throttling._built_counters.cache_clear()


def from_address(address: str) -> Studio:
    return Studio(transport=InProcess(Client(REMOTE_ADDR=address)), headers=STRUCTURED)


def ask(studio: Studio, username: str, password: str) -> Answer:
    return studio.post(TOKEN, {"username": username, "password": password})


def guess(address: str, username: str, times: int = 1) -> list[int]:
    studio = from_address(address)
    return [ask(studio, username, f"guess {number}").status for number in range(times)]


def gets_in(address: str, user: User) -> bool:
    return ask(from_address(address), user.username, "password").status == 200


def fill_in_form(browser: Client, user: User, password: str) -> int:
    """The status of the answer: 302 after signing in, 200 for a wrong password."""
    sent = {"username": user.username, "password": password}
    return browser.post(LOGIN, sent).status_code


def known_browser(user: User, address: str) -> Client:
    """A browser in which the user signed in and out."""
    before = Client(REMOTE_ADDR=address)
    assert fill_in_form(before, user, "password") == 302
    browser = Client(REMOTE_ADDR=address)
    browser.cookies[COOKIE] = before.cookies[COOKIE].value
    return browser


def test_guesses_from_one_place_are_refused_and_its_right_password_as_well(user: User) -> None:
    assert guess(OFFICE, user.username, 4) == [400, 400, 400, 429]

    refused = ask(from_address(OFFICE), user.username, "password")

    assert list(faults(refused, "THROTTLED")) == []
    assert 3000 < int(refused.headers["Retry-After"]) <= 3600


def test_guesses_from_one_place_keep_nobody_out_elsewhere_nor_others_there(
    user: User, other_user: User
) -> None:
    guess(OFFICE, user.username, 4)

    assert gets_in(HOME, user)
    assert gets_in(OFFICE, other_user)


def test_an_account_that_many_addresses_guess_at_stays_open_where_its_user_was_before(
    user: User,
) -> None:
    browser = known_browser(user, ELSEWHERE)
    assert gets_in(OFFICE, user)

    statuses = [status for n in range(9) for status in guess(f"10.0.0.{n}", user.username)]

    assert statuses == [400] * 6 + [429] * 3
    assert gets_in(OFFICE, user)
    browser.defaults["REMOTE_ADDR"] = "10.9.9.9"  # where it travelled
    assert fill_in_form(browser, user, "password") == 302
    assert not gets_in(HOME, user)


def test_guesses_from_the_users_own_address_do_not_keep_out_the_browser_they_used(
    user: User,
) -> None:
    browser = known_browser(user, OFFICE)

    assert guess(OFFICE, user.username, 4)[-1] == 429

    assert fill_in_form(browser, user, "password") == 302


def test_a_known_browser_has_a_limit_of_its_own_and_for_its_own_account_alone(
    user: User, other_user: User
) -> None:
    browser = known_browser(user, OFFICE)

    statuses = [fill_in_form(browser, user, f"guess {n}") for n in range(4)]
    of_another = [fill_in_form(browser, other_user, f"guess {n}") for n in range(4)]

    assert statuses == of_another == [200, 200, 200, 429]
    assert guess(OFFICE, other_user.username) == [429]
    assert gets_in(OFFICE, user)


@pytest.mark.parametrize("forge", ["{value}x", "x", "", "1:2:3"])
def test_a_forged_cookie_makes_no_known_browser(user: User, forge: str) -> None:
    value = known_browser(user, OFFICE).cookies[COOKIE].value
    throttling._built_counters.cache_clear()  # the address is not known either
    guess(HOME, user.username, 3)

    forger = Client(REMOTE_ADDR=HOME)
    forger.cookies[COOKIE] = forge.format(value=value)

    assert fill_in_form(forger, user, "password") == 429


def test_the_cookie_is_out_of_reach_of_scripts_and_names_nobody(user: User) -> None:
    browser = Client()

    fill_in_form(browser, user, "password")

    cookie = browser.cookies[COOKIE]
    assert (cookie["httponly"], cookie["samesite"], bool(cookie["max-age"])) == (True, "Lax", True)
    assert user.username not in cookie.value
    assert COOKIE not in Client().get(LOGIN).cookies


def test_who_gets_it_right_in_the_end_begins_anew(user: User) -> None:
    for _ in range(3):
        assert guess(OFFICE, user.username, 2) == [400, 400]
        assert gets_in(OFFICE, user)


def test_names_that_do_not_exist_are_counted_as_if_they_did(user: User) -> None:
    assert guess(OFFICE, "nobody", 5) == guess(OFFICE, user.username, 5)
    assert guess(HOME, "nobody", 1) == guess(HOME, user.username, 1)


@pytest.mark.parametrize("spelling", ["ADA", "ada ", "ａｄａ"])
def test_a_name_is_counted_however_it_is_spelled(spelling: str) -> None:
    assert account_of(spelling) == account_of("ada")
    assert account_of("adam") != account_of("ada")


@pytest.mark.parametrize(
    ("first", "second", "are_one"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        (OFFICE, f"::ffff:{OFFICE}", True),
    ],
)
def test_addresses_of_one_customer_are_one_place(
    user: User, settings: Any, first: str, second: str, are_one: bool
) -> None:
    settings.RATE_LIMITS = {"sign-ins": "2/hour"}
    guess(first, "somebody", 2)

    assert guess(second, user.username) == [429 if are_one else 400]


def test_a_try_that_is_refused_hashes_no_password(
    user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[str] = []
    encode = MD5PasswordHasher.encode

    def counted(self: MD5PasswordHasher, password: str, salt: str) -> str:
        hashed.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counted)

    statuses = guess(OFFICE, user.username, 5) + guess(OFFICE, "nobody", 5)

    assert statuses == [400, 400, 400, 429, 429] * 2
    assert len(hashed) == 6, "one hash for each try that was not refused, whether there is a user"


@pytest.mark.parametrize("path", [LOGIN, "/admin/login/"])
def test_a_form_that_is_refused_says_how_long_to_wait(user: User, path: str) -> None:
    browser = Client()
    sent = {"username": user.username, "password": "guess"}

    answers = [browser.post(path, sent) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert 3000 < int(answers[3].headers["Retry-After"]) <= 3600
    assert "Try again in" in answers[3].content.decode()


def test_who_has_to_wait_is_told_the_longest_wait_of_several_windows(
    user: User, settings: Any
) -> None:
    settings.SIGN_IN_FAILURES = {
        "FROM_ONE_PLACE": "2/minute; 3/hour; 2/day",
        "FROM_NEW_PLACES": "off",
    }
    guess(OFFICE, user.username, 2)

    refused = ask(from_address(OFFICE), user.username, "password")

    assert refused.status == 429
    assert 3600 < int(refused.headers["Retry-After"]) <= 86_400


def test_a_command_signs_in_without_limits(user: User) -> None:
    guess(OFFICE, user.username, 4)

    assert authenticate(None, username=user.username, password="password") == user


def test_a_closed_account_is_refused_like_a_wrong_password(user: User) -> None:
    User.objects.update(is_active=False)
    request = RequestFactory().post(TOKEN)

    assert authenticate(request, username=user.username, password="password") is None


def test_while_redis_does_not_answer_each_process_counts_for_itself(
    user: User, settings: Any, dead_redis: DeadRedis
) -> None:
    settings.REDIS_URL = dead_redis.url

    assert guess(OFFICE, user.username, 4) == [400, 400, 400, 429]


@pytest.mark.django_db(transaction=True)
def test_the_processes_of_a_server_count_together_and_redis_learns_no_name(
    own_redis: OwnRedis, tmp_path: Path
) -> None:
    user = UserFactory(username="Zurueckgelassenes")
    with Server(
        log=tmp_path / "log",
        workers=2,
        redis_url=own_redis.url,
        environment={
            "DJANGO_SETTINGS_MODULE": "tests.support.patient_settings",
            "SIGN_IN_FAILURES_FROM_ONE_PLACE": "3/hour",
            "RATE_LIMITS": "true",
            "RATE_LIMIT_SIGN_INS": "off",
        },
    ) as server:
        studio = Studio(transport=server.transport)

        one_by_one = [ask(studio, user.username, "guess").status for _ in range(10)]
        at_the_same_time = at_once([lambda: ask(studio, "another", "guess").status] * 40)

    assert one_by_one == [400] * 3 + [429] * 7
    with redis.Redis.from_url(own_redis.url) as client:
        keys = client.keys("*")
        values = b"".join(client.dump(key) or b"" for key in keys)
    assert any(b"failed sign-ins" in key for key in keys)
    assert b"Zurueckgelassenes".lower() not in (b"".join(keys) + values).lower()
    checks_at_once = 2 * settings.PASSWORD_CHECKS_PER_PROCESS
    allowed = at_the_same_time.count(400)
    assert 3 <= allowed < 3 + checks_at_once, "those under way at once do not see it"
