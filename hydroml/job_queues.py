"""The queues of background jobs, and how soon a lost or interrupted job is found.

`settings` takes all of them over once `.env` is read. See Note [Large jobs wait for each other] in
`data_tools/jobs/queues.py`.
"""

from typing import Any

from kombu import Queue

from hydroml import env

# A larger file, and a saved session with more rows, waits for a worker of the queue `large`.
LARGE_FILE_BYTES = env.integer("LARGE_FILE_BYTES", 10_000_000)
LARGE_SAVE_ROWS = env.integer("LARGE_SAVE_ROWS", 100_000)

# A load without a sign of life for this long, which nobody is working on, begins again. Together
# with INGEST_CHECK_SECONDS less than a minute.
INGEST_HEARTBEAT_SECONDS = 20

# Small jobs wait in Celery's own default queue, where older versions of the service put every job,
# and look for it.
CELERY_TASK_DEFAULT_QUEUE = "celery"
LARGE_QUEUE, HOUSEKEEPING_QUEUE = "large", "housekeeping"
CELERY_TASK_QUEUES = [
    Queue(name) for name in (CELERY_TASK_DEFAULT_QUEUE, LARGE_QUEUE, HOUSEKEEPING_QUEUE)
]
# A worker process fetches one job at a time; a prefetched job would wait behind a large one while
# another worker is idle.
CELERY_WORKER_PREFETCH_MULTIPLIER = 1


# These copy, pack or remove very many rows in one run. In the queue of the others they would hold
# up the search for lost jobs.
_ON_MANY_ROWS = {
    "data_tools.tasks.pack_columns",
    "data_tools.tasks.move_rows",
    "data_tools.tasks.measure_rows",
    "data_tools.tasks.prune_old_revisions",
}


def housekeeping(schedule: dict[str, Any]) -> dict[str, dict[str, str]]:
    """Return the routes of the jobs of beat's schedule."""
    jobs = [entry["task"] for entry in schedule.values()]
    return {
        job: {"queue": LARGE_QUEUE if job in _ON_MANY_ROWS else HOUSEKEEPING_QUEUE} for job in jobs
    }
