"""The OpenAPI document, and a page to read it and try the API."""

from __future__ import annotations

import functools
import threading
from typing import Any

from django.http.response import HttpResponse, HttpResponseBase
from drf_spectacular.renderers import OpenApiJsonRenderer
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerSplitView
from rest_framework.request import Request

from data_tools.answers.error_answers import StandardErrorResponse
from data_tools.http.json_answers import StudioJSONRenderer
from data_tools.under_way.requests import Work


class _ErrorsInJson:
    """Renders errors like the rest of the API, whatever the view's own media type is."""

    http_method_names = ("get", "head")
    work = Work.LIGHT

    def finalize_response(
        self, request: Request, response: HttpResponseBase, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        if isinstance(response, StandardErrorResponse):
            request.accepted_renderer = StudioJSONRenderer()
            request.accepted_media_type = StudioJSONRenderer.media_type
        return super().finalize_response(request, response, *args, **kwargs)  # type: ignore[misc]


_writing = threading.Lock()


def _document() -> bytes:
    """Return the document, which is the same for everybody and is written once in a process.

    Writing it takes half a second, and anybody may ask for it.

    drf-spectacular loads some classes on first use, which fails in two threads at once.
    """
    with _writing:
        return _written_document()


@functools.cache
def _written_document() -> bytes:
    document = SpectacularJSONAPIView.generator_class().get_schema(public=True)
    return OpenApiJsonRenderer().render(document)


class DocumentView(_ErrorsInJson, SpectacularJSONAPIView):
    """The OpenAPI document."""

    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        filename = self._get_filename(request, None)
        return HttpResponse(
            _document(),
            content_type=request.accepted_renderer.media_type,
            headers={"Content-Disposition": f'inline; filename="{filename}"'},
        )


class DocumentPageView(_ErrorsInJson, SpectacularSwaggerSplitView):
    """Swagger UI with that document. This service serves its files, and nothing in it is inline."""

    url_name = "schema"
    template_name = "data_tools/document_page.html"
