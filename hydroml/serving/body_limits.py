"""Refuses bodies that are too large by their declared length, before any of it is read."""

from __future__ import annotations

from django.conf import settings
from django.urls import Resolver404, resolve
from gunicorn.http.message import Request
from rest_framework.parsers import MultiPartParser

from data_tools.http.errors import ApiError
from hydroml.serving import refusals

# Allowed beyond the file itself, for the form around it and the options of the upload. The
# application counts more exactly.
_FORM_BYTES = 4 << 20
_CREDENTIALS = ("AUTHORIZATION", "COOKIE")


def refusal_of_body(request: Request, length_bytes: int) -> ApiError | None:
    """Return why a body of this declared length is refused; None if it is to be read.

    More than `DATA_UPLOAD_MAX_MEMORY_SIZE` bytes are read only for addresses that take files, and
    only if the request has credentials. The application checks whether they are valid.
    """
    most_bytes: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    if length_bytes <= most_bytes:
        return None
    if _takes_files(request.path):
        most_bytes = settings.UPLOADS["MAX_BYTES"]
        if length_bytes <= most_bytes + _FORM_BYTES:
            is_signed_in = any(name in _CREDENTIALS for name, _ in request.headers)
            return None if is_signed_in else refusals.not_signed_in()
    return refusals.body_too_large(most_bytes)


def _takes_files(path: str) -> bool:
    try:
        view = resolve(path).func
    except Resolver404:
        return False
    parsers = getattr(getattr(view, "cls", None), "parser_classes", ())
    return any(issubclass(parser, MultiPartParser) for parser in parsers)
