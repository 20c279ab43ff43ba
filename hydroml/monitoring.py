"""What operators watch: metrics, and when the service counts as degraded (`docs/settings.md`).

`settings` takes all of it over once `.env` is read.
"""

import hashlib
import os
import socket
from pathlib import Path

from hydroml import env
from hydroml.home import VAR_DIR

_MEMORY = Path("/dev/shm")
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def metrics_directory(*, memory: Path = _MEMORY) -> Path:
    """Return where to count: in memory, so that a full disk stops nobody from counting.

    Without `memory`, it is a folder of this host and this boot, since process ids come again.
    """
    host = socket.gethostname()
    if memory.is_dir() and os.access(memory, os.W_OK | os.X_OK):
        home = hashlib.sha256(f"{host}:{VAR_DIR}".encode()).hexdigest()[:12]
        return memory / f"hydroml-{os.geteuid()}-{home}"
    boot = _BOOT_ID.read_text()[:8] if _BOOT_ID.exists() else "any"
    return VAR_DIR / "metrics" / f"{host}-{boot}"


# Who may read `/metrics`: whoever sends this token; without one, programs on this machine.
METRICS_TOKEN = env.text("METRICS_TOKEN", "")
# Where the processes of this host share what they count.
METRICS_DIR = env.text("METRICS_DIR", "") or str(metrics_directory())

# How often beat and a worker let themselves be seen.
SIGN_OF_LIFE_SECONDS = env.integer("SIGN_OF_LIFE_SECONDS", 20)
CELERY_BEAT_MAX_LOOP_INTERVAL = SIGN_OF_LIFE_SECONDS

# `readyz` says that the service is degraded when background work waits for longer, or more of it.
HEALTH = {
    "QUEUE_LAG_SECONDS": env.integer("HEALTH_QUEUE_LAG_SECONDS", 60),
    "LOAD_LAG_SECONDS": env.integer("HEALTH_LOAD_LAG_SECONDS", 600),
    "DUE_SNAPSHOTS": env.integer("HEALTH_DUE_SNAPSHOTS", 100),
}
