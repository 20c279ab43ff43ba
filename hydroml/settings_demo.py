"""Settings of `make run`: as in production, but with a user `demo` and over plain HTTP."""

import os
import secrets
from pathlib import Path


def keep_secret_key(path: Path) -> str:
    """Return the demo's random secret key, made on first use; only its owner can read the file."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(50))
        draft.rename(path)
    return path.read_text()


VAR_DIR = Path(__file__).resolve().parent.parent / "var"
os.environ.setdefault("SECRET_KEY", keep_secret_key(VAR_DIR / "demo-secret-key"))
os.environ.setdefault("BEHIND_TLS_PROXY", "false")

from hydroml.settings import *  # noqa: E402, F403  (reads the variables set above)

DEMO_USER = "demo"
