"""A gunicorn worker that serves with waitress. See Note [A loop in front of the threads]."""

from __future__ import annotations

import os
import resource
import time
from dataclasses import replace

from gunicorn.workers.base import Worker
from waitress import wasyncore

from hydroml.serving.allocation import keep_little_freed_memory

_NOTIFY_SECONDS = 1.0
_FILES_FOR_A_CONNECTION = 3  # its socket, a body's file, an answer's
_OTHER_FILES = 500
_LEAST_CONNECTIONS = 50


class StudioWorker(Worker):  # type: ignore[misc]  # gunicorn has no types
    """Serves until it is told to stop, or its master is gone.

    The loop gives the master the sign of life. So a worker is killed when its loop hangs, and not
    when only a thread does, since its other threads go on serving.
    """

    def init_process(self) -> None:
        keep_little_freed_memory()  # before the hooks of the configuration start threads
        super().init_process()

    def run(self) -> None:
        from hydroml.process_metrics import measure  # here, where Django has been set up
        from hydroml.serving.limits import Limits
        from hydroml.serving.listener import Loop
        from session_events import unfailing

        limits = Limits.from_settings(keepalive_seconds=self.cfg.keepalive)
        files = _allow_open_files(limits.connections * _FILES_FOR_A_CONNECTION + _OTHER_FILES)
        most = max((files - _OTHER_FILES) // _FILES_FOR_A_CONNECTION, _LEAST_CONNECTIONS)
        if most < limits.connections:
            self.log.warning("%d connections at most: see `ulimit -Hn`", most)
            limits = replace(limits, connections=most)
        loop = Loop(limits=limits, thread_count=self.cfg.threads)
        loop.listen([each.sock for each in self.sockets], application=self.wsgi, cfg=self.cfg)
        loop.poller.watch(_Wakeup(self.PIPE[0], loop.map))
        notified = 0.0
        while self.alive and self.ppid == os.getppid():
            if time.monotonic() - notified >= _NOTIFY_SECONDS:
                notified = time.monotonic()
                self.notify()
                unfailing.call(measure, loop)
            loop.turn()
            if loop.request_count >= self.max_requests:
                self.log.info("Autorestarting worker after current request.")
                self.alive = False
        loop.stop_accepting()
        ends_at = time.monotonic() + self.cfg.graceful_timeout
        while loop.connections and time.monotonic() < ends_at:
            self.notify()
            loop.turn()


class _Wakeup(wasyncore.file_dispatcher):  # type: ignore[misc]  # waitress has no types
    """The pipe that Python writes to when a signal arrives, so that the loop notices at once."""

    def writable(self) -> bool:
        return False

    def handle_read(self) -> None:
        self.recv(4096)


def _allow_open_files(count: int) -> int:
    """Raise the soft limit of open files to `count`, or as far as is allowed.

    Return how many of those `count` files may be open.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = count if hard == resource.RLIM_INFINITY else min(count, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return wanted
