"""Who may ask: a token for programs, a login session for the browser, nobody else."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from django.contrib.auth.models import User
from django.test import Client

from data_tools.models import ApiToken, DataSource
from tests.support.small_datasets import publish
from tests.support.studio_client import InProcess, Studio
from tests.support.studios import studio_of

pytestmark = pytest.mark.django_db

TOKEN = "/api/auth/token/"
LOGIN = "/accounts/login/"
JSON = "application/json"


class HiddenFields(HTMLParser):
    """The values of a page's hidden inputs."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "input" and given.get("type") == "hidden":
            self.values[given["name"] or ""] = given.get("value") or ""


@pytest.fixture
def browser() -> Client:
    return Client(enforce_csrf_checks=True)


def sign_in(browser: Client, user: User, password: str = "password", next_page: str = "") -> object:
    """Sign in as a person does: open the page, fill in the form, send it."""
    page = browser.get(LOGIN, {"next": next_page} if next_page else None)
    fields = HiddenFields(page.content.decode()).values
    return browser.post(LOGIN, fields | {"username": user.username, "password": password})


# Tokens


def test_a_token_opens_the_users_datasets_and_nobody_elses(
    user: User, other_user: User, datasource: DataSource
) -> None:
    mine = studio_of(user, datasource)
    theirs = studio_of(other_user, datasource)

    assert mine.get("session/status/").status == 200
    assert theirs.get("session/status/").status == 404


@pytest.mark.parametrize(
    ("username", "password"), [("", "wrong"), ("nobody", "password"), ("", "")]
)
def test_wrong_credentials_give_no_token_and_do_not_tell_which_one_was_wrong(
    user: User, client: Client, username: str, password: str
) -> None:
    sent = {"username": username or user.username, "password": password or "Password"}

    answer = client.post(TOKEN, sent, content_type=JSON)

    assert answer.status_code == 400
    assert answer.json()["error"]["user_message"] == "The user name or the password is not right."
    assert not ApiToken.objects.exists()


def test_a_deactivated_user_gets_in_nowhere(
    user: User, client: Client, browser: Client, datasource: DataSource
) -> None:
    studio = studio_of(user, datasource)
    browser.force_login(user)
    User.objects.update(is_active=False)

    assert studio.get("session/status/").status == 401
    assert browser.get(f"/api/studio/{datasource.pk}/session/status/").status_code == 401
    sent = {"username": user.username, "password": "password"}
    assert client.post(TOKEN, sent, content_type=JSON).status_code == 400


def test_a_token_needs_no_csrf_token_wherever_the_request_comes_from(
    user: User, datasource: DataSource
) -> None:
    studio = studio_of(user, datasource)

    answer = studio.post("session/initialize/", headers={"Sec-Fetch-Site": "cross-site"})

    assert answer.status == 200


# The login page and the home page


def test_a_person_signs_in_and_is_sent_to_the_page_they_wanted(user: User, browser: Client) -> None:
    asked = browser.get("/")
    assert (asked.status_code, asked["Location"]) == (302, f"{LOGIN}?next=/")

    answer = sign_in(browser, user, next_page="/?from=here")

    assert (answer.status_code, answer["Location"]) == (302, "/?from=here")
    home = browser.get("/")
    assert home.status_code == 200
    assert f'data-user-name="{user.username}"' in home.content.decode()


def test_a_wrong_password_is_reported_on_the_page_and_signs_nobody_in(
    user: User, browser: Client
) -> None:
    answer = sign_in(browser, user, password="wrong")

    assert answer.status_code == 200
    assert 'role="alert"' in answer.content.decode()
    assert browser.get("/").status_code == 302


def test_the_form_is_shown_for_another_user_than_the_one_who_is_signed_in(
    user: User, other_user: User, browser: Client
) -> None:
    browser.force_login(other_user)

    for_own = browser.get(LOGIN, {"next": "/a", "user": other_user.pk})
    for_anybody = browser.get(LOGIN, {"next": "/a"})
    for_another = browser.get(LOGIN, {"next": "/a", "user": user.pk})

    assert (for_own.status_code, for_own["Location"]) == (302, "/a")
    assert (for_anybody.status_code, for_anybody["Location"]) == (302, "/a")
    assert for_another.status_code == 200


@pytest.mark.parametrize("next_page", ["https://evil.example/", "//evil.example", "javascript:x"])
def test_signing_in_never_leads_to_another_site(
    user: User, browser: Client, next_page: str
) -> None:
    assert sign_in(browser, user, next_page=next_page)["Location"] == "/"


def test_a_login_that_was_forged_elsewhere_is_refused(user: User, browser: Client) -> None:
    sent = {"username": user.username, "password": "password"}

    assert browser.post(LOGIN, sent).status_code == 403


def test_a_person_signs_out(user: User, browser: Client) -> None:
    sign_in(browser, user)
    fields = HiddenFields(browser.get("/").content.decode()).values

    answer = browser.post("/accounts/logout/", fields)

    assert (answer.status_code, answer["Location"]) == (302, LOGIN)
    assert browser.get("/").status_code == 302


def test_the_home_page_lists_the_users_datasets_and_escapes_their_names(
    user: User, other_user: User, browser: Client
) -> None:
    publish(user, rows=[], name="<script>alert(1)</script>")
    publish(other_user, rows=[], name="somebody else's")
    browser.force_login(user)

    page = browser.get("/").content.decode()

    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>" not in page
    assert "somebody else" not in page


def test_the_home_page_tells_which_datasets_are_loading_or_have_failed(
    user: User, browser: Client
) -> None:
    failed = publish(user, rows=[], name="failed")
    failed.status, failed.error_reason = DataSource.Status.ERROR, "Line 3 has 1 field"
    failed.save()
    browser.force_login(user)

    assert "Line 3 has 1 field" in browser.get("/").content.decode()


# A login session's changes come from our own pages


@pytest.fixture
def signed_in(user: User, datasource: DataSource, browser: Client) -> Studio:
    sign_in(browser, user)
    return Studio(datasource_id=datasource.pk, transport=InProcess(browser))


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "http://testserver"},
        {"Origin": "http://testserver"},
    ],
    ids=["the browser says so", "both say so", "an older browser's origin"],
)
def test_a_change_from_our_own_page_needs_no_csrf_token(
    signed_in: Studio, headers: dict[str, str]
) -> None:
    assert signed_in.post("session/initialize/", headers=headers).status == 200


def test_a_change_with_the_csrf_token_passes_as_existing_pages_send_it(
    signed_in: Studio, browser: Client
) -> None:
    token = browser.cookies["csrftoken"].value

    assert signed_in.post("session/initialize/", headers={"X-CSRFToken": token}).status == 200


def test_a_change_from_elsewhere_is_refused_and_reading_is_not(signed_in: Studio) -> None:
    elsewhere = {"Sec-Fetch-Site": "cross-site", "Origin": "http://evil.example"}

    assert signed_in.post("session/initialize/", headers=elsewhere).status == 403
    assert signed_in.get("session/status/", headers=elsewhere).status == 200
    assert signed_in.get("session/status/").body["session_exists"] is False


def test_the_page_of_one_user_is_refused_while_another_one_is_signed_in(
    browser: Client, user: User, other_user: User, datasource: DataSource
) -> None:
    address = f"/api/studio/{datasource.pk}/columns/"
    browser.force_login(user)

    own = browser.get(address, headers={"X-Studio-User": str(user.pk)})
    others = browser.get(address, headers={"X-Studio-User": str(other_user.pk)})

    assert own.status_code == 200
    assert others.status_code == 401
    error = others.json()["error"]
    assert error["code"] == "NOT_AUTHENTICATED"
    assert error["user_message"].startswith("Another user is signed in in this browser now.")
