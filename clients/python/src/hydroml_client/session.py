"""The session on one dataset."""

from __future__ import annotations

import json
import tempfile
import uuid
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hydroml_client.errors import Action, Undecided
from hydroml_client.rows import Page, frame_of
from hydroml_client.sending import Sender

if TYPE_CHECKING:
    import pandas
    import pyarrow

Filter = Sequence[Mapping[str, Any]] | Mapping[str, Any]
# Gets the verdict and returns one of its `recovery_options`, or None to decide later.
Choose = Callable[[Mapping[str, Any]], Mapping[str, Any] | None]


class Session:
    """Changes are commands that take effect once, however often they are sent."""

    def __init__(self, sender: Sender, dataset_id: str) -> None:
        self.dataset_id = dataset_id
        self._sender = sender
        self._base = f"/api/studio/{dataset_id}/"

    def get(self, path: str, **query: Any) -> Any:
        """Ask for what lies below the dataset. Lists and objects are sent as JSON."""
        return self._sender.call("GET", self._base + path, params=_written(query))

    def post(self, path: str, **body: Any) -> Any:
        return self._sender.call("POST", self._base + path, body=body)

    def send(self, request: Mapping[str, Any] | Action) -> Any:
        """Send the request of a recovery option, or the next step of an error."""
        if isinstance(request, Action):
            request = {"method": request.method, "href": request.href}
        body = request.get("body", {}) if request["method"] == "POST" else None
        return self._sender.call(request["method"], request["href"], body=body)

    def open(self, choose: Choose | None = None) -> Session:
        """Begin the session, or go on with it, or bring it back if nothing is lost by that.

        Raises:
            Undecided: something would be given up, and `choose` was not given or chose nothing.
        """
        verdict = self.get("session/validate/")
        match verdict["suggested_action"]:
            case "initialize":
                self.post("session/initialize/")
            case "continue" | "reload":
                pass
            case "resume" | "recover":
                self.send(verdict["recovery_options"][0]["request"])
            case _:
                chosen = choose(verdict) if choose and verdict["recovery_options"] else None
                if chosen is None:
                    raise Undecided(verdict)
                self.send(chosen["request"])
        return self

    def perform(
        self, operation: str, *, expected_version: int | None = None, **parameters: Any
    ) -> dict[str, Any]:
        """Carry out an operation. With `expected_version`, a change of others is a conflict."""
        return self.command(
            "operations/",
            operation=operation,
            parameters=parameters,
            **_given(expected_version=expected_version),
        )

    def undo(self) -> dict[str, Any]:
        return self.command("session/undo/")

    def redo(self) -> dict[str, Any]:
        return self.command("session/redo/")

    def command(self, path: str, **body: Any) -> dict[str, Any]:
        """Post a command under an id of its own, so that sending it again is safe."""
        answer: dict[str, Any] = self.post(
            path, **{"client_operation_id": str(uuid.uuid4()), **body}
        )
        return answer

    def recover(self, strategy: str = "auto") -> dict[str, Any]:
        """Bring the session back, as the service suggests or by one of its strategies."""
        return self.command("session/recover/", strategy=strategy)

    def steps(self) -> list[dict[str, Any]]:
        """Return the operations that are in effect, in order."""
        steps: list[dict[str, Any]] = self.get("session/status/")["session_info"]["operations"]
        return steps

    def page(
        self,
        number: int = 1,
        *,
        size: int = 100,
        filter: Filter | None = None,
        sort: str | None = None,
        at_version: int | None = None,
    ) -> Page:
        """Return one page of the rows that the filter finds, in the order of `sort`."""
        return Page.of(
            self.get(
                "data/",
                page_number=number,
                page_size=size,
                filter=filter,
                sort=sort,
                at_version=at_version,
            )
        )

    def table(
        self,
        *,
        filter: Filter | None = None,
        sort: str | None = None,
        at_version: int | None = None,
    ) -> pyarrow.Table:
        """Return all the rows that the filter finds as an Arrow table."""
        import pyarrow.parquet

        query = _written({"filter": filter, "sort": sort, "at_version": at_version})
        with tempfile.TemporaryFile() as file:
            path = f"{self._base}export/"
            with self._sender.streamed(path, {"format": "parquet", **query}) as response:
                for piece in response.iter_bytes():
                    file.write(piece)
            file.seek(0)
            return pyarrow.parquet.read_table(file)

    def frame(
        self,
        *,
        filter: Filter | None = None,
        sort: str | None = None,
        at_version: int | None = None,
    ) -> pandas.DataFrame:
        """Return all the rows that the filter finds as a data frame."""
        return frame_of(self.table(filter=filter, sort=sort, at_version=at_version))

    def export(self, path: Path | str, **query: Any) -> None:
        """Write the rows to a file, whose name says the format: csv, xlsx, jsonl or parquet.

        What breaks off leaves no file.
        """
        target = Path(path)
        draft = target.with_name(f".{target.name}.part")
        query = {"format": target.suffix.removeprefix("."), **_written(query)}
        try:
            with self._sender.streamed(f"{self._base}export/", query) as response:
                with draft.open("wb") as file:
                    for piece in response.iter_bytes():
                        file.write(piece)
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)


def _given(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _written(query: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: json.dumps(value) if isinstance(value, list | tuple | Mapping) else value
        for name, value in _given(**query).items()
    }
