"""The service, and the datasets of one user."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from hydroml_client.errors import StudioError
from hydroml_client.sending import Sender
from hydroml_client.session import Choose, Session

LOOK_AGAIN_SECONDS = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    id: str
    name: str
    status: str  # UPLOADING, PROCESSING, READY or ERROR
    progress: int  # percent
    row_count: int
    error_reason: str

    @classmethod
    def of(cls, answer: Mapping[str, Any]) -> Dataset:
        return cls(**{name: answer[name] for name in cls.__slots__})


class Studio:
    """The service as one user sees it. With `with`, its connections are closed in the end."""

    def __init__(
        self, address: str, token: str, *, tries: int = 4, timeout_seconds: float = 60
    ) -> None:
        self._sender = Sender(address, token, tries=tries, timeout_seconds=timeout_seconds)

    def __enter__(self) -> Studio:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self._sender.close()

    def datasets(self) -> Iterator[Dataset]:
        """Yield the user's datasets, newest first."""
        number, pages = 0, 1
        while number < pages:
            number += 1
            answer = self._sender.call("GET", "/api/datasources/", params={"page_number": number})
            pages = answer["pagination"]["total_pages"]
            yield from map(Dataset.of, answer["datasources"])

    def dataset(self, id: str) -> Dataset:
        return Dataset.of(self._sender.call("GET", f"/api/datasources/{id}/")["datasource"])

    def upload(
        self,
        path: Path | str,
        *,
        name: str | None = None,
        options: Mapping[str, Any] | None = None,
        on_progress: Callable[[Dataset], None] | None = None,
    ) -> Dataset:
        """Upload a file and wait until it is loaded. `options` say how it is to be read.

        Raises:
            StudioError: it cannot be loaded; the code is DATASOURCE_FAILED if that was found out
                while its rows were read.
        """
        path = Path(path)
        fields = {"name": name, "options": None if options is None else json.dumps(options)}
        with path.open("rb") as file:
            answer = self._sender.call(
                "POST",
                "/api/datasources/",
                files={"file": (path.name, file)},
                data={field: value for field, value in fields.items() if value is not None},
            )
        return self.loaded(answer["datasource"]["id"], on_progress)

    def loaded(self, id: str, on_progress: Callable[[Dataset], None] | None = None) -> Dataset:
        """Wait until a dataset is loaded, and return it.

        Raises:
            StudioError: it could not be (DATASOURCE_FAILED).
        """
        while True:
            dataset = self.dataset(id)
            if on_progress is not None:
                on_progress(dataset)
            if dataset.status == "READY":
                return dataset
            if dataset.status == "ERROR":
                reason = {"code": "DATASOURCE_FAILED", "user_message": dataset.error_reason}
                raise StudioError(reason, 409)
            time.sleep(LOOK_AGAIN_SECONDS)

    def open(self, dataset: Dataset | str, choose: Choose | None = None) -> Session:
        """Return the session on a dataset: a new one, the open one, or one that comes back.

        Raises:
            Undecided: something would be given up; see `Session.open`.
        """
        return self.session(dataset).open(choose)

    def session(self, dataset: Dataset | str) -> Session:
        """Return the session without asking whether it is open."""
        return Session(self._sender, dataset.id if isinstance(dataset, Dataset) else dataset)
