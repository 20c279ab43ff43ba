"""`manage.py create_user NAME`: make an account for somebody who is no administrator."""

from __future__ import annotations

import getpass
import sys
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = (
        "Make an account with which somebody can sign in, and ask for its password. The user is no "
        "administrator; `createsuperuser` makes one."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--email", default="")
        parser.add_argument(
            "--password-stdin", action="store_true", help="read the password's line from stdin"
        )

    def handle(self, *, username: str, email: str, password_stdin: bool, **_: Any) -> None:
        user = User(username=User.normalize_username(username), email=email)
        try:
            user.clean_fields(exclude=["password"])
            user.validate_unique()
            password = sys.stdin.readline().rstrip("\r\n") if password_stdin else _asked_for()
            validate_password(password, user)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        user.set_password(password)
        user.save()
        self.stdout.write(f"“{user.username}” can sign in.")


def _asked_for() -> str:
    password = getpass.getpass("Password: ")
    if getpass.getpass("Password again: ") != password:
        raise ValidationError("The two passwords are not the same.")
    return password
