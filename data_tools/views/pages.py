"""Pages for people."""

from __future__ import annotations

import uuid

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from data_tools.exceptions import DatasourceNotFound
from data_tools.services import dataset_service

_SHOWN_AT_FIRST = 100  # a page of the list, as `datasets/service.js` reads it


@login_required
def datasets(request: HttpRequest) -> HttpResponse:
    """Show the user's newest datasets; the page itself reads the others, and what changes."""
    newest = dataset_service.list_for(request.user)[:_SHOWN_AT_FIRST]
    return render(request, "data_tools/datasets.html", {"datasources": newest})


@login_required
def studio(request: HttpRequest, datasource_id: uuid.UUID) -> HttpResponse:
    """Show the studio on one of the user's datasets."""
    try:
        datasource = dataset_service.get_for(request.user, datasource_id)
    except DatasourceNotFound as error:
        raise Http404 from error
    return render(request, "data_tools/studio.html", {"datasource": datasource})
