"""Pages for people."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from data_tools.services import dataset_service


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Show the user's datasets, and the progress of those that are being loaded."""
    return render(
        request, "data_tools/home.html", {"datasources": dataset_service.list_for(request.user)}
    )
