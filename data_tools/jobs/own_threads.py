"""Background jobs in threads of this process: a few at once, taking the owners in turn.

Note [Waiting jobs give signs of life]
    Only this process knows of a job that waits, and its dataset looks as if its loading had died
    with a process. So a thread marks the datasets of waiting jobs from time to time. If this
    process dies, the marks stop, and the jobs are found like any interrupted job.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Work on a dataset, for its owner. `name` is also the name of its thread."""

    name: str
    owner_id: int | None
    datasource_id: UUID
    run: Callable[[], object] = field(compare=False)


@dataclass(slots=True, eq=False)
class OwnThreads:
    """Runs each job in a thread, at most `most()` of them at once.

    One owner's jobs never take all places, unless there is only one. The next job is that of the
    owner whose last job began longest ago. While jobs wait, `note_waiting` is called with their
    datasets every `note_seconds()`.
    """

    most: Callable[[], int]
    note_waiting: Callable[[Collection[UUID]], object]
    note_seconds: Callable[[], float]
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _waiting: list[Job] = field(default_factory=list)
    _running: list[Job] = field(default_factory=list)
    _begun_at: dict[int | None, int] = field(default_factory=dict)  # a count, by owner
    _begun: int = 0
    _notes: bool = False

    def add(self, job: Job) -> None:
        """Run the job when its turn comes. A job that is already waiting is not added again."""
        with self._changed:
            if job not in self._waiting:
                self._waiting.append(job)
            self._begin_next()
            if self._waiting and not self._notes:
                self._notes = True
                threading.Thread(target=self._note, name="waiting-jobs", daemon=True).start()

    @property
    def names(self) -> list[str]:
        """The names of the jobs that run or wait."""
        with self._changed:
            return [job.name for job in (*self._running, *self._waiting)]

    def _run(self, job: Job) -> None:
        try:
            job.run()
        finally:
            with self._changed:
                self._running.remove(job)
                # When the process is ending, waiting jobs are left to be found as interrupted.
                if threading.main_thread().is_alive():
                    self._begin_next()
                self._changed.notify_all()

    def _begin_next(self) -> None:
        most = self.most()
        running = Counter(job.owner_id for job in self._running)
        while len(self._running) < most:
            ready = [job for job in self._waiting if running[job.owner_id] < max(1, most - 1)]
            if not ready:
                return
            job = min(ready, key=lambda ready: self._begun_at.get(ready.owner_id, 0))
            self._waiting.remove(job)
            self._running.append(job)
            running[job.owner_id] += 1
            self._begun += 1
            waiting = {job.owner_id for job in self._waiting}
            self._begun_at = {o: at for o, at in self._begun_at.items() if o in waiting}
            self._begun_at[job.owner_id] = self._begun
            threading.Thread(target=self._run, args=[job], name=job.name).start()

    def _note(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: not self._waiting, timeout=self.note_seconds())
                if not self._waiting:
                    self._notes = False
                    return
                waiting = {job.datasource_id for job in self._waiting}
            self.note_waiting(waiting)
