"""The one line that is logged of each run of a job, by the logger `hydroml.job`.

As of requests, only these fields are logged; docs/operations-guide.md explains each of them.
"""

from __future__ import annotations

import inspect
import logging
import re
from typing import Any

from celery import Celery, Task
from celery.exceptions import Retry

from data_tools.observing.activity import Activity, activity, note
from data_tools.observing.metrics import count_job, expect_job
from data_tools.observing.request_line import step_times
from session_events import unfailing
from session_events.error_names import without_values

logger = logging.getLogger("hydroml.job")

# Which parameters of a job are ids, and the fields that have them.
_IDS = {"datasource_id": "dataset_id", "stream_id": "session_id"}
_UUID = re.compile(r"[0-9a-f-]{36}")


class LoggedTask(Task):  # type: ignore[type-arg]
    """A job whose runs are logged, wherever it runs: in a worker, or called in a server's thread.

    A worker that is killed in the middle logs nothing; the log of the main process has that.
    """

    abstract = True

    @classmethod
    def on_bound(cls, app: Celery) -> None:
        """Be told by Celery of each job that this process knows, its own `celery.…` included."""
        if not cls.name.startswith("celery."):
            expect_job(cls.name)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        retries = self.request.retries
        result: Any = None
        error: BaseException | None = None
        ids = self._ids_in(args, kwargs)
        with activity() as this:
            note(task=self.name, **ids)
            try:
                result = super().__call__(*args, **kwargs)
            except BaseException as raised:
                error = raised
                raise
            finally:
                unfailing.call(
                    _log, self.name, ids, this, result=result, error=error, retries=retries
                )
        return result

    def _ids_in(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, str]:
        names = inspect.signature(self.run).parameters
        given = {**dict(zip(names, args, strict=False)), **kwargs}
        ids = {_IDS[name]: str(value) for name, value in given.items() if name in _IDS}
        return {name: value for name, value in ids.items() if _UUID.fullmatch(value)}


def _log(
    task: str,
    ids: dict[str, str],
    done: Activity,
    *,
    result: Any,
    error: BaseException | None,
    retries: int,
) -> None:
    told = result if isinstance(result, dict) else {}
    outcome = _outcome(told, error)
    count_job(task, outcome, done)
    fields = {
        "task": task,
        "dataset_id": ids.get("dataset_id"),
        "session_id": ids.get("session_id"),  # a job on many sessions is about none of them
        "outcome": outcome,
        "rows": told.get("row_count"),
        "rows_scanned": done.facts.get("rows_scanned"),
        "query_count": done.query_count,
        "db_ms": round(done.db_seconds * 1000, 1),
        "total_ms": round(done.seconds * 1000, 1),
        "retries": retries,
        **step_times(done),
    }
    if counts := {name: count for name, count in told.items() if isinstance(count, int)}:
        fields["counts"] = counts
    if error is not None:
        fields["error"] = without_values(error)
    level = logging.INFO if error is None or isinstance(error, Retry) else logging.WARNING
    logger.log(level, "job", extra={"fields": fields})


def _outcome(told: dict[str, Any], error: BaseException | None) -> str:
    """Return what a job says of itself, such as `taken` or `READY`, or how it ended."""
    if error is not None:
        return "retried" if isinstance(error, Retry) else "failed"
    return str(told.get("outcome") or told.get("status") or "done")
