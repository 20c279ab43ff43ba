"""Datasets whose file is replaced, over HTTP and loaded in this process before it goes on."""

from __future__ import annotations

from django.contrib.auth.models import User

from tests.support.patience import wait_for_ingests
from tests.support.studio_client import STRUCTURED, Answer, Studio
from tests.support.studios import open_studio
from tests.support.users import token_of

MULTIPART = {"Content-Type": "multipart/form-data; boundary=x"}


def upload(studio: Studio, content: str, path: str = "/api/datasources/") -> Answer:
    """Send a file; it is loaded, or refused, when this returns."""
    body = (
        '--x\r\nContent-Disposition: form-data; name="file"; filename="flights.csv"\r\n\r\n'
        f"{content}\r\n--x--\r\n"
    )
    answer = studio.request(
        "POST", path, content=body.encode(), headers={**MULTIPART, **STRUCTURED}
    )
    wait_for_ingests()
    return answer


def upload_again(studio: Studio, content: str) -> Answer:
    return upload(studio, content, f"/api/datasources/{studio.datasource_id}/file/")


def open_uploaded(user: User, content: str) -> Studio:
    """Return the user's client of a dataset made of this file, with a new session."""
    without_dataset = Studio(token=token_of(user), headers=STRUCTURED)
    dataset_id = upload(without_dataset, content).body["datasource"]["id"]
    return open_studio(user, dataset_id, headers=STRUCTURED)
