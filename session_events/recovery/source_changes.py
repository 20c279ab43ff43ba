"""What a new file for the dataset means for a session on it. Pure.

A change stays pending until the user decides: move to the new rows, or stay on the original ones.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from session_events.recovery.verdicts import (
    Action,
    Assessment,
    Reason,
    RecoveryOption,
    Strategy,
    fresh_option,
    operations_in_words,
    whole_option,
)
from session_events.state import ENDED, SessionState


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceChange:
    """How the dataset's content differs from what a session began on, and how much still fits.

    `operations_that_fit` counts the session's operations before the first that cannot be applied.
    The names are those of needed columns that are gone, of needed columns that have another type,
    and of columns that the session made and the new file now has as well. `has_old_rows` tells
    whether the rows that the session began on are still kept.
    """

    fingerprint: str
    operations_that_fit: int
    columns_missing: tuple[str, ...] = ()
    columns_retyped: tuple[str, ...] = ()
    names_taken: tuple[str, ...] = ()
    has_old_rows: bool = True

    def fits_all_of(self, state: SessionState) -> bool:
        """Tell whether every operation of the session can be applied to the new content."""
        return self.operations_that_fit >= len(state.operations)


def pending_change(state: SessionState, change: SourceChange | None) -> SourceChange | None:
    """Return the change of the dataset that the user has yet to decide on, None if there is none.

    A user who declined it stays on the original rows for as long as they are kept.
    """
    if change is None or change.fingerprint != state.declined_fingerprint:
        return change
    return None if change.has_old_rows else change


def verdict_on_change(
    by_status: Assessment, state: SessionState, change: SourceChange
) -> Assessment:
    """Return the verdict on a session whose dataset has changed.

    `by_status` is the verdict that the session's status would have on an unchanged dataset. It
    stands for a session that its user has ended; the change is then only an additional reason.
    """
    fits_all = change.fits_all_of(state)
    options = [rebase_option(state, change, Strategy.AUTO if fits_all else Strategy.PARTIAL)]
    if change.has_old_rows:
        stay = whole_option(state, Strategy.REPLAY)
        options.append(
            replace(
                stay,
                comes_back=f"{stay.comes_back}, on the original rows",
                given_up="the dataset's new rows, in this session",
            )
        )
    options.append(fresh_option(state))
    reasons = change_reasons(state, change)
    if by_status.status in ENDED:
        return replace(by_status, reasons=(*by_status.reasons, *reasons), options=tuple(options))
    out_of_step = by_status.reasons if by_status.suggested_action is Action.RELOAD else ()
    return replace(
        by_status,
        session_valid=False,
        suggested_action=Action.REVIEW_CHANGES if fits_all else Action.RECOVER_PARTIAL,
        reasons=(*reasons, *out_of_step),
        options=tuple(options),
    )


def change_reasons(state: SessionState, change: SourceChange) -> tuple[Reason, ...]:
    """Return how the dataset changed and, where that is so, that its original rows are gone."""
    reason = _FITS if change.fits_all_of(state) else _does_not_fit(change)
    return (reason,) if change.has_old_rows else (reason, _ROWS_GONE)


def rebase_option(state: SessionState, change: SourceChange, strategy: Strategy) -> RecoveryOption:
    """Return the option to go on with the work that fits, in a new session on the new rows."""
    fitting = state.operations[: change.operations_that_fit]
    rest = state.operations[change.operations_that_fit :]
    return RecoveryOption(
        strategy=strategy,
        to_version=None if rest else state.version,
        operations_back=len(fitting),
        comes_back=f"{operations_in_words(fitting)}, fitted to the new rows",
        given_up=(f"{operations_in_words(rest)} from {rest[0].operation} on" if rest else "nothing")
        + "; the old session is put away and stays recoverable",
    )


def _does_not_fit(change: SourceChange) -> Reason:
    obstacles = [
        f"{verb} {_quoted(names)}"
        for verb, names in (
            ("lacks", change.columns_missing),
            ("changes the type of", change.columns_retyped),
            ("already has a column named", change.names_taken),
        )
        if names
    ]
    return Reason(
        code="source_columns_missing",
        sentence=f"The dataset has a new file that {', '.join(obstacles) or 'does not fit'}.",
    )


def _quoted(names: tuple[str, ...], shown: int = 10) -> str:
    more = len(names) - shown
    quoted = ", ".join(f"“{name}”" for name in names[:shown])
    return f"{quoted} and {more} more" if more > 0 else quoted


_FITS = Reason(
    code="source_changed",
    sentence="The dataset has a new file with every column that the session needs.",
)
_ROWS_GONE = Reason(
    code="source_rows_gone",
    sentence="The rows that this session began on are no longer available.",
)
DECLINED = Reason(
    code="source_change_declined",
    sentence="The dataset has a new file; this session stays on its original rows.",
)
