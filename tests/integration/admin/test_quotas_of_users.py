"""The admin shows what a user keeps, and changes what they may keep, by permission."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from data_tools.models import UserQuotas
from data_tools.quotas.limits import Quota, limits_of
from data_tools.services import erasure_service
from tests.support.studios import open_studio
from tests.support.users import UserFactory

pytestmark = pytest.mark.django_db

INLINE = "quotas-0-"


@pytest.fixture
def member(client: Client) -> Client:
    client.force_login(UserFactory(username="member", is_staff=True))
    return client


def allow(*codenames: str) -> None:
    User.objects.get(username="member").user_permissions.set(
        Permission.objects.filter(codename__in=codenames)
    )


def page_of(user: User) -> str:
    return reverse("admin:auth_user_change", args=[user.pk])


def form_of(user: User, **quotas: str) -> dict[str, str]:
    exists = "1" if UserQuotas.objects.filter(user=user).exists() else "0"
    return {
        "username": user.username,
        "is_active": "on",
        "date_joined_0": "2026-01-01",
        "date_joined_1": "00:00:00",
        "quotas-TOTAL_FORMS": "1",
        "quotas-INITIAL_FORMS": exists,
        "quotas-MIN_NUM_FORMS": "0",
        "quotas-MAX_NUM_FORMS": "1",
        f"{INLINE}user": str(user.pk),
        **{f"{INLINE}{name}": value for name, value in quotas.items()},
    }


def test_the_page_of_a_user_shows_what_they_keep(member: Client, user: User) -> None:
    open_studio(user)
    allow("view_user")

    page = member.get(page_of(user)).content.decode()

    assert "<p>events: 1 of 1,000,000</p>" in page
    assert "<p>open sessions: 1 of 50</p>" in page
    assert f"{INLINE}events" not in page


def test_whoever_may_change_quotas_gives_a_user_another(member: Client, user: User) -> None:
    allow("view_user", "change_user", "view_userquotas", "add_userquotas", "change_userquotas")

    answer = member.post(page_of(user), form_of(user, events="5", datasets=""))

    assert answer.status_code == 302, answer.content.decode()
    assert limits_of(user.pk)[Quota.EVENTS] == 5
    assert limits_of(user.pk)[Quota.DATASETS] == 1_000
    assert member.post(page_of(user), form_of(user, events="7")).status_code == 302
    assert limits_of(user.pk)[Quota.EVENTS] == 7


@pytest.mark.parametrize("beside", [(), ("view_userquotas",)])
def test_nobody_else_changes_quotas(member: Client, user: User, beside: tuple[str, ...]) -> None:
    allow("view_user", "change_user", *beside)

    member.post(page_of(user), form_of(user, events="5"))

    assert not UserQuotas.objects.exists()


def test_a_new_user_is_added_without_quotas(member: Client) -> None:
    allow("add_user", "change_user", "view_user", "add_userquotas")

    assert "quotas-TOTAL_FORMS" not in member.get(reverse("admin:auth_user_add")).content.decode()


def test_erasing_a_user_erases_their_quotas(user: User) -> None:
    UserQuotas.objects.create(user=user, events=5)

    erasure_service.erase(user, removed_by="test")

    assert not UserQuotas.objects.exists()
