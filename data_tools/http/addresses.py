"""Addresses with a wrong number of slashes, and cookies that no database can look up."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.middleware.common import CommonMiddleware
from django.urls import is_valid_path

_API = re.compile("/+(?:tools/+|data-tools/+)?api(?:/|$)")
_EXISTING = re.compile("/+(?:(?:tools|data-tools)/+api|api/+studio)(?:/|$)")

NUL = "\x00"  # PostgreSQL has no text with it: psycopg2 raises instead of finding nothing


def mount_of(datasource_id: uuid.UUID | str) -> str:
    """Return the canonical address of a dataset, which those of its endpoints begin with."""
    return f"/api/studio/{datasource_id}/"


def dataset_of(mount: str) -> str:
    """Return the address of the dataset itself, of which `mount` is as `mount_of` returns it."""
    return mount.replace("/api/studio/", "/api/datasources/", 1)


def is_of_existing_clients(request: HttpRequest) -> bool:
    """Tell whether the address is below one of the mounts that existing clients call."""
    return _EXISTING.match(request.path) is not None


def is_of_the_api(request: HttpRequest) -> bool:
    """Tell whether the request is for the API, however many slashes its address has."""
    return _API.match(request.path) is not None


def address_meant(request: HttpRequest) -> str | None:
    """Return the address that exists if only the slashes of the request's address are wrong."""
    path = re.sub("/+", "/", f"{request.path_info}/")
    return path if is_valid_path(path) else None


class StudioCommonMiddleware(CommonMiddleware):
    """Django's, except that the API redirects no request with a body: a redirect would lose it."""

    def should_redirect_with_slash(self, request: HttpRequest) -> bool:
        if is_of_the_api(request) and request.method not in ("GET", "HEAD"):
            return False
        return super().should_redirect_with_slash(request)


class ReadableCookiesMiddleware:
    """Drops cookies that hold a NUL; the service never sets one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        for name in [name for name, value in request.COOKIES.items() if NUL in value]:
            del request.COOKIES[name]
        return self.get_response(request)
