"""Entity tags: what a client's copy of an answer was made of, so that an unchanged one is not read.

Note [Tags]
    Rows never change, so the work in a session (its `work_version`), the dataset's rows and the
    question define a page of rows: its tag needs none of them. Looking around moves the session's
    `version` and not its rows; a copy's `version` may then be an older one, which stands for the
    same work and conflicts with nothing. So the tags are weak ones. A status shows more, and its
    tag is of the version itself and of what the clock makes of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from data_tools.filtering import PageSpec, Selection
from data_tools.models import DataSource
from session_events.envelope import digest
from session_events.loading import Session
from session_events.recording import current_status

_FORM = 1  # of the answers; to be raised when they get another one


@dataclass(frozen=True, slots=True, kw_only=True)
class NotModified:
    """The caller has this answer already. `tag` is its entity tag, without quotes."""

    tag: str


def tag_of_page(
    datasource: DataSource, session: Session | None, page: PageSpec, selection: Selection
) -> str:
    """Return the tag of a page of rows; equal for equal rows in equal order."""
    seen = None if session is None else session.state.work_version
    return _tag(datasource, session, "page", page, selection, [seen])


def tag_of_status(
    datasource: DataSource,
    session: Session | None,
    page: PageSpec,
    selection: Selection,
    *,
    paged: bool,
) -> str:
    """Return the tag of a session as it stands now, with its first rows or a page."""
    seen = None if session is None else [session.state.version, current_status(session.state)]
    return _tag(datasource, session, "status", page, selection, [seen, paged])


def _tag(
    datasource: DataSource,
    session: Session | None,
    kind: str,
    page: PageSpec,
    selection: Selection,
    seen: list[Any],
) -> str:
    rows = [datasource.revision, datasource.fingerprint, datasource.name]
    stream = None if session is None else str(session.head.stream_id)
    what = selection.filter and selection.filter.written
    sorts = [[sort.column_name, sort.descending] for sort in selection.sorts]
    asked = [page.page_number, page.page_size, what, sorts]
    return digest([_FORM, kind, str(datasource.pk), rows, stream, asked, seen])[:32]
