"""Settings of `make run`: production's, but with a user `demo`, over plain HTTP, on one machine."""

import os
import secrets
from pathlib import Path


def keep_secret_key(path: Path) -> str:
    """The demo's own random secret key, made on first use and kept, readable by its owner only."""
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

from hydroml.settings import *  # noqa: E402, F403  (they read what was just set)

DEMO_USER = "demo"
