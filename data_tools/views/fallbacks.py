"""Answers to requests that reach no view: JSON below the API's mounts, plain pages elsewhere."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views import defaults
from drf_orjson_renderer.renderers import ORJSONRenderer

from data_tools.answers.error_answers import StandardErrorResponse
from data_tools.http.addresses import address_meant, is_of_the_api
from data_tools.http.errors import ApiError, error_from


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
    """Django's `handler500`."""
    if not is_of_the_api(request):
        return defaults.server_error(request)
    return _rendered(request, ApiError(code="INTERNAL_ERROR", message="an unexpected error"))


def _rendered(request: HttpRequest, error: ApiError) -> HttpResponse:
    response = StandardErrorResponse(error, request=request)
    response.accepted_renderer = ORJSONRenderer()
    response.accepted_media_type = ORJSONRenderer.media_type
    response.renderer_context = {}
    return response.render()
