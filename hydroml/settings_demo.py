"""Settings of `make run`: as in production, but with a user `demo` and over plain HTTP."""

import os
import secrets
from pathlib import Path

os.environ.setdefault("BEHIND_TLS_PROXY", "false")  # whatever `.env` says, here and in what follows
os.environ.setdefault("LOG_FORMAT", "text")
os.environ.setdefault("LOG_LEVEL", "WARNING")  # the address to open stays in sight

from hydroml import env
from hydroml.home import VAR_DIR


def keep_secret_key(path: Path) -> str:
    """Return the demo's random secret key, made on first use; only its owner can read the file."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(50))
        draft.rename(path)
    return path.read_text()


if not env.text("SECRET_KEY", ""):
    os.environ.update(SECRET_KEY=keep_secret_key(VAR_DIR / "demo-secret-key"))

from hydroml.settings import *  # noqa: E402, F403  (reads the variables set above)

DEMO_USER = "demo"
# The demo runs in one process, which needs no Redis.
SILENCED_SYSTEM_CHECKS = ["hydroml.W001"]
