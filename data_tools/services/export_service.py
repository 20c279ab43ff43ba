"""Export a session's rows as a file. Records nothing."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from data_tools.exporting.csv_form import CsvForm
from data_tools.exporting.file_format import FileFormat, pieces
from data_tools.filtering import EVERYTHING, Selection
from data_tools.models import DataSource
from data_tools.rows.session_rows import SessionRows
from data_tools.rows.slices import selected_rows
from data_tools.services.session_data import facts
from data_tools.services.session_lookup import find_dataset, require_known, require_rows
from data_tools.sql.postgres.calls import is_of_client_gone
from session_events.loading import load
from session_events.time_travel import session_at, session_head

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """The rows to export, and how many there are; none has been read yet."""

    datasource: DataSource
    rows: SessionRows
    selection: Selection
    row_count: int
    version: int | None
    file_format: FileFormat

    def pieces(
        self, *, csv_form: CsvForm | None = None, integers_as_text: bool = False
    ) -> Iterator[bytes]:
        """Return the file in pieces, as `exporting.file_format.pieces` makes it.

        Everything that can be refused is refused before this returns. A later failure is logged,
        and raised in the middle of the file.
        """
        file = pieces(
            self.rows,
            self.file_format,
            csv_form=csv_form,
            integers_as_text=integers_as_text,
            selection=self.selection,
        )
        return self._logged(file)

    def _logged(self, file: Iterator[bytes]) -> Iterator[bytes]:
        try:
            yield from file
        except Exception as error:
            if not is_of_client_gone(error):  # which was logged
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
    """Prepare the rows of the user's session, or of the dataset if there is none, as a file.

    `session_id` and `at_version` choose another session or an earlier version. `selection` chooses
    the rows and their order.

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
