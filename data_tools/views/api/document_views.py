"""The OpenAPI document, and a page to read it and try the API."""

from __future__ import annotations

from typing import Any

from django.http.response import HttpResponseBase
from drf_orjson_renderer.renderers import ORJSONRenderer
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerView
from rest_framework.request import Request

from data_tools.answers.error_answers import StandardErrorResponse


class _ErrorsInJson:
    """Renders errors like the rest of the API, whatever the view's own media type is."""

    http_method_names = ("get", "head")

    def finalize_response(
        self, request: Request, response: HttpResponseBase, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        if isinstance(response, StandardErrorResponse):
            request.accepted_renderer = ORJSONRenderer()
            request.accepted_media_type = ORJSONRenderer.media_type
        return super().finalize_response(request, response, *args, **kwargs)  # type: ignore[misc]


class DocumentView(_ErrorsInJson, SpectacularJSONAPIView):
    """The OpenAPI document."""


class DocumentPageView(_ErrorsInJson, SpectacularSwaggerView):
    """Swagger UI with that document; its files are served by this service."""

    url_name = "schema"
