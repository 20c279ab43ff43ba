"""Attacks by what a user leaves on the disk: rows, files, activity, lists."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import ClassVar

import orjson

from tests.attacks.attack import RequestAttack
from tests.attacks.clients import DATASETS, Client, Reply
from tests.attacks.files import many_rows, names_of_numbers, parquet_bomb, workbook_bomb
from tests.support.uploads import MULTIPART, form


@dataclass(kw_only=True, eq=False)
class ParquetBombs(RequestAttack):
    """Uploads a Parquet file of some kilobytes that becomes 250 MB of rows, again and again."""

    title: ClassVar[str] = "uploads of 8 kB that become 250 MB of rows"
    at_once: int = 4

    rows: int = 250_000
    file: bytes = b""

    def prepare(self) -> None:
        self.file = parquet_bomb(self.rows)

    def step(self, number: int, turn: int) -> Reply:
        return self.send(
            number,
            self.attackers[0],
            "POST",
            DATASETS,
            content=form(self.file, f"bomb-{number}-{turn}.parquet"),
            headers=MULTIPART,
        )

    def end(self) -> None:
        """Delete what was uploaded, too: the next attack must find a quiet service."""
        super().end()
        client = self.attackers[0]
        for source in client.get(DATASETS).body["datasources"]:
            client.request("DELETE", f"{DATASETS}{source['id']}/")


@dataclass(kw_only=True, eq=False)
class FloodOfActivity(RequestAttack):
    """Sends batches of 100 items of activity, as fast as they are taken."""

    title: ClassVar[str] = "floods of activity and events"
    at_once: int = 8
    accounts: ClassVar[int] = 2

    clients: list[Client] = field(default_factory=list)

    def prepare(self) -> None:
        file = names_of_numbers(1_000)
        self.clients = [self.service.with_dataset(client, file) for client in self.attackers]

    def step(self, number: int, turn: int) -> Reply:
        client = self.clients[number % len(self.clients)]
        items = [
            {
                "client_operation_id": str(uuid.uuid4()),
                "type": "client_error",
                "message": "x" * 2_000,
                "context": {"url": "y" * 4_000},
            }
            for _ in range(100)
        ]
        content = orjson.dumps({"items": items})
        return self.send(number, client, "POST", "session/activity/", content=content)


@dataclass(kw_only=True, eq=False)
class FloodOfLists(FloodOfActivity):
    """Asks for filters that each leave a list of all rows behind."""

    title: ClassVar[str] = "a flood of lists, each of 50,000 rows"

    rows: int = 50_000

    def prepare(self) -> None:
        file = many_rows(self.rows)
        self.clients = [self.service.with_dataset(client, file) for client in self.attackers]

    def step(self, number: int, turn: int) -> Reply:
        client = self.clients[number % len(self.clients)]
        bound = -(number * 1_000_003 + turn) / 1_000_000_000
        filter_ = f'[{{"column":"second","op":"gt","value":{bound:.9f}}}]'.replace('"', "%22")
        return self.send(number, client, "GET", f"data/?page_size=1&filter={filter_}")


@dataclass(kw_only=True, eq=False)
class FloodOfPreviews(RequestAttack):
    """Previews files, workbooks that unpack to 900 MB among them."""

    title: ClassVar[str] = "a flood of previews, with workbooks that unpack to 900 MB"
    at_once: int = 8
    accounts: ClassVar[int] = 2

    megabytes: int = 900
    files: list[tuple[bytes, str]] = field(default_factory=list)

    def prepare(self) -> None:
        self.files = [(workbook_bomb(self.megabytes), "bomb.xlsx"), (many_rows(50_000), "rows.csv")]

    def step(self, number: int, turn: int) -> Reply:
        content, filename = self.files[(number + turn) % len(self.files)]
        return self.send(
            number,
            self.attackers[number % len(self.attackers)],
            "POST",
            f"{DATASETS}preview/",
            content=form(content, filename),
            headers=MULTIPART,
        )
