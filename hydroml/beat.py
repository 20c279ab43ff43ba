"""The scheduler of the periodic jobs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from billiard.process import current_process
from celery.beat import PersistentScheduler

from data_tools.jobs import signs_of_life
from data_tools.observing import metrics
from session_events import unfailing

# The name of the process in which `worker --beat` runs its beat. Celery closes the files that this
# process inherits, by number. Counting there would make prometheus_client close its old files by
# the same numbers, which other files have by then, such as the schedule.
_OF_A_WORKER = "Beat"


class Scheduler(PersistentScheduler):
    """Celery's own scheduler, which makes the folder of its file, and lets itself be seen."""

    def setup_schedule(self) -> None:
        Path(self.schedule_filename).parent.mkdir(parents=True, exist_ok=True)
        super().setup_schedule()

    def tick(self, *arguments: Any, **named: Any) -> Any:
        """Send the job that is due; `CELERY_BEAT_MAX_LOOP_INTERVAL` says how often this is called.

        A beat that waits for its broker without end is not seen: it sends no jobs.
        """
        if signs_of_life.keep_noted("beat") and current_process().name != _OF_A_WORKER:
            unfailing.call(metrics.measure_process)
        return super().tick(*arguments, **named)
