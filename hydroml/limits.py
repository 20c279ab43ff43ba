"""Limits of what one user, one request and one file may take (`docs/settings.md` explains each).

`settings` takes all of them over once `.env` is read.
"""

from hydroml import env

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

# How much is done at once, so that neither one user nor all heavy work together takes all threads
# of a process, and light work always finds one. Limits per process hold for each process, limits
# per user for all processes together.
HEAVY_WORK_PER_PROCESS = env.integer("HEAVY_WORK_PER_PROCESS", 3)
HEAVY_WORK_PER_USER = env.integer("HEAVY_WORK_PER_USER", 2)
LONG_WORK_PER_PROCESS = env.integer("LONG_WORK_PER_PROCESS", 4)
LONG_WORK_PER_USER = env.integer("LONG_WORK_PER_USER", 2)
PASSWORD_CHECKS_PER_PROCESS = env.integer("PASSWORD_CHECKS_PER_PROCESS", 2)
LARGE_ANSWERS_PER_PROCESS = env.integer("LARGE_ANSWERS_PER_PROCESS", 1)
BATCHES_PER_PROCESS = env.integer("BATCHES_PER_PROCESS", 1)
# How long a request waits to be let in, and how many requests of a process wait at once.
HEAVY_WORK_WAIT_SECONDS = env.integer("HEAVY_WORK_WAIT_SECONDS", 20)
WAITING_PER_PROCESS = env.integer("WAITING_PER_PROCESS", 6)
# Requests of any kind that one user (before sign-in, one address) may have under way in a process.
REQUESTS_PER_USER = env.integer("REQUESTS_PER_USER", 8)

# A request that is not answered after this long is ended, whatever it waits for.
REQUEST_SECONDS = env.integer("REQUEST_SECONDS", 40)

# How much one user may keep; the admin has other values for single users (docs/quotas.md). Lists of
# row numbers can be made again, so beyond that quota the user's longest unused ones are deleted.
QUOTAS = {
    "rows_bytes": env.integer("QUOTA_ROWS_BYTES", 20_000_000_000, minimum=0),
    "files_bytes": env.integer("QUOTA_FILES_BYTES", 5_000_000_000, minimum=0),
    "lists_bytes": env.integer("QUOTA_LISTS_BYTES", 500_000_000, minimum=0),
    "events": env.integer("QUOTA_EVENTS", 1_000_000, minimum=0),
    "open_sessions": env.integer("QUOTA_OPEN_SESSIONS", 50, minimum=0),
    "datasets": env.integer("QUOTA_DATASETS", 1_000, minimum=0),
}

# How large an answer may be, and what an operation may make (docs/settings.md).
BUDGETS = {
    "ANSWER_MAX_BYTES": env.integer("ANSWER_MAX_BYTES", 16 << 20, minimum=1 << 20),
    "SHOWN_CELL_CHARACTERS": env.integer("SHOWN_CELL_CHARACTERS", 10_000),
    "SESSION_MAX_COLUMNS": env.integer("SESSION_MAX_COLUMNS", 10_000),
    "CELL_MAX_BYTES": env.integer("CELL_MAX_BYTES", 1 << 20),
    "SESSION_MAX_GROWTH": env.integer("SESSION_MAX_GROWTH", 10),
    "SESSION_FREE_GROWTH_BYTES": env.integer("SESSION_FREE_GROWTH_BYTES", 64 << 20),
}

# How long each process waits for clients, and how much it keeps for them (docs/settings.md).
WEB = {
    "CONNECTIONS": env.integer("WEB_CONNECTIONS", 1_000),
    "LIGHT_REQUESTS": env.integer("WEB_LIGHT_REQUESTS", 3),
    "HEADER_SECONDS": env.integer("WEB_HEADER_SECONDS", 10),
    "BODY_SECONDS": env.integer("WEB_BODY_SECONDS", 10),
    "READ_SECONDS": env.integer("WEB_READ_SECONDS", 30),
    "LEAST_BYTES_PER_SECOND": env.integer("WEB_LEAST_BYTES_PER_SECOND", 1_000),
    "ANSWER_BYTES": env.integer("WEB_ANSWER_BYTES", 1 << 30),
    "ANSWERS_BYTES": env.integer("WEB_ANSWERS_BYTES", 4 << 30),
    "ANSWER_WAIT_SECONDS": env.integer("WEB_ANSWER_WAIT_SECONDS", 300),
    "BODIES_BYTES": env.integer("WEB_BODIES_BYTES", 4 << 30),
}

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
