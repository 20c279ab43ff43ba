"""Says when the demo serves, and what to try."""

from __future__ import annotations

import os
import sys
import time
import urllib.error
import urllib.request

TIMEOUT_SECONDS = 60


def commands(address: str, dataset_id: str) -> list[tuple[str, str]]:
    """What to try, in order, in one shell: (what it shows, the command)."""
    studio = f"{address}/api/studio/{dataset_id}"
    call = 'curl -s -H "Authorization: Token $TOKEN" -H "Content-Type: application/json"'
    shortly = " | head -c 400; echo"

    def get(path: str) -> str:
        return f'{call} "{studio}/{path}"'

    def post(path: str, body: str = "{}") -> str:
        return f"{call} -d '{body}' \"{studio}/{path}\""

    def page(name: str) -> str:
        return get("data/?page=3000&pageSize=25") + f" -o /tmp/{name}.json"

    def dep_delays(name: str, column: str) -> str:
        rows = f'json.load(open("/tmp/{name}.json"))["data"]'
        return f"python3 -c 'import json; print([row[\"{column}\"] for row in {rows}])'"

    sign_in = (
        f'TOKEN=$(curl -s -H "Content-Type: application/json" '
        '-d \'{"username": "demo", "password": "demo"}\' '
        f"{address}/api/auth/token/ | "
        "python3 -c 'import json, sys; print(json.load(sys.stdin)[\"token\"])')"
    )
    same = (
        'python3 -c \'import json; before, after = (json.load(open(f"/tmp/page-{name}.json"))'
        '["data"] for name in ("before", "after")); print("the same rows:", before == after)\''
    )
    fill = '{"columns": ["dep_delay"], "strategy": "median"}'
    rename = '{"old_name": "dep_delay", "new_name": "departure_delay"}'
    return [
        ("sign in", sign_in),
        ("open a session", post("session/initialize/") + shortly),
        ("turn to page 3,000", page("page")),
        ("see its departure delays", dep_delays("page", "dep_delay")),
        ("fill the gaps with the median", post("session/fill-missing-values/", fill) + shortly),
        ("rename the column", post("session/rename-column/", rename) + shortly),
        ("turn to the page again", page("page-before")),
        ("see the changes", dep_delays("page-before", "departure_delay")),
        ("clear the session, as if all were lost", post("session/clear/") + shortly),
        ("ask what can be brought back", get("session/validate/") + "; echo"),
        ("bring it back", post("session/recover/", '{"strategy": "auto"}') + shortly),
        ("turn to the page once more", page("page-after")),
        ("compare", same),
    ]


def announcement(address: str, dataset_id: str) -> str:
    """The text for the terminal."""
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
    """Wait for /healthz to answer 200; end with this process if the server ends before."""
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
