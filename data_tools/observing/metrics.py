"""What this process counts for Prometheus; `data_tools.views.metrics` shows it.

Note [Few series]
    Each combination of labels is a series that Prometheus keeps. So labels have few values: route
    patterns, methods, statuses, steps, stable codes. Nothing that a user named is a label.

Note [Series begin at zero]
    Prometheus sees how much a series grows, and nothing in one that begins with its first failure.
    So series whose first step should alert somebody are there from the start. Where an alert is
    about a rate that lasts for minutes, the first step does not matter.
"""

from __future__ import annotations

import os
import resource
import time

from prometheus_client import Counter, Gauge, Histogram

from data_tools.observing.activity import Activity
from session_events.recovery.verdicts import Action
from session_events.spans import Attribute, Span, Step

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 40)
_JOB_SECONDS = (0.1, 1, 10, 60, 300, 600, 3_000)

REQUESTS = Counter(
    "hydroml_requests",
    "Requests answered, by the application or before it.",
    ["route", "method", "status"],
)
REQUEST_SECONDS = Histogram(
    "hydroml_request_seconds",
    "Time from a request's thread to its answer.",
    ["route", "method"],
    buckets=_SECONDS,
)
DATABASE_SECONDS = Counter(
    "hydroml_database_seconds", "Time that requests waited for the database.", ["route"]
)
STATEMENTS = Counter("hydroml_statements", "Statements that requests sent.", ["route"])
STEP_SECONDS = Histogram(
    "hydroml_step_seconds",
    "Time of each step of work, in requests and jobs.",
    ["step", "outcome"],
    buckets=_SECONDS,
)
PAGES = Counter("hydroml_pages", "Pages of rows, by where their order came from.", ["read_from"])
APPENDS = Counter("hydroml_appends", "Appends to the log, by outcome.", ["outcome"])
REPLAYED_EVENTS = Counter("hydroml_replayed_events", "Events that replays folded.")
DAMAGED_REPLAYS = Counter("hydroml_damaged_replays", "Replays that met a damaged log.")
DAMAGED_COLUMNS = Counter(
    "hydroml_damaged_columns", "Columns of which a block was missing, or not what was stored."
)
REPLICA_READS = Counter(
    "hydroml_replica_reads",
    "Reads that the replica may answer, by what became of them.",
    ["outcome"],
)
RECOVERIES = Counter(
    "hydroml_recoveries", "Recoveries, by situation before and outcome.", ["situation", "outcome"]
)
REFUSALS = Counter("hydroml_refusals", "Work refused at a gate or by a quota.", ["why"])
AT_GATES = Gauge(
    "hydroml_gate_requests",
    "Requests inside each gate and waiting at it.",
    ["gate", "state"],
    multiprocess_mode="livesum",
)
CONNECTIONS = Gauge(
    "hydroml_connections", "Open connections of clients.", multiprocess_mode="livesum"
)
QUEUED_REQUESTS = Gauge(
    "hydroml_queued_requests",
    "Requests that are being answered, or wait for their turn.",
    multiprocess_mode="livesum",
)
RESIDENT_BYTES = Gauge(
    "hydroml_process_resident_bytes", "Memory of each process.", multiprocess_mode="liveall"
)
PEAK_BYTES = Gauge(
    "hydroml_process_peak_bytes", "The most memory of each process.", multiprocess_mode="liveall"
)
CPU_SECONDS = Counter("hydroml_cpu_seconds", "Processor time of all processes.")
JOB_RUNS = Counter("hydroml_job_runs", "Runs of background jobs.", ["task", "outcome"])
JOB_SECONDS = Histogram(
    "hydroml_job_seconds", "Time of a background job.", ["task"], buckets=_JOB_SECONDS
)

for _situation in Action:  # see Note [Series begin at zero]
    RECOVERIES.labels(_situation.value, "impossible")

_PAGE_BYTES = resource.getpagesize()
_CLIENT_GONE = 499  # nginx's status for a request whose client did not wait for the answer


def count_request(
    route: str | None, method: str | None, status: int, done: Activity, *, is_client_gone: bool
) -> None:
    """Count a request of the application that has just ended, one without a client as 499."""
    shown = route or "none"
    verb = method or "none"
    REQUESTS.labels(shown, verb, _CLIENT_GONE if is_client_gone else status).inc()
    REQUEST_SECONDS.labels(shown, verb).observe(done.seconds)
    DATABASE_SECONDS.labels(shown).inc(done.db_seconds)
    STATEMENTS.labels(shown).inc(done.query_count)
    if read_from := done.facts.get("read_from"):
        PAGES.labels(read_from).inc()


def count_refusal(method: str | None, status: int, *, is_client_gone: bool) -> None:
    """Count a request that the server refused before the application saw it, likewise."""
    REQUESTS.labels("none", method or "none", _CLIENT_GONE if is_client_gone else status).inc()


def expect_job(task: str) -> None:
    """Show that this job has not failed yet. See Note [Series begin at zero]."""
    JOB_RUNS.labels(task, "failed")


def count_job(task: str, outcome: str, done: Activity) -> None:
    """Count a run of a job that has just ended."""
    JOB_RUNS.labels(task, outcome).inc()
    JOB_SECONDS.labels(task).observe(done.seconds)


def measure_process() -> None:
    """Note the memory and the processor time of this process."""
    with open("/proc/self/statm") as file:
        RESIDENT_BYTES.set(int(file.read().split()[1]) * _PAGE_BYTES)
    PEAK_BYTES.set(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
    now = time.process_time()
    used, _Measured.cpu_seconds = now - _Measured.cpu_seconds, now
    CPU_SECONDS.inc(used)


class _Measured:
    cpu_seconds = 0.0  # of this process, when it was measured last


def _after_fork() -> None:
    _Measured.cpu_seconds = 0.0


os.register_at_fork(after_in_child=_after_fork)


class StepMetrics:
    """Counts the steps of work; see `session_events.spans`."""

    def began(self, span: Span) -> None:
        """Nothing to count yet."""

    def ended(self, span: Span) -> None:
        outcome = "done" if span.error is None else "failed"
        STEP_SECONDS.labels(span.step.value, outcome).observe(span.seconds)
        match span.step:
            case Step.APPEND:
                APPENDS.labels(span.attributes.get("outcome", "failed")).inc()
            case Step.REPLAY:
                REPLAYED_EVENTS.inc(int(span.attributes.get("events") or 0))
                if span.attributes.get("is_damaged"):
                    DAMAGED_REPLAYS.inc()

    def happened(self, what: str, attributes: dict[str, Attribute]) -> None:
        match what:
            case "recovery":
                RECOVERIES.labels(attributes["situation"], attributes["outcome"]).inc()
            case "refusal":
                REFUSALS.labels(attributes["why"]).inc()
