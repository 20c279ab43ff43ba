"""What every request on a session says: whose it is, on which dataset, and which rows to answer."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from data_tools.filtering import EVERYTHING, PageSpec, Selection
from session_events.recording import Command

PREVIEW = PageSpec(page_number=1, page_size=100)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownRows:
    """Which rows an answer shows: one page of a selection.

    `page` is None for a client that did not ask for one, as existing clients do not. With
    `numbered`, the answer also has the dataset's number of each row.
    """

    page: PageSpec | None = None
    selection: Selection = EVERYTHING
    numbered: bool = False

    @property
    def page_or_preview(self) -> PageSpec:
        return PREVIEW if self.page is None else self.page

    @property
    def is_paged(self) -> bool:
        """Whether the client asked for a page or a selection; if not, no `pagination` is sent."""
        return self.page is not None or not self.selection.is_everything


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRequest:
    """A command on a user's session on a dataset, and the rows that the answer shows.

    The command says who sends it and what they last saw.
    """

    datasource_id: uuid.UUID
    command: Command
    rows: ShownRows = ShownRows()

    @property
    def user_id(self) -> int:
        return self.command.actor_id
