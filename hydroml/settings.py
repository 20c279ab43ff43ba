"""Settings of the service, read from the environment (`docs/settings.md` explains every variable).

In order: what runs, the database, background jobs, sessions and sign-in, the API, files,
logging and error reports. `settings_demo` and `settings_test` change what differs there.
"""

from pathlib import Path
from typing import Any

from hydroml import env
from hydroml.embedded_postgres import EmbeddedPostgres

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"  # everything the service writes, unless told otherwise
env.read_file(BASE_DIR / ".env")

# What runs
DEBUG = env.boolean("DEBUG", default=False)
SECRET_KEY = env.text("SECRET_KEY")  # signs login cookies; changing it signs everybody out
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", default=["127.0.0.1", "localhost"])
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "rest_framework.authtoken",
    "drf_spectacular",
    "drf_spectacular_sidecar",  # Swagger UI's own files: no CDN
    "session_events",
    "data_tools",
    "hydroml",
]
MIDDLEWARE = [
    "data_tools.http.observability.TraceMiddleware",
    "data_tools.http.performance_headers.PerformanceHeadersMiddleware",
    "data_tools.http.addresses.ReadableCookiesMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "data_tools.http.addresses.StudioCommonMiddleware",
    "data_tools.http.throttling.SignInLimitMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "hydroml.urls"
WSGI_APPLICATION = "hydroml.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"

# The database. No connection is held up for long: a statement gives up after 30 s (long work, such
# as ingest, sets its own limit), waiting for a lock after 5 s, an idle transaction after 60 s. JIT
# compilation costs more than it saves on statements this short.
DATABASE_CONNECTION_SETTINGS = {
    "statement_timeout": "30s",
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "60s",
    "jit": "off",
}


def database(default: str) -> dict[str, Any]:
    """Return the database of DATABASE_URL, or of the URL `default`, with these limits."""
    chosen = env.postgres("DATABASE_URL", default)
    limits = " ".join(f"-c {name}={value}" for name, value in DATABASE_CONNECTION_SETTINGS.items())
    options = {"connect_timeout": 5, "application_name": "hydroml", "options": limits}
    return chosen | {
        "ATOMIC_REQUESTS": False,  # would turn an append's short lock into a request-long one
        "CONN_MAX_AGE": 60,  # seconds; a server's threads keep their connection between requests
        "CONN_HEALTH_CHECKS": True,  # replaces a connection that a restart broke
        "OPTIONS": options | chosen.get("OPTIONS", {}),
    }


def embedded_postgres(name: str) -> EmbeddedPostgres | None:
    """Return the checkout's own server of that name, or None if DATABASE_URL is set."""
    home = VAR_DIR / name
    return None if env.text("DATABASE_URL", "") else EmbeddedPostgres(home=home)


EMBEDDED_POSTGRES = embedded_postgres("postgres")
DATABASES = {"default": database(EMBEDDED_POSTGRES.url if EMBEDDED_POSTGRES else "")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Background jobs. Redis helps but is never required: no answer depends on what it holds, and its
# timeouts are short, so that finding it dead costs a moment (see `session_events.broker`). Without
# it jobs run in the process (see hydroml.W001 in `checks`). RATE_LIMITS are counted in it too.
REDIS_URL = env.url("REDIS_URL", "", schemes=("redis", "rediss", "unix"))
REDIS_TIMEOUTS = {"socket_connect_timeout": 0.5, "socket_timeout": 1.0}  # seconds
BACKGROUND_JOBS_USE_BROKER = bool(REDIS_URL)  # otherwise a job runs in the process that starts it
BACKGROUND_JOBS_ON_COMMIT = True  # otherwise jobs wait for the next sweep
CELERY_BROKER_URL = REDIS_URL or "memory://"
CELERY_TASK_ALWAYS_EAGER = not BACKGROUND_JOBS_USE_BROKER
CELERY_TASK_EAGER_PROPAGATES = True
CELERY_TASK_IGNORE_RESULT = True  # the database has what a job did
CELERY_TASK_ACKS_LATE = True  # a killed worker's job runs again; jobs are idempotent
CELERY_TASK_TIME_LIMIT = 3_000  # seconds; Redis delivers a job again after 3,600
CELERY_TASK_PUBLISH_RETRY = False  # a request never waits for a dead broker
CELERY_BROKER_CONNECTION_TIMEOUT = 1.0  # seconds
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a worker waits for its broker without end
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3_600, "max_retries": 0, **REDIS_TIMEOUTS}
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULER = "hydroml.beat:Scheduler"
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "celerybeat-schedule")


def every(seconds: int, task: str) -> dict[str, Any]:
    """Return a periodic job, which is dropped if no worker takes it before the next is due."""
    return {"task": task, "schedule": float(seconds), "options": {"expires": float(seconds)}}


# How often each job looks for work, in seconds. No answer depends on them: late, lost or repeated
# runs only make replays longer and keep rows longer (docs/jobs.md).
CELERY_BEAT_SCHEDULE = {
    "sweep-snapshots": every(
        env.integer("SESSION_SNAPSHOT_SWEEP_SECONDS", 300), "session_events.tasks.sweep_snapshots"
    ),
    "expire-idle-sessions": every(
        env.integer("SESSION_EXPIRY_SWEEP_SECONDS", 60),
        "session_events.tasks.expire_idle_sessions",
    ),
    "verify-snapshots": every(
        env.integer("SESSION_VERIFY_SECONDS", 900), "session_events.tasks.verify_snapshots"
    ),
    "prune-snapshots": every(
        env.integer("SESSION_SNAPSHOT_PRUNE_SECONDS", 3_600),
        "session_events.tasks.prune_snapshots",
    ),
    "remove-past-retention": every(
        env.integer("SESSION_RETENTION_SWEEP_SECONDS", 3_600),
        "session_events.tasks.remove_past_retention",
    ),
    "fail-interrupted-ingests": every(
        env.integer("INGEST_CHECK_SECONDS", 60), "data_tools.tasks.fail_interrupted_ingests"
    ),
    "prune-row-lists": every(
        env.integer("ROW_LISTS_PRUNE_SECONDS", 600), "data_tools.tasks.prune_row_lists"
    ),
    "prune-old-revisions": every(
        env.integer("OLD_REVISIONS_PRUNE_SECONDS", 3_600), "data_tools.tasks.prune_old_revisions"
    ),
}

# Lists of row numbers (`data_tools.rows.lists.storage`) are computed again when needed. A list is
# deleted when it was not used for this long (7 days), or when it is among the longest unused beyond
# this many row numbers in all, of about 9 bytes each.
ROW_LISTS = {
    "UNUSED_SECONDS": env.integer("ROW_LISTS_UNUSED_SECONDS", 7 * 86_400),
    "MOST_ROWS": env.integer("ROW_LISTS_MOST_ROWS", 100_000_000),
}

# Sessions of the Data Studio
SESSION_EVENTS = {
    # A session expires after this long without activity (4 hours).
    "INACTIVITY_TIMEOUT_SECONDS": env.integer("SESSION_INACTIVITY_TIMEOUT_SECONDS", 14_400),
    # An ended session can be recovered for this long (30 days).
    "RETENTION_SECONDS": env.integer("SESSION_RETENTION_SECONDS", 30 * 86_400),
    # Page turns are recorded at most once in this interval.
    "VIEW_CHANGE_INTERVAL_SECONDS": env.integer("SESSION_VIEW_CHANGE_INTERVAL_SECONDS", 10),
    # How many events lie between two snapshots of a stream, and how many snapshots it keeps.
    "SNAPSHOT_EVERY_EVENTS": env.integer("SESSION_SNAPSHOT_EVERY_EVENTS", 100),
    "SNAPSHOTS_KEPT": env.integer("SESSION_SNAPSHOTS_KEPT", 3),
    # Quarantined snapshots, and those of an older fold, are kept for this long (7 days).
    "SNAPSHOT_RETENTION_SECONDS": env.integer("SESSION_SNAPSHOT_RETENTION_SECONDS", 7 * 86_400),
    # How many streams or snapshots one run of a job looks at, and one verification.
    "JOB_BATCH": env.integer("SESSION_JOB_BATCH", 500),
    "VERIFY_SAMPLE": env.integer("SESSION_VERIFY_SAMPLE", 50),
    # The most operations that a session holds.
    "MAX_OPERATIONS": env.integer("SESSION_MAX_OPERATIONS", 1_000),
}

# A session with at most this many rows is saved as a dataset within the request, others by a job.
SAVE_IN_REQUEST_ROWS = env.integer("SAVE_IN_REQUEST_ROWS", 10_000)

# Sign-in
LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = LOGIN_URL
# In the database alone: a cache that was unreachable for a moment would let somebody in again who
# had signed out meanwhile (docs/decisions/0006-nothing-in-redis.md).
SESSION_ENGINE = "django.contrib.sessions.backends.db"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
DEMO_USER: str | None = None  # only the demo settings name one; its password is its name

# In production a proxy terminates TLS and says so in X-Forwarded-Proto. Over plain HTTP, in a trial
# on one machine, secure cookies would never be sent and nobody could sign in.
BEHIND_TLS_PROXY = env.boolean("BEHIND_TLS_PROXY", default=True)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_TLS_PROXY
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_TLS_PROXY else None
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS", default=[])

# The API
REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["drf_orjson_renderer.renderers.ORJSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["drf_orjson_renderer.parsers.ORJSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "data_tools.http.authentication.StudioTokenAuthentication",
        "data_tools.http.authentication.StudioSessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_THROTTLE_CLASSES": ["data_tools.http.throttling.StudioThrottle"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": (
        "data_tools.views.api.negotiation.StudioContentNegotiation"
    ),
    "EXCEPTION_HANDLER": "data_tools.answers.error_answers.exception_handler",
    "DEFAULT_SCHEMA_CLASS": "data_tools.openapi.autoschema.StudioAutoSchema",
    "NUM_PROXIES": env.integer("PROXIES_IN_FRONT", 1 if BEHIND_TLS_PROXY else 0, minimum=0),
    "URL_FORMAT_OVERRIDE": None,  # `format` is a parameter of the export
}

SPECTACULAR_SETTINGS = {
    "TITLE": "HydroML session service",
    "DESCRIPTION": "Open a dataset, page, filter, transform, undo, redo, save; and recover.",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "PREPROCESSING_HOOKS": ["data_tools.openapi.autoschema.only_the_canonical_mount"],
    "POSTPROCESSING_HOOKS": ["data_tools.openapi.autoschema.with_components"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "persistAuthorization": True},
}

# How often one user (before sign-in, one address) may call each class of endpoint. The limits are
# far above what a person does and stop a runaway program. Written as "20/minute", or "off".
RATE_LIMITS = (
    {
        "reads": env.text("RATE_LIMIT_READS", "1200/minute"),
        "changes": env.text("RATE_LIMIT_CHANGES", "300/minute"),
        "opens": env.text("RATE_LIMIT_OPENS", "120/minute"),
        "uploads": env.text("RATE_LIMIT_UPLOADS", "60/hour"),
        "scans": env.text("RATE_LIMIT_SCANS", "120/minute"),  # endpoints that read every row
        "sign-ins": env.text("RATE_LIMIT_SIGN_INS", "20/minute"),
    }
    if env.boolean("RATE_LIMITS", default=True)
    else {}
)

# What may be uploaded. A file is refused as soon as it exceeds a limit (docs/uploads.md).
UPLOADS = {
    "MAX_BYTES": env.integer("UPLOAD_MAX_BYTES", 2 << 30),
    "MAX_ROWS": env.integer("UPLOAD_MAX_ROWS", 50_000_000),
    "MAX_COLUMNS": env.integer("UPLOAD_MAX_COLUMNS", 10_000),
    "MAX_CELL_BYTES": env.integer("UPLOAD_MAX_CELL_BYTES", 8 << 20),
    # A Parquet file or workbook is read by a process of its own with this much memory and processor
    # time.
    "PARQUET_MAX_UNFOLDED_BYTES": env.integer("UPLOAD_PARQUET_MAX_UNFOLDED_BYTES", 16 << 30),
    "PARQUET_MAX_MEMORY_BYTES": env.integer("UPLOAD_PARQUET_MAX_MEMORY_BYTES", 2 << 30),
    "PARQUET_MAX_CPU_SECONDS": env.integer("UPLOAD_PARQUET_MAX_CPU_SECONDS", 600),
    "WORKBOOK_MAX_UNPACKED_BYTES": env.integer("UPLOAD_WORKBOOK_MAX_UNPACKED_BYTES", 1 << 30),
    "WORKBOOK_MAX_MEMORY_BYTES": env.integer("UPLOAD_WORKBOOK_MAX_MEMORY_BYTES", 4 << 30),
    "WORKBOOK_MAX_CPU_SECONDS": env.integer("UPLOAD_WORKBOOK_MAX_CPU_SECONDS", 600),
}

# Files
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
MEDIA_ROOT = VAR_DIR / "media"  # uploaded files
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# Logging: one line per record, to stdout
LOG_LEVEL = env.choice("LOG_LEVEL", "INFO", among=("DEBUG", "INFO", "WARNING", "ERROR"))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"trace": {"()": "data_tools.http.observability.TraceFilter"}},
    "formatters": {
        "line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s trace_id=%(trace_id)s"}
    },
    "handlers": {
        "stdout": {
            "class": "logging.StreamHandler",
            "stream": "ext://sys.stdout",
            "formatter": "line",
            "filters": ["trace"],
        }
    },
    "root": {"handlers": ["stdout"], "level": LOG_LEVEL},
    "loggers": {"django": {"handlers": [], "propagate": True}},
}

# Error reports. Without SENTRY_DSN the library is not imported at all.
SENTRY_DSN = env.url("SENTRY_DSN", "", schemes=("http", "https"))
if SENTRY_DSN:
    import sentry_sdk

    sentry_sdk.init(dsn=SENTRY_DSN, send_default_pii=False)
