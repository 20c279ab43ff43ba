"""Pages for people."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LoginView
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from data_tools.exceptions import DatasourceNotFound
from data_tools.services import dataset_service

_SHOWN_AT_FIRST = 100  # a page of the list, as `datasets/service.js` reads it


class SignInView(LoginView):
    """Sign a user in, in place of another one if need be.

    Whoever is signed in already goes on to `next`, unless `user` says that a page of another user
    asks, which the signed-in one could not open.
    """

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        signed_in = str(request.user.pk)
        self.redirect_authenticated_user = request.GET.get("user", signed_in) == signed_in


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
