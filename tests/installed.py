"""`make installed`: the service as somebody has it who installed the wheel and has no checkout.

Builds the wheel, installs it with the pins into an empty environment, and works with it from an
empty folder and an environment without our variables: check, migrate, make a user, serve, sign in,
load a file, read a page. Fails at the first step that does. Takes a minute or two.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from tests.support.packages import build_wheel
from tests.support.patience import eventually
from tests.support.processes import PACKAGES, end
from tests.support.serving import free_port

PASSWORD = "correct horse battery"


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="hydroml-installed-") as directory:
        folder = Path(directory)
        folder.chmod(0o755)  # the embedded PostgreSQL of root runs as nobody
        hydroml = install(folder)
        home = folder / "home"
        home.mkdir()
        port = free_port()
        (home / ".env").write_text(
            f"SECRET_KEY={os.urandom(32).hex()}\nBEHIND_TLS_PROXY=false\nPORT={port}\n"
        )
        said(hydroml, "check", home=home)
        said(hydroml, "migrate", "--verbosity", "0", home=home)
        said(hydroml, "create_user", "alice", "--password-stdin", home=home, typed=PASSWORD)
        serve_and_use(hydroml, home=home, address=f"http://127.0.0.1:{port}")
        assert {path.name for path in home.iterdir()} == {".env", "var"}
    print("The installed service works.")


def install(folder: Path) -> Path:
    """Return the command `hydroml` of an environment that has nothing but the wheel."""
    print("Building the wheel, and installing it ...", flush=True)
    (folder / "build").mkdir()
    wheel = build_wheel(folder / "build")
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    pip = [folder / "venv" / "bin" / "python", "-m", "pip", "-qq", "--disable-pip-version-check"]
    subprocess.run(
        [*pip, "install", "-c", PACKAGES / "constraints.txt", wheel], cwd="/", check=True
    )
    return folder / "venv" / "bin" / "hydroml"


def said(hydroml: Path, *arguments: str, home: Path, typed: str = "") -> None:
    print(f"hydroml {' '.join(arguments)}", flush=True)
    subprocess.run(
        [hydroml, *arguments], cwd=home, env={}, input=f"{typed}\n", text=True, check=True
    )


def serve_and_use(hydroml: Path, *, home: Path, address: str) -> None:
    server = subprocess.Popen([hydroml, "serve"], cwd=home, env={}, start_new_session=True)
    try:
        eventually(lambda: answers(server, f"{address}/readyz"))
        credentials = json.dumps({"username": "alice", "password": PASSWORD}).encode()
        token = call(f"{address}/api/auth/token/", credentials)["token"]
        body = (
            b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
            b"id,name\n1,one\n2,two\n\r\n--x--\r\n"
        )
        loaded = call(f"{address}/api/datasources/", body, token=token, kind="multipart")
        dataset = f"{address}/api/datasources/{loaded['datasource']['id']}/"
        eventually(lambda: call(dataset, token=token)["datasource"]["status"] == "READY")
        studio = f"{address}/api/studio/{loaded['datasource']['id']}"
        call(f"{studio}/session/initialize/", b"{}", token=token)
        page = call(f"{studio}/data/?page=1&pageSize=100", token=token)
        assert [row["name"] for row in page["data"]] == ["one", "two"], page
        with urllib.request.urlopen(f"{address}/api/docs/") as answer:
            links = re.findall(r'"(/static/[^"]+)"', answer.read().decode())
        assert links
        for link in links:
            with urllib.request.urlopen(address + link) as answer:
                assert answer.status == 200, link
    finally:
        end(server, signal.SIGTERM)


def answers(server: subprocess.Popen[bytes], address: str) -> bool:
    assert server.poll() is None, "the server ended"
    try:
        with urllib.request.urlopen(address):
            return True
    except (urllib.error.URLError, ConnectionError):
        return False


def call(
    address: str, body: bytes | None = None, *, token: str = "", kind: str = "json"
) -> dict[str, Any]:
    """Return the answer to a GET, or to a POST of the body."""
    kinds = {"json": "application/json", "multipart": "multipart/form-data; boundary=x"}
    headers = {"Content-Type": kinds[kind]}
    if token:
        headers["Authorization"] = f"Token {token}"
    request = urllib.request.Request(address, body, headers)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


if __name__ == "__main__":
    main()
