"""What a client sees of a dataset: the session on it, and a page of its rows as they stand."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from django.db import Error

from data_tools.exceptions import RowsGone, RowsNotReproduced, TookTooLong
from data_tools.filtering import EVERYTHING, PageSpec, Selection
from data_tools.filtering.exceptions import InvalidFilter
from data_tools.models import DataSource
from data_tools.operations.exceptions import ColumnNotFound, SessionTooComplex
from data_tools.revisions.current import columns_of
from data_tools.rows.pages import Page, read_page
from data_tools.rows.session_rows import SessionRows
from data_tools.services.recovery_context import require_known
from session_events.events import Column
from session_events.loading import Session
from session_events.services import DatasetFacts

logger = logging.getLogger(__name__)

PREVIEW = PageSpec(page_number=1, page_size=100)


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionData:
    """What a client sees of a dataset: its session, None if there is none, and one page of rows.

    Without a session, `columns` and `page` are the dataset's own. `page_error` says why `page`
    holds no rows though there are some: it could not be read behind a command that took effect.
    `tag` stands for all of it, see `page_tags`; only what is read by itself has one.
    """

    datasource: DataSource
    session: Session | None
    columns: tuple[Column, ...]
    page: Page
    page_error: str = ""
    tag: str = ""


def data_of(
    datasource: DataSource,
    session: Session | None,
    page: PageSpec,
    selection: Selection = EVERYTHING,
) -> SessionData:
    """Return the session with one page of its rows, or the dataset with one of its own.

    Raises: LogUnreadable, as `require_known`.
    """
    rows = rows_shown(datasource, session)
    return SessionData(
        datasource=datasource,
        session=session,
        columns=rows.columns,
        page=read_page(rows, page, selection),
    )


def rows_shown(datasource: DataSource, session: Session | None) -> SessionRows:
    """Return the session's rows, or without one the dataset's own; reads none of them.

    Raises: LogUnreadable, as `require_known`.
    """
    if session is None:
        return SessionRows.of_dataset(facts(datasource))
    return SessionRows.of(require_known(session).state)


def data_after(
    datasource: DataSource,
    session: Session,
    page: PageSpec,
    selection: Selection = EVERYTHING,
) -> SessionData:
    """Return what `data_of` does, behind a command that has taken effect.

    What is in the log is done, whatever becomes of the page: an error here would tell a client to
    do again what was done already.
    """
    try:
        return data_of(datasource, session, page, selection)
    except (ColumnNotFound, InvalidFilter) as refused:
        page_error = f"This took effect and is saved, but there are no such rows: {refused}"
    except (Error, RowsGone, RowsNotReproduced, TookTooLong, SessionTooComplex):
        logger.exception("no page behind version %d of %s", session.state.version, datasource.pk)
        page_error = "This took effect and is saved, but the rows could not be read just now."
    rows = SessionRows.of(session.state)
    return SessionData(
        datasource=datasource,
        session=session,
        columns=rows.columns,
        page=Page(
            rows=[],
            page_number=page.page_number,
            page_size=page.page_size,
            total_rows=rows.total_rows,
            filtered_rows=rows.total_rows,
        ),
        page_error=page_error,
    )


def facts(datasource: DataSource) -> DatasetFacts:
    return DatasetFacts(
        dataset_id=datasource.pk,
        revision=datasource.revision,
        fingerprint=datasource.fingerprint,
        columns=columns_of(datasource),
        row_count=datasource.row_count,
    )
