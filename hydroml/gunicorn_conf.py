"""How gunicorn serves HydroML: `make serve` in production, and the demo."""

import os
from pathlib import Path
from typing import Any

from hydroml import env
from hydroml.embedded_postgres import ensure_configured_database

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hydroml.settings")

env.read_file(Path(__file__).resolve().parent.parent / ".env")
port = env.integer("PORT", 8000)
bind = f"127.0.0.1:{port}"
workers = env.integer("WEB_CONCURRENCY", max(2, os.cpu_count() or 1))
worker_class = "hydroml.gunicorn_worker.StudioWorker"
threads = 4  # a request mostly waits for the database
timeout = 60  # seconds; a statement is cut off after 30
graceful_timeout = 20  # seconds a running request has to end when the server stops
keepalive = 5  # seconds
limit_request_line = 8190  # bytes, its most: a filter travels in the address
forwarder_headers = ""  # no SCRIPT_NAME from a header: everything is mounted at the root
control_socket_disable = True  # nothing here uses it


def on_starting(server: Any) -> None:
    """The master too is a user of the database, so that it outlives each single worker."""
    ensure_configured_database()
