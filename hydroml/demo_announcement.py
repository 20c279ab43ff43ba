"""Announce on the terminal when the demo serves, and what to try."""

from __future__ import annotations

import os
import sys
import time
import urllib.error
import urllib.request

TIMEOUT_SECONDS = 60
JSON = '-H "Content-Type: application/json"'


def commands(address: str, dataset_id: str) -> list[tuple[str, str]]:
    """Return what to try in one shell, in order, as pairs of purpose and command.

    The last four flights of page 3,000 have no departure delay, so that the filling can be seen.
    """
    studio = f"{address}/api/studio/{dataset_id}"
    call = 'curl -s -H "Authorization: Token $TOKEN" ' + JSON
    credentials = '{"username": "demo", "password": "demo"}'
    token = "python3 -c 'import json, sys; print(json.load(sys.stdin)[\"token\"])'"
    rows = 'python3 -c \'import json, sys; print(*json.load(sys.stdin)["data"], sep="\\n")\''

    def post(path: str, body: str = "{}") -> str:
        return f"{call} -d '{body}' \"{studio}/session/{path}/\" | head -c 400; echo"

    def page(variable: str) -> str:
        url = f"{studio}/data/?page=3000&pageSize=100"
        return f'{variable}=$({call} "{url}" | {rows}); echo "${variable}" | tail -5'

    sign_in = f"TOKEN=$(curl -s -d '{credentials}' {JSON} {address}/api/auth/token/ | {token})"
    fill = '{"columns": ["dep_delay"], "strategy": "median"}'
    rename = '{"old_name": "dep_delay", "new_name": "departure_delay"}'
    return [
        ("sign in", sign_in),
        ("open a session", post("initialize")),
        ("turn to page 3,000", page("FIRST")),
        ("fill missing departure delays with the median", post("fill-missing-values", fill)),
        ("rename the column", post("rename-column", rename)),
        ("turn to the page again", page("BEFORE")),
        ("clear the session, as if all were lost", post("clear")),
        ("ask what can be brought back", f'{call} "{studio}/session/validate/"; echo'),
        ("bring it back", post("recover", '{"strategy": "auto"}')),
        ("turn to the page once more", page("AFTER")),
        ("compare", '[ -n "$AFTER" ] && [ "$AFTER" = "$BEFORE" ] && echo "the same rows"'),
    ]


def announcement(address: str, dataset_id: str) -> str:
    """Return the text for the terminal."""
    lines = [
        f"ready {address}/",
        "",
        f"The user is demo, the password demo; the flights are dataset {dataset_id}.",
        "Try, in another terminal (Ctrl-C here stops the service and keeps the data):",
    ]
    for purpose, command in commands(address, dataset_id):
        lines += ["", f"# {purpose}", command]
    return "\n".join(lines)


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
    address, dataset_id = sys.argv[1:]
    try:
        wait_until_it_serves(address)
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    print(announcement(address, dataset_id), flush=True)


if __name__ == "__main__":
    main()
