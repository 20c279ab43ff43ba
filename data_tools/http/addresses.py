"""Addresses without their last slash, and cookies that no database can look up."""

from __future__ import annotations

import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.middleware.common import CommonMiddleware
from django.urls import is_valid_path

_API = re.compile("/+(?:tools/+|data-tools/+)?api(?:/|$)")

NUL = "\x00"  # PostgreSQL has no text with it, so psycopg2 raises where it should find nothing


def is_of_the_api(request: HttpRequest) -> bool:
    """Tell whether somebody means the API, however many slashes they write."""
    return _API.match(request.path) is not None


def address_meant(request: HttpRequest) -> str | None:
    """Return the address that there is, where only the slashes of the request's are wrong."""
    path = re.sub("/+", "/", f"{request.path_info}/")
    return path if is_valid_path(path) else None


class StudioCommonMiddleware(CommonMiddleware):
    """Django's, but the API sends nobody on who brings a body: a redirected POST loses it."""

    def should_redirect_with_slash(self, request: HttpRequest) -> bool:
        if is_of_the_api(request) and request.method not in ("GET", "HEAD"):
            return False
        return super().should_redirect_with_slash(request)


class ReadableCookiesMiddleware:
    """Drops cookies that hold a NUL: nobody was ever given one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        for name in [name for name, value in request.COOKIES.items() if NUL in value]:
            del request.COOKIES[name]
        return self.get_response(request)
