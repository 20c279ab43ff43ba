"""What is asked of a session's rows by those who know where the dataset's own columns are kept."""

from __future__ import annotations

from typing import Any, Protocol
from uuid import UUID

from data_tools.operations.row_source import RowQueries
from data_tools.rows.compilation import KeptRows
from data_tools.rows.lists.sorting import RowNumbers


class RevisionRows(RowQueries, Protocol):
    """A session's rows, and the revision of a dataset that they are made of.

    `session_rows.SessionRows` implements it.
    """

    @property
    def dataset_id(self) -> UUID: ...

    @property
    def revision(self) -> int: ...

    @property
    def kept(self) -> tuple[KeptRows, ...]:
        """The rows kept by each operation that removed some; the last entry is these rows."""
        ...

    def keep(self, rule: Any, numbers: RowNumbers) -> tuple[int, str]:
        """Store which of these rows `rule` keeps, unless it is all; return their count and proof.

        `numbers` has the number of each, in row order.
        """
        ...
