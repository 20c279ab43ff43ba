"""How reports leave: by Sentry's SDK, in a thread of its own, and nothing but these reports.

The SDK collects nothing by itself: of its integrations only those are on that hear of errors, and
one that names the installed packages. Nobody waits for Sentry: reports wait in a bounded queue and
are dropped when it is full, and a process that ends gives them `_SECONDS_TO_END`.
"""

from __future__ import annotations

from typing import Any

import sentry_sdk
from celery.signals import worker_process_shutdown
from django.core.exceptions import ImproperlyConfigured
from sentry_sdk.envelope import Envelope
from sentry_sdk.integrations.atexit import AtexitIntegration
from sentry_sdk.integrations.dedupe import DedupeIntegration
from sentry_sdk.integrations.excepthook import ExcepthookIntegration
from sentry_sdk.integrations.logging import LoggingIntegration
from sentry_sdk.integrations.modules import ModulesIntegration
from sentry_sdk.integrations.threading import ThreadingIntegration
from sentry_sdk.transport import HttpTransport
from sentry_sdk.utils import BadDsn, Dsn

from data_tools.observing import activity
from data_tools.observing.reports.errors import report, report_failed_job
from data_tools.observing.reports.steps import Recorder
from data_tools.observing.reports.transactions import Transactions
from session_events.spans import listen

_SECONDS_TO_END = 2.0
_SENT_TYPES = ("event", "transaction", "client_report")  # the last only counts what was dropped


class ReportsOnly(HttpTransport):
    """Sends nothing else, whatever a later version of the SDK collects."""

    def capture_envelope(self, envelope: Envelope) -> None:
        items = [item for item in envelope.items if item.type in _SENT_TYPES]
        if items:
            super().capture_envelope(Envelope(headers=envelope.headers, items=items))


def start(
    *, dsn: str, environment: str, release: str, traces_share: float, slow_seconds: float
) -> None:
    """Report errors from now on; and transactions, unless `traces_share` is 0.

    Raises:
        ImproperlyConfigured: the DSN is none. The error does not repeat it, as it holds a key.
    """
    try:
        Dsn(dsn)
    except BadDsn:
        raise ImproperlyConfigured(
            "SENTRY_DSN must look like https://key@host/project, with the project's number"
        ) from None
    sentry_sdk.init(
        dsn=dsn,
        environment=environment,
        release=release or None,
        transport=ReportsOnly,
        before_send=report,  # type: ignore[arg-type]  # a plain dict, made anew
        before_breadcrumb=_nothing,
        default_integrations=False,
        auto_enabling_integrations=False,
        integrations=[
            LoggingIntegration(level=None, sentry_logs_level=None),
            ExcepthookIntegration(),
            ThreadingIntegration(propagate_scope=False),
            DedupeIntegration(),
            AtexitIntegration(callback=_nothing),
            ModulesIntegration(),
        ],
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        auto_session_tracking=False,
        enable_backpressure_handling=False,
        propagate_traces=False,
        shutdown_timeout=_SECONDS_TO_END,
        spotlight=False,
        debug=False,
    )
    worker_process_shutdown.connect(_flush)
    activity.tell_of_ends(report_failed_job)
    if traces_share:
        listen(Recorder())
        transactions = Transactions(share=traces_share, slow_seconds=slow_seconds)
        activity.tell_of_ends(transactions.ended)


def _nothing(*args: object, **kwargs: object) -> None:
    """Keep no breadcrumb, and print nothing when a process ends."""


def _flush(**kwargs: Any) -> None:
    """Processes of a Celery worker end without Python's own clean-up."""
    sentry_sdk.flush(timeout=_SECONDS_TO_END)
