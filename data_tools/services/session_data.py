"""What a client sees of a dataset: the session on it, one page of its rows, and their entity tag.

Note [Tags]
    An entity tag says what a client's copy of an answer was made of, so that an unchanged answer
    is not read again. Rows never change, so a page of rows is defined by the work in the session
    (its `work_version`), the dataset's revision and the question; its tag needs no row. Looking
    around moves the session's `version` but not its rows: a client's copy may then show an older
    `version`, which stands for the same work and conflicts with nothing. So the tags are weak. A
    status shows more, so its tag also covers the version and the session's status by the clock.
"""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import dataclass
from typing import Any

from django.db import Error

from data_tools.columns import base_columns
from data_tools.exceptions import (
    AnswerTooLarge,
    RowsGone,
    RowsNotReproduced,
    ServiceBusy,
    TookTooLong,
    TooMuchAtOnce,
)
from data_tools.filtering.exceptions import InvalidFilter
from data_tools.models import DataSource
from data_tools.operations.exceptions import ColumnNotFound, SessionTooComplex
from data_tools.rows.pages import Page, read_page
from data_tools.rows.session_rows import SessionRows
from data_tools.services.session_lookup import require_known
from data_tools.services.session_request import ShownRows
from data_tools.sql.postgres.calls import is_of_client_gone
from session_events.events import Column
from session_events.loading import Session
from session_events.recording import current_status
from session_events.services import DatasetFacts

logger = logging.getLogger(__name__)

_TAG_FORMAT = 3  # raise it when the tagged answers change their form


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionData:
    """What a client sees of a dataset: its session, None if there is none, and one page of rows.

    Without a session, `columns` and `page` are the dataset's own. `page_error` says why `page` is
    empty although there are rows: they could not be read after a command that took effect.
    `numbered` says whether the client wants their numbers. `tag` covers all of it, see Note [Tags];
    only the answer to a read has one.
    """

    datasource: DataSource
    session: Session | None
    columns: tuple[Column, ...]
    page: Page
    page_error: str = ""
    numbered: bool = False
    tag: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotModified:
    """The caller already has this answer. `tag` is its entity tag, without quotes."""

    tag: str


def data_of(datasource: DataSource, session: Session | None, shown: ShownRows) -> SessionData:
    """Return the session with one page of its rows, or the dataset with one of its own.

    If no page was asked for, it has as many of the first rows as fit into an answer.

    Raises: as `require_known` and `read_page`.
    """
    rows = rows_shown(datasource, session)
    return SessionData(
        datasource=datasource,
        session=session,
        columns=rows.columns,
        page=read_page(
            rows, shown.page_or_preview, shown.selection, may_leave_out_rows=shown.page is None
        ),
        numbered=shown.numbered,
    )


def data_after(datasource: DataSource, session: Session, shown: ShownRows) -> SessionData:
    """Like `data_of`, after a committed command: an expected read failure goes to `page_error`.

    The command is in the log whatever becomes of the page; an error would make the client send it
    again.
    """
    try:
        return data_of(datasource, session, shown)
    except (ColumnNotFound, InvalidFilter) as error:
        page_error = f"This took effect and is saved, but there are no such rows: {error}"
    except AnswerTooLarge as error:
        page_error = f"This took effect and is saved, but its rows cannot be shown: {error}"
    except (TooMuchAtOnce, ServiceBusy):
        page_error = (
            "This took effect and is saved, but the rows could not be read, because the service is "
            "busy. Try again in a moment."
        )
    except (Error, RowsGone, RowsNotReproduced, TookTooLong, SessionTooComplex) as error:
        if not is_of_client_gone(error):
            version = session.state.version
            logger.exception("no page behind version %d of %s", version, datasource.pk)
        page_error = "This took effect and is saved, but the rows could not be read just now."
    rows, page = SessionRows.of(session.state), shown.page_or_preview
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
        numbered=shown.numbered,
    )


def rows_shown(datasource: DataSource, session: Session | None) -> SessionRows:
    """Return the session's rows, or the dataset's own without a session; reads none of them.

    Raises: as `require_known`.
    """
    if session is None:
        return SessionRows.of_dataset(facts(datasource))
    return SessionRows.of(require_known(session).state)


def facts(datasource: DataSource) -> DatasetFacts:
    """Return what the log records of the dataset when a session begins on it."""
    return DatasetFacts(
        dataset_id=datasource.pk,
        revision=datasource.revision,
        fingerprint=datasource.fingerprint,
        columns=base_columns(datasource.columns),
        row_count=datasource.row_count,
    )


def tag_of_page(datasource: DataSource, session: Session | None, shown: ShownRows) -> str:
    """Return the tag of a page of rows; equal for equal rows in equal order."""
    work_version = None if session is None else session.state.work_version
    return _tag("page", datasource, session, shown, [work_version])


def tag_of_status(datasource: DataSource, session: Session | None, shown: ShownRows) -> str:
    """Return the tag of the session's current status with its first rows or a page.

    The preview and a page of the same rows are different answers.
    """
    status = None if session is None else [session.state.version, current_status(session.state)]
    return _tag("status", datasource, session, shown, [status, shown.is_paged])


def _tag(
    kind: str, datasource: DataSource, session: Session | None, shown: ShownRows, seen: list[Any]
) -> str:
    rows = [datasource.revision, datasource.fingerprint, datasource.name]
    stream_id = None if session is None else str(session.head.stream_id)
    page, selection = shown.page_or_preview, shown.selection
    filters = selection.filter and selection.filter.written
    sorts = [sort.as_json() for sort in selection.sorts]
    question = [page.page_number, page.page_size, filters, sorts, shown.numbered]
    content = [_TAG_FORMAT, kind, str(datasource.pk), rows, stream_id, question, seen]
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]
