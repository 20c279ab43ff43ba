"""Files that a client uploads, for new datasets and for those that are there."""

from __future__ import annotations

from django.contrib.auth.models import User

from tests.support.patience import wait_for_ingests
from tests.support.studio_client import STRUCTURED, Answer, Studio
from tests.support.studios import open_studio
from tests.support.users import token_of

DATASETS = "/api/datasources/"
MULTIPART = {"Content-Type": "multipart/form-data; boundary=x"}


def part(name: str, content: bytes, filename: str | None = None) -> bytes:
    """Return one part of a MULTIPART body: a field, or a file if it has a filename."""
    file = "" if filename is None else f'; filename="{filename}"'
    head = f'--x\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'
    return head.encode() + content + b"\r\n"


def form(content: bytes, filename: str = "a.csv", **fields: str) -> bytes:
    """Return a whole MULTIPART body: the fields, then the file."""
    parts = [part(name, value.encode()) for name, value in fields.items()]
    return b"".join([*parts, part("file", content, filename), b"--x--\r\n"])


def upload(studio: Studio, content: str, path: str = DATASETS) -> Answer:
    """Send a file, and return once it is loaded or refused."""
    body = form(content.encode(), "flights.csv")
    answer = studio.request("POST", path, content=body, headers={**MULTIPART, **STRUCTURED})
    wait_for_ingests()
    return answer


def upload_again(studio: Studio, content: str) -> Answer:
    """Replace the dataset's file, and return once the new one is loaded or refused."""
    return upload(studio, content, f"{DATASETS}{studio.datasource_id}/file/")


def open_uploaded(user: User, content: str) -> Studio:
    """Return the user's client of a dataset made of this file, with a new session."""
    without_dataset = Studio(token=token_of(user), headers=STRUCTURED)
    dataset_id = upload(without_dataset, content).body["datasource"]["id"]
    return open_studio(user, dataset_id, headers=STRUCTURED)
