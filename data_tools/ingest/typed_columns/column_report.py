"""What the ingest noticed in each column, for its owner to read in the ingest report."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any

from data_tools.columns import ColumnType


@dataclass(slots=True, kw_only=True)
class ColumnReport:
    """The findings about one column, under the keys that the ingest report uses.

    `missing_count` counts every missing value of the stored column. The other counts explain part
    of it (`missing_spellings` counts null tokens, then `nan_count` and `infinity_count`), or tell
    of values that are stored differently than they were written (`negative_zero_count`: stored as
    0; `rounded_values`: decimals with more digits than a double keeps). `kept_spellings` counts
    the cells of a text column that look like a null token, such as NA, and were kept as text.
    `notes` are sentences for the owner.
    """

    name: str
    type: ColumnType = ColumnType.TEXT
    missing_count: int = 0
    missing_spellings: Counter[str] = field(default_factory=Counter)
    kept_spellings: Counter[str] = field(default_factory=Counter)
    nan_count: int = 0
    infinity_count: int = 0
    negative_zero_count: int = 0
    rounded_values: int = 0
    notes: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {
            "type": str(self.type),
            "missing_spellings": dict(self.missing_spellings),
            "kept_spellings": dict(self.kept_spellings),
        }
