"""A session's rows as a file to take away. Records nothing."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from data_tools.exporting.file_format import FileFormat, pieces
from data_tools.filtering import EVERYTHING, Selection
from data_tools.models import DataSource
from data_tools.rows.session_rows import SessionRows
from data_tools.rows.slices import selected_rows
from data_tools.services.recovery_context import require_known, require_rows
from data_tools.services.session_data import facts
from data_tools.services.session_lookup import find_dataset
from session_events.loading import load
from session_events.time_travel import session_at, session_head

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """What is exported, and how many rows that are; nothing of them has been read."""

    datasource: DataSource
    rows: SessionRows
    selection: Selection
    row_count: int
    version: int | None
    file_format: FileFormat

    def pieces(self, *, escape_formulas: bool) -> Iterator[bytes]:
        """The file in pieces. What can be refused is refused before this returns; behind it, a
        failure is logged, and raised in the midst of the file."""
        read = pieces(
            self.rows,
            self.file_format,
            escape_formulas=escape_formulas,
            selection=self.selection,
        )
        return self._logged(read)

    def _logged(self, read: Iterator[bytes]) -> Iterator[bytes]:
        try:
            yield from read
        except Exception:
            logger.exception("an export of %s broke off", self.datasource.pk)
            raise


def export(
    *,
    user_id: int,
    datasource_id: uuid.UUID,
    file_format: FileFormat,
    session_id: uuid.UUID | None = None,
    at_version: int | None = None,
    selection: Selection = EVERYTHING,
) -> Export:
    """Return what the user's session shows, or the dataset where there is none, as a file.

    With a version or a session's id it is that session as it stood then; of either it is the rows
    of `selection`, in its order.

    Raises: as `time_travel_service.get_past_data`.
    """
    datasource, head = find_dataset(user_id, datasource_id)
    if session_id is not None or (head is None and at_version is not None):
        head = session_head(user_id=user_id, dataset_id=datasource_id, session_id=session_id)
    if head is None:
        rows, version = SessionRows.of_dataset(facts(datasource)), None
    else:
        session = load(head) if at_version is None else session_at(head, at_version)
        require_rows(datasource, require_known(session))
        rows, version = SessionRows.of(session.state), session.state.version
    return Export(
        datasource=datasource,
        rows=rows,
        selection=selection,
        row_count=selected_rows(rows, selection),
        version=version,
        file_format=file_format,
    )
