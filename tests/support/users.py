"""Users of the service, and the tokens that their clients send."""

from __future__ import annotations

from datetime import timedelta

import factory
from django.contrib.auth.models import User
from django.utils import timezone

from data_tools.models import ApiToken


class UserFactory(factory.django.DjangoModelFactory):
    """A user whose password is `password`."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda number: f"user{number}")
    password = factory.django.Password("password")


def token_of(user: User) -> str:
    """Return a new API token of the user's, which lasts wherever a test moves the clock.

    It was just used, so that counted requests are as those of a program that is at work.
    """
    lasting = {"expiry": timedelta(days=36_500), "last_used_at": timezone.now()}
    return ApiToken.objects.create(user=user, **lasting)[1]
