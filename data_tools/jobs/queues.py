"""Which queue a job on a dataset waits in.

Note [Large jobs wait for each other]
    A file of gigabytes takes a process of a worker many minutes. Such jobs wait in a queue of their
    own (`LARGE_QUEUE`), and jobs that look for work by the clock in another (`HOUSEKEEPING_QUEUE`),
    so that workers can be kept free for small files. Those of the latter that go through very many
    rows are in the former (`hydroml/job_queues.py`). A worker that is not told which queues to take
    from takes from all of them in turn.
"""

from __future__ import annotations

from django.conf import settings

from data_tools.models import DataSource

# What `queue_of` reads of a dataset.
USED_FIELDS = ("file_bytes", "reupload_file", "reupload_file_bytes", "saved_from")


def queue_of(datasource: DataSource) -> str:
    """Return the queue of the job that loads the dataset's newest file, or writes its saved rows.

    A file is large by its bytes (`LARGE_FILE_BYTES`), a saved session by the rows that it had
    (`LARGE_SAVE_ROWS`).
    """
    if datasource.reupload_file:
        is_large = datasource.reupload_file_bytes > settings.LARGE_FILE_BYTES
    elif datasource.saved_from is not None:
        is_large = datasource.saved_from.get("rows", 0) > settings.LARGE_SAVE_ROWS
    else:
        is_large = datasource.file_bytes > settings.LARGE_FILE_BYTES
    return settings.LARGE_QUEUE if is_large else settings.CELERY_TASK_DEFAULT_QUEUE
