"""`/metrics`: what Prometheus reads."""

from __future__ import annotations

import hmac
import ipaddress
import os
from collections.abc import Iterator, Mapping

from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse, JsonResponse
from prometheus_client import REGISTRY, CollectorRegistry, multiprocess
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import choose_encoder

from data_tools.answers.error_answers import error_object
from data_tools.http.errors import ApiError
from data_tools.services import health_service
from data_tools.services.health_service import Figures


def metrics(request: HttpRequest) -> HttpResponse:
    """Answer with what all processes of this host count, and figures of the whole service.

    The figures are at most some seconds old; one that takes too long to read is left out. While the
    database does not answer all are missing, and `hydroml_database_up` is 0. With `METRICS_TOKEN`,
    only whoever sends it as a bearer token gets an answer; without, only a program on this machine
    that asks the server itself.
    """
    if refused := _refusal(request):
        return refused
    registry = CollectorRegistry()
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:  # see hydroml.metric_files
        multiprocess.MultiProcessCollector(registry)
    else:
        registry.register(REGISTRY)
    registry.register(_FiguresOfTheService())
    encode, content_type = choose_encoder(request.headers.get("Accept", ""))
    return HttpResponse(encode(registry), content_type=content_type)


metrics.is_always_let_in = True  # read by AdmissionMiddleware


def _refusal(request: HttpRequest) -> JsonResponse | None:
    """Return the answer to somebody who may not read metrics."""
    token = settings.METRICS_TOKEN
    if token:
        sent = request.headers.get("Authorization", "")
        if hmac.compare_digest(sent.encode(), f"Bearer {token}".encode()):
            return None
        error = ApiError(
            code="NOT_AUTHENTICATED",
            message="Send METRICS_TOKEN as a bearer token.",
            headers={"WWW-Authenticate": "Bearer"},
        )
    elif _comes_from_this_machine(request):
        return None
    else:
        error = ApiError(
            code="NOT_FOUND",
            message="Without METRICS_TOKEN, only programs on this machine may read metrics.",
        )
    return JsonResponse(
        {"success": False, "error": error_object(error)},
        status=error.kind.status,
        headers=dict(error.headers),
    )


def _comes_from_this_machine(request: HttpRequest) -> bool:
    """Tell whether a program here asks the server itself, and not through a proxy."""
    if "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


class _FiguresOfTheService:
    """Reads the figures while an answer is made."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        try:
            figures = health_service.figures()
        except (DatabaseError, InterfaceError):
            yield _gauge("database_up", "Whether the database answers.", 0)
            return
        yield _gauge("database_up", "Whether the database answers.", 1)
        yield from _of_stored_work(figures)
        yield from _of_background_work(figures)


def _of_stored_work(figures: Figures) -> Iterator[GaugeMetricFamily]:
    if log := figures.log:
        yield _gauge("sessions", "Sessions by status.", log.sessions, label="status")
        yield _gauge("damaged_sessions", "Sessions whose log is known to be damaged.", log.damaged)
    if figures.verification_age is not None:
        yield _gauge(
            "last_verification_age_seconds",
            "Since a session was last verified; infinite if none was, though it was time.",
            figures.verification_age,
        )
    if figures.datasets is not None:
        yield _gauge("datasets", "Datasets by status.", figures.datasets, label="status")
    if figures.nearly_full is not None:
        yield _gauge(
            "users_nearly_full",
            "Users who keep at least 80 % of what they may.",
            figures.nearly_full,
            label="quota",
        )


def _of_background_work(figures: Figures) -> Iterator[GaugeMetricFamily]:
    if waiting := figures.waiting:
        yield _gauge(
            "due_snapshots", "Sessions due for a snapshot, up to a thousand.", waiting.due_snapshots
        )
        yield _gauge("waiting_loads", "Files that wait to be loaded.", waiting.loads)
        yield _gauge(
            "oldest_waiting_load_seconds", "How long the oldest waits.", waiting.oldest_load_seconds
        )
    for name, text, value, label in (
        ("queued_jobs", "Jobs that no worker has taken yet.", figures.queue_lengths, "queue"),
        ("queue_age_seconds", "How long the next job has waited.", figures.queue_ages, "queue"),
        (
            "part_age_seconds",
            "Since beat or a worker was seen at work; infinite if it never was.",
            figures.part_ages,
            "part",
        ),
    ):
        if value is not None:
            yield _gauge(name, text, value, label)


def _gauge(
    name: str, text: str, value: float | Mapping[str, float], label: str = ""
) -> GaugeMetricFamily:
    if not isinstance(value, Mapping):
        return GaugeMetricFamily(f"hydroml_{name}", text, value=value)
    family = GaugeMetricFamily(f"hydroml_{name}", text, labels=[label])
    for key, amount in value.items():
        family.add_metric([key], amount)
    return family
