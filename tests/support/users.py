"""Users of the service, and the tokens that their clients send."""

from __future__ import annotations

import factory
from django.contrib.auth.models import User
from rest_framework.authtoken.models import Token


class UserFactory(factory.django.DjangoModelFactory):
    """A user whose password is `password`."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda number: f"user{number}")
    password = factory.django.Password("password")


def token_of(user: User) -> str:
    """Return the user's API token; it is made by the first call."""
    return Token.objects.get_or_create(user=user)[0].key
