"""Debian's nginx with the configuration of docs/nginx.conf, on local ports."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
from contextlib import closing, suppress
from dataclasses import dataclass, field
from http.client import HTTPSConnection
from pathlib import Path

from django.conf import settings

from tests.support.patience import PATIENCE_SECONDS, eventually
from tests.support.processes import end
from tests.support.serving import free_port

NAME = "studio.example.com"
DOCUMENTED = settings.BASE_DIR / "docs" / "nginx.conf"
AROUND = """
{user}
daemon off;
pid {directory}/pid;
error_log {directory}/error.log;
worker_processes 1;
events {{}}
http {{
    access_log {directory}/access.log;
    client_body_temp_path {directory}/body;
    proxy_temp_path {directory}/proxy;
    fastcgi_temp_path {directory}/fastcgi;
    uwsgi_temp_path {directory}/uwsgi;
    scgi_temp_path {directory}/scgi;
    include {directory}/site.conf;
}}
"""


@dataclass(slots=True, kw_only=True)
class Nginx:
    """Runs during the block, in front of the service on `service_port`.

    Of the documented file the ports, the folders of certificate and logs are replaced, and
    `replaced`. The logs, `access.log` and `error.log`, are those of Debian's own configuration too.
    """

    directory: Path
    service_port: int
    replaced: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    plain_port: int = field(default_factory=free_port)
    _process: subprocess.Popen[bytes] | None = None

    @staticmethod
    def program() -> str | None:
        return shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin")

    def __enter__(self) -> Nginx:
        program = self.program()
        assert program is not None
        self._write_certificate()
        site = DOCUMENTED.read_text()
        for old, new in {
            "127.0.0.1:8000": f"127.0.0.1:{self.service_port}",
            "listen 80;": f"listen 127.0.0.1:{self.plain_port};",
            "listen 443 ": f"listen 127.0.0.1:{self.port} ",
            "/etc/ssl/hydroml/": f"{self.directory}/",
            "/var/log/nginx/": f"{self.directory}/",
            **self.replaced,
        }.items():
            assert old in site, old
            site = site.replace(old, new)
        (self.directory / "site.conf").write_text(site)
        user = "user root;" if self.directory.owner() == "root" else ""
        configuration = self.directory / "nginx.conf"
        configuration.write_text(AROUND.format(directory=self.directory, user=user))
        self._process = subprocess.Popen(
            [program, "-p", str(self.directory), "-c", str(configuration)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        eventually(self._answers, told=self._said)
        return self

    def __exit__(self, *exception: object) -> None:
        if self._process is not None:
            end(self._process)

    def connect(self) -> ssl.SSLSocket:
        """Return a connection that speaks HTTP/1.1 and has checked the certificate."""
        plain = socket.create_connection(("127.0.0.1", self.port), PATIENCE_SECONDS)
        return self._trusted().wrap_socket(plain, server_hostname=NAME)

    def client(self) -> HTTPSConnection:
        """Return a client that is connected already."""
        client = HTTPSConnection(NAME, timeout=PATIENCE_SECONDS)
        client.sock = self.connect()
        return client

    def _trusted(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.directory / "certificate.pem"))

    def _write_certificate(self) -> None:
        command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt"]
        command += ["ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", f"/CN={NAME}"]
        command += ["-addext", f"subjectAltName=DNS:{NAME}"]
        command += ["-keyout", str(self.directory / "key.pem")]
        command += ["-out", str(self.directory / "certificate.pem")]
        subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE_SECONDS)

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self._said()
        with suppress(OSError), closing(self.connect()):
            return True
        return False

    def _said(self) -> str:
        log = self.directory / "error.log"
        return log.read_text() if log.exists() else "it wrote no log"
