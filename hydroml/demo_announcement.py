"""Announce on the terminal where the demo serves, and how to sign in."""

from __future__ import annotations

import os
import sys
import time
import urllib.error
import urllib.request

TIMEOUT_SECONDS = 60


def announcement(address: str) -> str:
    """Return the text for the terminal. Its first line has the address, for programs that wait."""
    return "\n".join(
        [
            f"ready {address}/",
            "",
            f"Open {address}/ and sign in as demo, password demo.",
            "Ctrl-C stops the service and keeps the data. For programs: docs/quick-start.md.",
        ]
    )


def wait_until_it_serves(address: str) -> None:
    """Wait until /healthz answers 200; exit if the server ends before that."""
    server, deadline = os.getppid(), time.monotonic() + TIMEOUT_SECONDS
    while time.monotonic() < deadline:
        if os.getppid() != server:
            raise SystemExit(1)
        try:
            with urllib.request.urlopen(f"{address}/healthz", timeout=5):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise SystemExit(f"{address}/healthz did not answer 200 within {TIMEOUT_SECONDS} seconds.")


def main() -> None:
    (address,) = sys.argv[1:]
    try:
        wait_until_it_serves(address)
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    print(announcement(address), flush=True)


if __name__ == "__main__":
    main()
