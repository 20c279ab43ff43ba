"""How gunicorn serves HydroML: `make serve` in production, and the demo."""

import gc
import os
import sys
from typing import Any

from django.conf import settings

import data_tools.sql.outage  # noqa: F401  (before the workers are forked, which share it)
from hydroml import database_limits, env, home, metric_files  # noqa: F401  (`home` reads `.env`)
from hydroml.embedded_postgres import ensure_configured_database

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hydroml.settings")

port = env.integer("PORT", 8000)
bind = f"127.0.0.1:{port}"
workers = env.integer("WEB_CONCURRENCY", max(2, os.cpu_count() or 1))
worker_class = "hydroml.gunicorn_worker.StudioWorker"
threads = env.integer("WEB_THREADS", 20)  # requests mostly wait for the database
timeout = 60  # seconds within which the loop of a worker has to give a sign of life
graceful_timeout = 20  # seconds that running requests have to end when the server stops
keepalive = 5  # seconds
limit_request_line = 8190  # bytes, gunicorn's maximum: filters travel in the query string
forwarder_headers = ""  # takes no SCRIPT_NAME from a header: all is mounted at the root
control_socket_disable = True  # nothing uses it
logconfig_dict = settings.LOGGING  # the application logs each request, so there is no access log


def post_fork(server: Any, worker: Any) -> None:
    metric_files.make_again()


def post_worker_init(worker: Any) -> None:
    """Start what a serving process does beside serving, once Django is set up."""
    from hydroml import own_sweep

    gc.collect()
    gc.freeze()  # some 160,000 objects that stay: to look at them again takes 100 ms and more
    own_sweep.start()


def on_starting(server: Any) -> None:
    """Start from the master what has to outlive each single worker."""
    metric_files.share()
    ensure_configured_database()
    database_limits.refuse_to_start_without()
    # How SIGUSR2 starts a successor. gunicorn would repeat the path of its `__main__.py`, beside
    # which Python finds gunicorn's `http` in place of its own.
    server.START_CTX["args"] = [sys.executable, "-m", "gunicorn", *sys.argv[1:]]


def child_exit(server: Any, worker: Any) -> None:
    metric_files.forget(worker.pid)
