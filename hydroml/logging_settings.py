"""Logging: one line for each record, to stdout (`docs/operations-guide.md` explains the lines).

`settings` takes all of it over once `.env` is read; the server's master logs by it as well.
"""

from typing import Any

from hydroml import env

LOG_LEVEL = env.choice("LOG_LEVEL", "INFO", among=("DEBUG", "INFO", "WARNING", "ERROR"))
LOG_FORMAT = env.choice("LOG_FORMAT", "json", among=("json", "text"))
# A request that takes longer is logged as a warning.
SLOW_REQUEST_MS = env.integer("SLOW_REQUEST_MS", 1_000)
# The share of the requests that were quick and successful of which a line is logged.
REQUEST_LOG_SAMPLE = env.fraction("REQUEST_LOG_SAMPLE", 1.0)

# Those of gunicorn, Celery and waitress go the same way, instead of each in a form of its own.
_TO_THE_ROOT: dict[str, Any] = {"handlers": [], "propagate": True}
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "trace": {"()": "data_tools.observing.log_lines.TraceFilter"},
        "told_outage": {"()": "data_tools.http.outage_lines.ToldOutageFilter"},
    },
    "formatters": {
        "json": {"()": "data_tools.observing.log_formats.JsonFormatter"},
        "text": {"()": "data_tools.observing.log_formats.TextFormatter"},
    },
    "handlers": {
        "stdout": {
            "class": "logging.StreamHandler",
            "stream": "ext://sys.stdout",
            "formatter": LOG_FORMAT,
            "filters": ["trace"],
        }
    },
    "root": {"handlers": ["stdout"], "level": LOG_LEVEL},
    "loggers": {
        "django": _TO_THE_ROOT,
        # The line of each request tells what was refused; these tell what failed, and where.
        "django.request": {"filters": ["told_outage"], "level": "ERROR"},
        "gunicorn.error": _TO_THE_ROOT,
    },
}
