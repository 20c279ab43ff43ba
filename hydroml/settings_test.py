"""Settings of the tests: nothing shared with a running service, nothing that leaves the machine."""

import os

os.environ["SECRET_KEY"] = "only for tests"
os.environ["SENTRY_DSN"] = ""
os.environ["BEHIND_TLS_PROXY"] = "false"
os.environ["LOG_LEVEL"] = "INFO"
os.environ["RATE_LIMITS"] = "false"  # tests of the limits set their own

from hydroml.settings import *  # noqa: F403  (they read what was just set)
from hydroml.settings import SESSION_EVENTS, VAR_DIR, database, embedded_postgres

EMBEDDED_POSTGRES = embedded_postgres("postgres-test")
DATABASES = {"default": database(EMBEDDED_POSTGRES.url if EMBEDDED_POSTGRES else "")}
MEDIA_ROOT = VAR_DIR / "test-media"
# How many events a test writes by looking must not depend on how fast it is.
SESSION_EVENTS = {**SESSION_EVENTS, "VIEW_CHANGE_INTERVAL_SECONDS": 600}
# Hashing a password slowly is the point in production, and a third of the suite's time in tests.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Static files straight from their folders: no `collectstatic` before the tests.
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True
# Tests that want Redis ask for the fixture `own_redis`; no other test depends on one.
BACKGROUND_JOBS_USE_BROKER = False
BACKGROUND_JOBS_ON_COMMIT = False  # no thread outlives a test, unless the test asks for it
CELERY_BROKER_URL = "memory://"
CELERY_TASK_ALWAYS_EAGER = True
