"""The service's addresses, and `/faulty/…`, which fails with all that it was sent in its hands."""

from __future__ import annotations

import logging
from typing import Any, NoReturn

from django.db import connection
from django.http import HttpRequest
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt

from hydroml.urls import handler400, handler404, handler500

__all__ = ["handler400", "handler404", "handler500", "urlpatterns"]

logger = logging.getLogger("data_tools.faulty")
libraries_logger = logging.getLogger("a_library")


@csrf_exempt
def fail(request: HttpRequest, kind: str, column: str) -> NoReturn:
    """Raise an error that quotes the column; local variables hold what else was sent."""
    sent: dict[str, Any] = {
        "form": request.POST.dict(),
        "files": {name: (file.name, file.read()) for name, file in request.FILES.items()},
        "query": request.GET.dict(),
        "headers": dict(request.headers),
        "cookies": dict(request.COOKIES),
        "body": None if request.POST else request.body,
    }
    everything = f"{column} {sent}"
    match kind:
        case "logged":
            logger.error("It failed for %s: %s", column, sent, extra={"sent": everything})
            libraries_logger.error(f"It failed for {everything}")  # as some libraries do
            logger.error("It failed.", stack_info=True)
        case "sql":
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT '{column}'::integer, %s", [everything])
        case "group":
            raise ExceptionGroup(everything, [ValueError(everything), KeyError(column)])
    try:
        int(everything)
    except ValueError as error:
        error.add_note(everything)
        raise KeyError(everything) from error


urlpatterns = [
    path("faulty/<str:kind>/<str:column>/", fail),
    path("", include("hydroml.urls")),
]
