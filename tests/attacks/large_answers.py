"""Attacks that make an answer or a table grow."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import orjson

from tests.attacks.attack import RequestAttack
from tests.attacks.clients import Client, Reply
from tests.attacks.files import long_texts, names_of_numbers


@dataclass(kw_only=True, eq=False)
class LongCells(RequestAttack):
    """Makes cells of a megabyte out of 100 characters, and then reads pages of 400 such rows."""

    title: ClassVar[str] = "pages of cells that an operation made a megabyte long"
    at_once: int = 2
    enough: int = 4  # answers, after which the large cells exist

    client: Client = field(init=False)

    def prepare(self) -> None:
        self.client = self.service.with_dataset(self.attackers[0], long_texts(1_000, 100))

    def is_on(self) -> bool:
        return self.answers.total() >= self.enough

    def step(self, number: int, turn: int) -> Reply:
        if turn % 4 == 0:
            parameters = {"columns": ["text"], "find": "a", "replace_with": "b" * 10_000}
            content = orjson.dumps(
                {"operation": "find_and_replace", "parameters": parameters, "page_size": 1}
            )
            return self.send(number, self.client, "POST", "operations/", content=content)
        return self.send(number, self.client, "GET", "data/?page_size=400")


@dataclass(kw_only=True, eq=False)
class ManyColumns(LongCells):
    """Duplicates all columns again and again, and reads pages in between."""

    title: ClassVar[str] = "all columns duplicated, 13 times"

    enough: int = 16
    columns: list[str] = field(default_factory=list)

    def prepare(self) -> None:
        self.client = self.service.with_dataset(self.attackers[0], names_of_numbers(1_000))
        self.columns = ["number", "word", "text", "other"]

    def step(self, number: int, turn: int) -> Reply:
        if number == 0 and turn < 13:
            content = orjson.dumps(
                {"operation": "duplicate", "columns": self.columns, "page_size": 1}
            )
            answer = self.send(number, self.client, "POST", "transform/columns/", content=content)
            if answer.status == 200:
                self.columns = answer.body.get("column_info") or self.columns
            return answer
        return self.send(number, self.client, "GET", "data/?page_size=1000")
