"""Answers to requests that reach no view: JSON below the API's mounts, plain pages elsewhere."""

from __future__ import annotations

import sys

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from django.views import defaults

from data_tools.answers.error_answers import StandardErrorResponse
from data_tools.exceptions import TookTooLong
from data_tools.http.addresses import address_meant, is_of_existing_clients, is_of_the_api
from data_tools.http.capabilities import CAPABILITIES_HEADER
from data_tools.http.errors import ApiError, error_from
from data_tools.http.json_answers import StudioJSONRenderer
from data_tools.http.outage_lines import tell_outage
from data_tools.observing.activity import note
from data_tools.sql.database_errors import meaning_of


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's `handler404`."""
    if not is_of_the_api(request):
        return defaults.page_not_found(request, exception)
    meant = address_meant(request)
    message = "There is no such address" + (f"; {meant} is one." if meant else ".")
    return _rendered(request, ApiError(code="NOT_FOUND", message=message))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's `handler400`, for an unknown host or a form that cannot be read."""
    if not is_of_the_api(request):
        return defaults.bad_request(request, exception)
    return _rendered(request, error_from(exception))


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's `handler500`, which is called while the exception is handled.

    A database that fails, and a request whose time is over, are answered as such, on pages as well.
    """
    exc = sys.exception()
    error = ApiError(code="INTERNAL_ERROR", message="an unexpected error")
    if isinstance(exc, TookTooLong) or (isinstance(exc, Exception) and meaning_of(exc) is not None):
        error = error_from(exc)
        tell_outage(error.code, exc)
    note(error_code=error.code)
    if is_of_the_api(request):
        return _rendered(request, error)
    if error.code == "INTERNAL_ERROR":
        return defaults.server_error(request)
    page = render_to_string(
        "data_tools/message.html",
        {"title": error.kind.status.phrase, "text": error.user_message},
    )
    return HttpResponse(page, status=error.kind.status, headers=dict(error.headers))


def _rendered(request: HttpRequest, error: ApiError) -> HttpResponse:
    """Return the error; below the mounts of existing clients in the form that they read."""
    response = StandardErrorResponse(
        error, request=request, is_existing_endpoint=is_of_existing_clients(request)
    )
    response.accepted_renderer = StudioJSONRenderer()
    response.accepted_media_type = StudioJSONRenderer.media_type
    response.renderer_context = {}
    patch_vary_headers(response, [CAPABILITIES_HEADER])
    return response.render()
