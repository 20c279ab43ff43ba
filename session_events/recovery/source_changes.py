"""What it means for a session that its dataset got another file. Pure.

A change is pending until the user decides: come over to the new rows, or stay on the old ones.
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
    """The dataset has other content than the session began on, and how the session fits on it.

    `operations_that_fit` counts the session's operations from the first to the one before the
    first that cannot be applied. The names are those of needed columns that are gone, or of
    another type, and of columns of the session whose name came with the new file.
    `has_old_rows` tells whether the rows that the session began on are still kept.
    """

    fingerprint: str
    operations_that_fit: int
    columns_missing: tuple[str, ...] = ()
    columns_retyped: tuple[str, ...] = ()
    names_taken: tuple[str, ...] = ()
    has_old_rows: bool = True


def pending_change(state: SessionState, change: SourceChange | None) -> SourceChange | None:
    """Return the change of the dataset that the user has still to decide on, if there is one.

    Who declined it stays on the old rows, as long as they are kept.
    """
    if change is None or change.fingerprint != state.declined_fingerprint:
        return change
    return None if change.has_old_rows else change


def changed_verdict(
    own: Assessment, state: SessionState, change: SourceChange, *, is_out_of_step: bool
) -> Assessment:
    """Return `own`, the verdict of the session's status, as it is on a changed dataset.

    A session that the user has ended stays so; the change is named beside.
    """
    is_whole = change.operations_that_fit >= len(state.operations)
    options = [carried_over_option(state, change, Strategy.AUTO if is_whole else Strategy.PARTIAL)]
    if change.has_old_rows:
        stay = whole_option(state, Strategy.REPLAY)
        options.append(
            replace(
                stay,
                comes_back=f"{stay.comes_back}, on the rows from before",
                given_up="the dataset's new rows, in this session",
            )
        )
    if own.status in ENDED:
        return replace(
            own,
            reasons=(*own.reasons, *change_reasons(change, is_whole=is_whole)),
            options=(*options, fresh_option(state)),
        )
    out_of_step = own.reasons if is_out_of_step and own.session_valid else ()
    return replace(
        own,
        session_valid=False,
        suggested_action=Action.REVIEW_CHANGES if is_whole else Action.RECOVER_PARTIAL,
        reasons=(*change_reasons(change, is_whole=is_whole), *out_of_step),
        options=(*options, fresh_option(state)),
    )


def change_reasons(change: SourceChange, *, is_whole: bool) -> tuple[Reason, ...]:
    """Return how the dataset changed, and that nobody can stay on its old rows where so."""
    reason = _change_reason(change, is_whole=is_whole)
    return (reason,) if change.has_old_rows else (reason, _ROWS_GONE)


def _change_reason(change: SourceChange, *, is_whole: bool) -> Reason:
    if is_whole:
        return Reason(
            code="source_changed",
            sentence="The dataset got another file; every column the session needs is there.",
        )
    parts = [
        f"{what} {_quoted(names)}"
        for what, names in (
            ("without", change.columns_missing),
            ("with another type of", change.columns_retyped),
            ("with a column of its own called", change.names_taken),
        )
        if names
    ]
    return Reason(
        code="source_columns_missing",
        sentence=f"The dataset got another file, {', '.join(parts) or 'which does not fit'}.",
    )


def carried_over_option(
    state: SessionState, change: SourceChange, strategy: Strategy
) -> RecoveryOption:
    fitting = state.operations[: change.operations_that_fit]
    left = state.operations[change.operations_that_fit :]
    return RecoveryOption(
        strategy=strategy,
        to_version=None if left else state.version,
        comes_back=f"{operations_in_words(fitting)}, fitted to the new rows",
        given_up=(f"{operations_in_words(left)} from {left[0].operation} on" if left else "nothing")
        + "; the old session is put away and stays recoverable",
    )


def _quoted(names: tuple[str, ...], shown: int = 10) -> str:
    more = len(names) - shown
    quoted = ", ".join(f"“{name}”" for name in names[:shown])
    return f"{quoted} and {more} more" if more > 0 else quoted


_ROWS_GONE = Reason(
    code="source_rows_gone",
    sentence="The rows that this session began on are not kept any more.",
)
DECLINED = Reason(
    code="source_change_declined",
    sentence="The dataset got another file; this session stays on the rows it began on.",
)
