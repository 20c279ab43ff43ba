"""A file that is tried on the reader, and every outcome that is right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from data_tools.ingest.exceptions import IngestError
from tests.support.table_reading import ReadTable, read_table


@dataclass(frozen=True, slots=True, kw_only=True)
class Reads:
    """The file is read as exactly this table."""

    types: Mapping[str, str]
    rows: Sequence[Sequence[Any]]
    unsure_of: tuple[str, ...] = ()
    """The guesses about the file that must not call themselves certain."""
    tells_of: tuple[str, ...] = ()
    """The columns whose report must say that a value is stored otherwise than it is written."""
    guesses: Mapping[str, Any] = field(default_factory=dict)
    """What the report must say was guessed."""
    why: Mapping[str, str] = field(default_factory=dict)
    """By column, words that the reason of its type must contain."""

    def misfit(self, table: ReadTable) -> str | None:
        if table.types != dict(self.types):
            return f"types {table.types}"
        if table.rows != [list(row) for row in self.rows]:
            return f"rows {table.rows}"
        if certain := [name for name in self.unsure_of if not _is_unsure(table, name)]:
            return f"certain of {certain}: {table.facts.get('guesses')}"
        if silent := [name for name in self.tells_of if not _tells(table.columns[name])]:
            return f"silent on {silent}: {[table.columns[name] for name in silent]}"
        guesses = {name: _guess(table, name).get("value") for name in self.guesses}
        if guesses != dict(self.guesses):
            return f"guesses {guesses}"
        whys = {name: table.columns[name].get("why", "") for name in self.why}
        if any(words not in whys[name] for name, words in self.why.items()):
            return f"why {whys}"
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class AdmitsDoubt:
    """The file is read somehow, and the report says that it is not sure of this."""

    of: str

    def misfit(self, table: ReadTable) -> str | None:
        if _is_unsure(table, self.of):
            return None
        return f"certain of {self.of}: {table.facts.get('guesses')}"


@dataclass(frozen=True, slots=True)
class Refuses:
    """The file is refused with this code, in words that contain all of these, in any case."""

    code: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedFile:
    """A file, and every outcome of its upload that does its owner justice."""

    reference: str
    """The report that it is after, as `owner/repository#number`, or the kind of fault."""
    about: str
    content: bytes | str
    """A text stands for its UTF-8."""
    right: Sequence[Reads | AdmitsDoubt | Refuses]
    file_name: str = "table.csv"
    options: Mapping[str, Any] = field(default_factory=dict)
    variant: str = ""
    """Tells files of one reference apart."""

    def __str__(self) -> str:
        return self.reference + (f"-{self.variant}" if self.variant else "")

    def misfits(self, folder: Path) -> list[str]:
        """Return why the outcome is none of the right ones; nothing if it is one of them."""
        path = folder / self.file_name
        path.write_bytes(self.content.encode() if isinstance(self.content, str) else self.content)
        reads = [outcome for outcome in self.right if not isinstance(outcome, Refuses)]
        refusals = [outcome for outcome in self.right if isinstance(outcome, Refuses)]
        try:
            table = read_table(path, **self.options)
        except IngestError as error:
            if any(
                error.code == refusal.code
                and all(name.lower() in error.reason.lower() for name in refusal.names)
                for refusal in refusals
            ):
                return []
            return [f"refused with {error.code}: {error.reason}"]
        misfits = [outcome.misfit(table) for outcome in reads]
        if None in misfits:
            return []
        return [misfit for misfit in misfits if misfit] or [
            f"read as {table.types} {table.rows[:5]} {table.facts.get('guesses')}"
        ]


def _guess(table: ReadTable, name: str) -> Mapping[str, Any]:
    return table.facts.get("guesses", {}).get(name, {})


def _is_unsure(table: ReadTable, guess: str) -> bool:
    return _guess(table, guess).get("certainty", "certain") != "certain"


def _tells(column: Mapping[str, Any]) -> bool:
    counts = ("rounded_values", "negative_zero_count", "missing_spellings")
    return bool(
        any(column[count] for count in counts)
        or column.get("respelled", {}).get("count")
        or column["notes"]
    )
