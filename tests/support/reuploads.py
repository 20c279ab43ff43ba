"""Datasets whose file is replaced, over HTTP and loaded in this process before it goes on."""

from __future__ import annotations

from uuid import UUID

from tests.support.patience import wait_for_ingests
from tests.support.studio_client import STRUCTURED, Answer, Studio

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


def opened(token: str, content: str) -> Studio:
    """A client of a dataset made of `content`, with a session on it."""
    nobody = Studio(datasource_id=UUID(int=0), token=token, headers=STRUCTURED)
    made = upload(nobody, content).body["datasource"]
    studio = Studio(datasource_id=made["id"], token=token, headers=STRUCTURED)
    assert studio.post("session/initialize/").status == 200
    return studio
