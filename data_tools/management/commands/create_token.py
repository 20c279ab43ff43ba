"""`manage.py create_token NAME`: print a new token for one of a user's programs."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from data_tools.exceptions import InvalidCredentials, TooManyTokens
from data_tools.services import token_service


class Command(BaseCommand):
    help = "Print a new token for one of a user's programs. Only its hash is stored, so keep it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--name", default="", help="what the token is for")
        parser.add_argument("--days", type=int, help="for how long; TOKEN_DAYS at most")

    def handle(self, *, username: str, name: str, days: int | None, **_: Any) -> None:
        longest = token_service.longest_lifetime().days
        if days is not None and not 1 <= days <= longest:
            raise CommandError(f"--days must be from 1 to {longest}.")
        if len(name) > 100:
            raise CommandError("--name must have at most 100 characters.")
        try:
            user = User.objects.get_by_natural_key(username)
            lifetime = None if days is None else timedelta(days=days)
            _, text = token_service.issue(user, name=name, lifetime=lifetime)
        except User.DoesNotExist:
            raise CommandError(f"There is no user “{username}”.") from None
        except InvalidCredentials:
            raise CommandError(f"The account of “{username}” is closed.") from None
        except TooManyTokens as error:
            raise CommandError(str(error)) from None
        self.stdout.write(text)
