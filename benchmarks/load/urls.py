"""The service's addresses, and the trivial view that its throughput is compared with."""

from __future__ import annotations

from django.urls import include, path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from hydroml import urls

TRIVIAL = "trivial/"


class TrivialView(APIView):
    """Look up whose token it is, and answer with a few bytes of JSON."""

    throttle_classes = ()
    calls_let_in = True  # otherwise all clients of one address together may send eight at a time

    def get(self, request: Request) -> Response:
        return Response({"success": True})


urlpatterns = [path(TRIVIAL, TrivialView.as_view()), path("", include(urls.urlpatterns))]
