"""The decision table, one row a case, at its boundaries."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from session_events.events import (
    Event,
    Operation,
    OperationUndone,
    SessionCleared,
    SessionExpired,
    SessionPaused,
    SessionSaved,
    SourceChangeDeclined,
)
from session_events.lifetime import (
    RecoveryPolicy,
    expires_at,
    kept_if_put_away,
    retained_until,
    status_at,
)
from session_events.recovery.decision import Evidence, assess
from session_events.recovery.source_changes import SourceChange, pending_change
from session_events.recovery.verdicts import Action, Assessment, Source, Strategy
from session_events.replay import Defect, DefectKind, Replay, replay
from session_events.state import Status
from tests.unit.session_events.streams import (
    STREAM_ID,
    at_minute,
    looked_at,
    renamed,
    sealed,
    started,
)

POLICY = RecoveryPolicy(
    inactivity_timeout=dt.timedelta(minutes=240), retention=dt.timedelta(days=30)
)
SECOND = dt.timedelta(seconds=1)
# The last event of every stream below is at minute 2.
LAST = at_minute(2)
EXPIRY = LAST + POLICY.inactivity_timeout


def replayed(*events: Event, defect: Defect | None = None) -> Replay:
    result = replay(sealed([started(), renamed("a"), *events]), stream_id=STREAM_ID)
    return replace(result, defect=defect)


ACTIVE = replayed(looked_at(2))
PAUSED = replayed(SessionPaused())
EXPIRED = replayed(SessionExpired(since=EXPIRY))
CLEARED = replayed(SessionCleared(reason="user", replaced_by=None))
SAVED = replayed(SessionSaved(new_dataset_id=STREAM_ID))


NEW = "e" * 64
FITS = SourceChange(fingerprint=NEW, operations_that_fit=1)
MISSING = SourceChange(fingerprint=NEW, operations_that_fit=0, columns_missing=("delay",))
DECLINED = replayed(SourceChangeDeclined(source_fingerprint=NEW))


def defective(kind: DefectKind, sequence: int = 4) -> Replay:
    return replayed(looked_at(2), defect=Defect(sequence=sequence, kind=kind))


def judge(
    session: Replay | None,
    *,
    source: Source = Source.READY,
    change: SourceChange | None = None,
    now: dt.datetime = LAST,
    known_version: int | None = None,
    last_append_at: dt.datetime | None = LAST,
    has_damaged_snapshot: bool = False,
    unknown_operation: Operation | None = None,
) -> Assessment:
    evidence = Evidence(
        replayed=session,
        source=source,
        change=change,
        known_version=known_version,
        last_append_at=last_append_at,
        has_damaged_snapshot=has_damaged_snapshot,
        unknown_operation=unknown_operation,
    )
    return assess(evidence, now=now, policy=POLICY)


def verdict(assessment: Assessment) -> tuple[bool, bool, str, list[str]]:
    return (
        assessment.session_valid,
        assessment.recovery_possible,
        assessment.suggested_action.value,
        [reason.code for reason in assessment.reasons],
    )


@pytest.mark.parametrize(
    ("session", "options", "expected"),
    [
        (None, {}, (False, False, "initialize", ["never_started"])),
        (ACTIVE, {}, (True, True, "continue", ["active"])),
        (ACTIVE, {"known_version": 3}, (True, True, "continue", ["active"])),
        (ACTIVE, {"known_version": 2}, (True, True, "continue", ["active"])),
        (ACTIVE, {"known_version": 1}, (True, True, "reload", ["client_behind"])),
        (ACTIVE, {"known_version": 4}, (True, True, "reload", ["client_ahead"])),
        (ACTIVE, {"now": EXPIRY - SECOND}, (True, True, "continue", ["active"])),
        (ACTIVE, {"now": EXPIRY}, (False, True, "recover", ["expired"])),
        (ACTIVE, {"now": EXPIRY + SECOND}, (False, True, "recover", ["expired"])),
        (PAUSED, {}, (False, True, "resume", ["paused"])),
        (PAUSED, {"now": EXPIRY + SECOND}, (False, True, "resume", ["paused"])),
        (EXPIRED, {"now": EXPIRY}, (False, True, "recover", ["expired"])),
        (CLEARED, {}, (False, True, "start_new", ["cleared"])),
        (SAVED, {}, (False, True, "start_new", ["saved"])),
        (ACTIVE, {"source": Source.DELETED}, (False, False, "start_new", ["source_deleted"])),
        (CLEARED, {"source": Source.DELETED}, (False, False, "start_new", ["source_deleted"])),
        (ACTIVE, {"source": Source.NOT_READY}, (False, False, "retry_later", ["source_not_ready"])),
        (ACTIVE, {"source": Source.FAILED}, (False, False, "start_new", ["source_failed"])),
        (
            defective(DefectKind.UNKNOWN_TYPE),
            {"source": Source.FAILED},
            (False, False, "retry_later", ["unknown_type"]),
        ),
        (
            defective(DefectKind.GAP),
            {},
            (False, True, "recover_partial", ["log_damaged_gap"]),
        ),
        (
            defective(DefectKind.HASH_MISMATCH),
            {},
            (False, True, "recover_partial", ["log_damaged_hash_mismatch"]),
        ),
        (
            defective(DefectKind.UNDECODABLE),
            {},
            (False, True, "recover_partial", ["log_damaged_undecodable"]),
        ),
        (
            defective(DefectKind.GAP),
            {"now": EXPIRY + SECOND},
            (False, True, "recover_partial", ["log_damaged_gap"]),
        ),
        (
            defective(DefectKind.UNKNOWN_TYPE),
            {},
            (False, False, "retry_later", ["unknown_type"]),
        ),
        (
            defective(DefectKind.NEWER_SCHEMA),
            {},
            (False, False, "retry_later", ["newer_schema"]),
        ),
        (
            defective(DefectKind.GAP),
            {"source": Source.DELETED},
            (False, False, "start_new", ["source_deleted"]),
        ),
        (
            defective(DefectKind.GAP),
            {"source": Source.NOT_READY},
            (False, False, "retry_later", ["source_not_ready"]),
        ),
        (
            defective(DefectKind.UNKNOWN_TYPE),
            {"source": Source.DELETED},
            (False, False, "start_new", ["source_deleted"]),
        ),
        (
            defective(DefectKind.UNKNOWN_TYPE),
            {"source": Source.NOT_READY},
            (False, False, "retry_later", ["unknown_type"]),
        ),
        (ACTIVE, {"change": FITS}, (False, True, "review_changes", ["source_changed"])),
        (
            ACTIVE,
            {"change": MISSING},
            (False, True, "recover_partial", ["source_columns_missing"]),
        ),
        (
            ACTIVE,
            {"change": FITS, "known_version": 1},
            (False, True, "review_changes", ["source_changed", "client_behind"]),
        ),
        (
            ACTIVE,
            {"change": MISSING, "known_version": 1},
            (False, True, "recover_partial", ["source_columns_missing", "client_behind"]),
        ),
        (
            ACTIVE,
            {"change": FITS, "known_version": 2},
            (False, True, "review_changes", ["source_changed"]),
        ),
        (
            ACTIVE,
            {"change": FITS, "known_version": 1, "now": EXPIRY},
            (False, True, "review_changes", ["source_changed"]),
        ),
        (
            ACTIVE,
            {"change": FITS, "now": EXPIRY - SECOND},
            (False, True, "review_changes", ["source_changed"]),
        ),
        (
            ACTIVE,
            {"change": MISSING, "now": EXPIRY + SECOND},
            (False, True, "recover_partial", ["source_columns_missing"]),
        ),
        (PAUSED, {"change": FITS}, (False, True, "review_changes", ["source_changed"])),
        (
            PAUSED,
            {"change": MISSING},
            (False, True, "recover_partial", ["source_columns_missing"]),
        ),
        (
            EXPIRED,
            {"change": FITS, "now": EXPIRY},
            (False, True, "review_changes", ["source_changed"]),
        ),
        (CLEARED, {"change": FITS}, (False, True, "start_new", ["cleared", "source_changed"])),
        (
            CLEARED,
            {"change": MISSING},
            (False, True, "start_new", ["cleared", "source_columns_missing"]),
        ),
        (SAVED, {"change": FITS}, (False, True, "start_new", ["saved", "source_changed"])),
        (
            SAVED,
            {"change": MISSING},
            (False, True, "start_new", ["saved", "source_columns_missing"]),
        ),
        (
            DECLINED,
            {"change": FITS},
            (True, True, "continue", ["active", "source_change_declined"]),
        ),
        (
            DECLINED,
            {"change": MISSING, "known_version": 1},
            (True, True, "reload", ["client_behind", "source_change_declined"]),
        ),
        (
            DECLINED,
            {"change": FITS, "now": EXPIRY},
            (False, True, "recover", ["expired", "source_change_declined"]),
        ),
        (
            DECLINED,
            {"change": replace(FITS, fingerprint="d" * 64)},
            (False, True, "review_changes", ["source_changed"]),
        ),
        (
            DECLINED,
            {"change": replace(FITS, has_old_rows=False)},
            (False, True, "review_changes", ["source_changed", "source_rows_gone"]),
        ),
        (
            ACTIVE,
            {"change": replace(MISSING, has_old_rows=False), "known_version": 1},
            (
                *(False, True, "recover_partial"),
                ["source_columns_missing", "source_rows_gone", "client_behind"],
            ),
        ),
        (
            SAVED,
            {"change": replace(FITS, has_old_rows=False)},
            (False, True, "start_new", ["saved", "source_changed", "source_rows_gone"]),
        ),
        (
            defective(DefectKind.GAP),
            {"change": replace(FITS, has_old_rows=False)},
            (
                *(False, True, "recover_partial"),
                ["log_damaged_gap", "source_changed", "source_rows_gone"],
            ),
        ),
        (DECLINED, {}, (True, True, "continue", ["active"])),
        (
            defective(DefectKind.GAP),
            {"change": FITS},
            (False, True, "recover_partial", ["log_damaged_gap", "source_changed"]),
        ),
        (
            defective(DefectKind.HASH_MISMATCH),
            {"change": MISSING, "now": EXPIRY},
            (
                False,
                True,
                "recover_partial",
                ["log_damaged_hash_mismatch", "source_columns_missing"],
            ),
        ),
        (
            replace(DECLINED, defect=Defect(sequence=4, kind=DefectKind.GAP)),
            {"change": FITS},
            (False, True, "recover_partial", ["log_damaged_gap"]),
        ),
        (
            defective(DefectKind.NEWER_SCHEMA),
            {"change": FITS},
            (False, False, "retry_later", ["newer_schema"]),
        ),
        (
            ACTIVE,
            {"change": FITS, "source": Source.DELETED},
            (False, False, "start_new", ["source_deleted"]),
        ),
        (
            ACTIVE,
            {"change": FITS, "source": Source.NOT_READY},
            (False, False, "retry_later", ["source_not_ready"]),
        ),
        (
            CLEARED,
            {"change": FITS, "now": LAST + POLICY.retention},
            (False, False, "initialize", ["past_retention"]),
        ),
    ],
)
def test_every_situation_has_its_verdict(
    session: Replay | None,
    options: dict[str, object],
    expected: tuple[bool, bool, str, list[str]],
) -> None:
    assert verdict(judge(session, **options)) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("session", "options", "status", "sentence"),
    [
        (None, {}, Status.NOT_STARTED, "No session was ever started on this dataset."),
        (ACTIVE, {}, Status.ACTIVE, "The session is active and its log is intact."),
        (
            ACTIVE,
            {"known_version": 1},
            Status.ACTIVE,
            "The session has moved on since you saw it.",
        ),
        (
            ACTIVE,
            {"known_version": 4},
            Status.ACTIVE,
            "You have seen a later version than this session has; it is another session, or was"
            " restored from a backup.",
        ),
        (PAUSED, {}, Status.PAUSED, "The session is paused; resume it to go on."),
        (
            ACTIVE,
            {"now": EXPIRY},
            Status.EXPIRED,
            "The session expired after a time without activity; nothing is lost.",
        ),
        (CLEARED, {}, Status.CLEARED, "Nothing of this session is lost."),
        (SAVED, {}, Status.SAVED, "The session was saved as a new dataset."),
        (
            CLEARED,
            {"now": LAST + POLICY.retention},
            Status.CLEARED,
            "The session ended long ago; it was kept until 2026-01-31.",
        ),
        (
            PAUSED,
            {"source": Source.DELETED},
            Status.PAUSED,
            "This session's dataset was deleted; its operations can be taken as a recipe.",
        ),
        (
            PAUSED,
            {"source": Source.NOT_READY},
            Status.PAUSED,
            "The dataset is still being prepared.",
        ),
        (
            PAUSED,
            {"source": Source.FAILED},
            Status.PAUSED,
            "The dataset's file could not be loaded. Upload it again, or take the operations as a"
            " recipe.",
        ),
        (
            defective(DefectKind.NEWER_SCHEMA),
            {},
            Status.ACTIVE,
            "Event 4 was written by a newer server; nothing is lost.",
        ),
        (
            PAUSED,
            {"unknown_operation": PAUSED.state.operations[0]},
            Status.PAUSED,
            "Event 2 applied “rename_column”, an operation that only a newer server knows; nothing"
            " is lost.",
        ),
        (
            defective(DefectKind.GAP),
            {"now": EXPIRY},
            Status.EXPIRED,
            "What was recorded as number 4 is missing, so what follows it cannot be used.",
        ),
        (
            defective(DefectKind.UNDECODABLE),
            {},
            Status.ACTIVE,
            "What was recorded as number 4 can no longer be read, so what follows it cannot be"
            " used.",
        ),
    ],
)
def test_every_situation_has_its_status_and_a_sentence_for_people(
    session: Replay | None, options: dict[str, object], status: Status, sentence: str
) -> None:
    assessment = judge(session, **options)  # type: ignore[arg-type]

    assert assessment.status is status
    assert assessment.reasons[0].sentence == sentence


@pytest.mark.parametrize(
    ("session", "kept_until"),
    [
        (ACTIVE, EXPIRY + POLICY.retention),
        (EXPIRED, EXPIRY + POLICY.retention),
        (PAUSED, LAST + POLICY.retention),
        (CLEARED, LAST + POLICY.retention),
        (SAVED, LAST + POLICY.retention),
        (defective(DefectKind.GAP), LAST + POLICY.retention),
        (defective(DefectKind.UNKNOWN_TYPE), LAST + POLICY.retention),
    ],
)
def test_a_session_is_recoverable_until_its_retention_ends_and_no_longer(
    session: Replay, kept_until: dt.datetime
) -> None:
    gone = (False, False, "initialize", ["past_retention"])

    assert verdict(judge(session, now=kept_until - SECOND)) != gone
    assert verdict(judge(session, now=kept_until)) == gone
    assert verdict(judge(session, now=kept_until + SECOND)) == gone


def test_past_retention_takes_precedence_over_everything_else() -> None:
    late = LAST + 2 * POLICY.retention

    assert verdict(judge(CLEARED, now=late, source=Source.DELETED))[3] == ["past_retention"]


def test_a_damaged_log_is_kept_from_its_last_append_not_from_its_last_readable_event() -> None:
    later = LAST + dt.timedelta(days=20)

    assessment = judge(
        defective(DefectKind.GAP), now=LAST + dt.timedelta(days=40), last_append_at=later
    )

    assert assessment.suggested_action is Action.RECOVER_PARTIAL


def test_a_damaged_log_without_a_known_append_counts_from_its_last_readable_event() -> None:
    late = EXPIRY + POLICY.retention

    assert verdict(judge(defective(DefectKind.GAP), now=late, last_append_at=None))[3] == [
        "past_retention"
    ]


def test_a_log_damaged_at_its_first_event_leaves_only_a_new_start() -> None:
    nothing = replay([], stream_id=STREAM_ID)
    session = replace(nothing, defect=Defect(sequence=1, kind=DefectKind.GAP))

    assessment = judge(session)

    assert verdict(assessment) == (False, False, "start_new", ["log_damaged_gap"])
    assert assessment.status is Status.NOT_STARTED
    assert offered(assessment) == [
        ("start_new", None, "the dataset as it was loaded", "everything from event 1 on")
    ]


def test_a_damaged_log_offers_the_work_before_the_damage_and_names_the_damage() -> None:
    assessment = judge(defective(DefectKind.HASH_MISMATCH))

    partial, fresh = assessment.options
    assert (partial.strategy, partial.to_version) == (Strategy.PARTIAL, 3)
    assert partial.comes_back == "1 operation"
    assert partial.given_up == "everything from event 4 on"
    assert fresh.strategy is Strategy.START_NEW
    assert fresh.given_up == "1 operation; everything from event 4 on"
    assert assessment.reasons[0].sentence == (
        "What was recorded as number 4 can no longer be trusted, so what follows it cannot be used."
    )


@pytest.mark.parametrize(
    ("session", "now", "strategy"),
    [
        (ACTIVE, LAST, Strategy.REPLAY),
        (PAUSED, LAST, Strategy.AUTO),
        (EXPIRED, EXPIRY, Strategy.AUTO),
        (CLEARED, LAST, Strategy.AUTO),
        (SAVED, LAST, Strategy.AUTO),
    ],
)
def test_a_whole_session_offers_all_of_it_or_a_new_start(
    session: Replay, now: dt.datetime, strategy: Strategy
) -> None:
    whole, fresh = judge(session, now=now).options

    assert (whole.strategy, whole.to_version) == (strategy, 3)
    assert (whole.comes_back, whole.given_up) == ("1 operation", "nothing")
    assert (fresh.strategy, fresh.to_version) == (Strategy.START_NEW, None)
    assert fresh.given_up == "1 operation"


def test_options_say_how_many_operations_there_are() -> None:
    none = replay(sealed([started()]), stream_id=STREAM_ID)
    two = replayed(renamed("b"))

    assert judge(none).options[0].comes_back == "nothing but the view"
    assert judge(two).options[0].comes_back == "2 operations"


def test_options_say_how_many_operations_can_be_redone() -> None:
    one = replayed(renamed("b"), OperationUndone(operation_sequence=3))
    none = replayed(OperationUndone(operation_sequence=2))
    damaged = replace(none, defect=Defect(sequence=4, kind=DefectKind.GAP))

    whole, fresh = judge(one).options
    assert whole.comes_back == fresh.given_up == "1 operation and 1 that can be redone"
    assert judge(none).options[0].comes_back == "0 operations and 1 that can be redone"
    assert judge(damaged).options[0].comes_back == "0 operations and 1 that can be redone"
    stay = judge(one, change=FITS).options[1]
    assert stay.comes_back == "1 operation and 1 that can be redone, on the original rows"


def test_a_new_start_says_that_an_open_session_is_put_away() -> None:
    open_words = judge(ACTIVE).options[1].comes_back
    ended_words = judge(CLEARED).options[1].comes_back

    assert ended_words == "the dataset as it was loaded"
    assert open_words == f"{ended_words}; the old session is put away and stays recoverable"


def test_actions_and_strategies_are_those_that_were_released() -> None:
    assert [action.value for action in Action] == [
        "continue",
        "reload",
        "resume",
        "recover",
        "recover_partial",
        "review_changes",
        "start_new",
        "initialize",
        "retry_later",
    ]
    assert [strategy.value for strategy in Strategy] == [
        "auto",
        "snapshot",
        "replay",
        "partial",
        "to_version",
        "start_new",
    ]


def test_only_an_active_session_expires() -> None:
    assert expires_at(ACTIVE.state, POLICY) == EXPIRY
    assert judge(ACTIVE).expires_at == EXPIRY
    assert expires_at(PAUSED.state, POLICY) is None
    assert expires_at(replay([], stream_id=STREAM_ID).state, POLICY) is None
    assert status_at(PAUSED.state, EXPIRY, POLICY) is Status.PAUSED
    assert status_at(ACTIVE.state, EXPIRY - SECOND, POLICY) is Status.ACTIVE
    assert status_at(ACTIVE.state, EXPIRY, POLICY) is Status.EXPIRED


def test_nothing_is_retained_before_a_session_started() -> None:
    assert retained_until(replay([], stream_id=STREAM_ID).state, POLICY) is None


def test_a_session_put_away_is_kept_from_then_and_one_that_ended_from_its_end() -> None:
    assert kept_if_put_away(ACTIVE.state, EXPIRY, POLICY) == EXPIRY + POLICY.retention
    assert kept_if_put_away(EXPIRED.state, EXPIRY + SECOND, POLICY) == (
        EXPIRY + SECOND + POLICY.retention
    )
    assert kept_if_put_away(CLEARED.state, EXPIRY, POLICY) == LAST + POLICY.retention


def test_each_option_counts_the_operations_that_come_back() -> None:
    def counts(assessment: Assessment) -> list[int]:
        return [option.operations_back for option in assessment.options]

    assert counts(judge(TWO)) == [2, 0]
    assert counts(judge(TWO, change=FITS)) == [1, 2, 0]
    assert counts(judge(replace(TWO, defect=Defect(sequence=4, kind=DefectKind.GAP)))) == [2, 0]


def test_a_verdict_tells_the_status_as_of_now() -> None:
    assert judge(None).status is Status.NOT_STARTED
    assert judge(ACTIVE, now=EXPIRY).status is Status.EXPIRED
    assert judge(CLEARED, source=Source.DELETED).status is Status.CLEARED


# The dataset has a new file

TWO = replayed(renamed("b"))
PUT_AWAY = "; the old session is put away and stays recoverable"


def offered(assessment: Assessment) -> list[tuple[str, int | None, str, str]]:
    return [
        (option.strategy.value, option.to_version, option.comes_back, option.given_up)
        for option in assessment.options
    ]


def test_a_change_that_everything_fits_offers_to_move_to_stay_or_to_start_anew() -> None:
    change = replace(FITS, operations_that_fit=2)

    come_over, stay, fresh = offered(judge(TWO, change=change))

    assert come_over == ("auto", 3, "2 operations, fitted to the new rows", "nothing" + PUT_AWAY)
    assert stay == (
        "replay",
        3,
        "2 operations, on the original rows",
        "the dataset's new rows, in this session",
    )
    assert fresh[:2] == ("start_new", None)


def test_a_change_that_fits_in_part_names_the_first_operation_given_up() -> None:
    come_over, stay, _ = offered(judge(TWO, change=FITS))

    assert come_over == (
        "partial",
        None,
        "1 operation, fitted to the new rows",
        "1 operation from rename_column on" + PUT_AWAY,
    )
    assert stay[0] == "replay"


def test_once_the_original_rows_are_gone_nobody_can_stay() -> None:
    options = judge(ACTIVE, change=replace(FITS, has_old_rows=False)).options

    assert [option.strategy for option in options] == [Strategy.AUTO, Strategy.START_NEW]


def test_a_sentence_says_that_the_original_rows_are_gone() -> None:
    reasons = judge(ACTIVE, change=replace(FITS, has_old_rows=False)).reasons

    assert reasons[-1].sentence == "The rows that this session began on are no longer available."


@pytest.mark.parametrize("session", [CLEARED, SAVED])
def test_an_ended_session_offers_the_same_options(session: Replay) -> None:
    options = judge(session, change=FITS).options

    assert [option.strategy.value for option in options] == ["auto", "replay", "start_new"]


def test_a_user_who_stayed_is_told_so() -> None:
    assert judge(DECLINED, change=FITS).reasons[-1].sentence == (
        "The dataset has a new file; this session stays on its original rows."
    )


def test_a_user_who_stayed_may_still_move() -> None:
    options = offered(judge(DECLINED, change=FITS))

    assert [option[0] for option in options] == ["replay", "start_new", "partial"]
    assert options[2][2] == "1 operation, fitted to the new rows"


@pytest.mark.parametrize(
    ("change", "comes_back", "given_up"),
    [
        (FITS, "1 operation, fitted to the new rows", "everything from event 4 on"),
        (
            MISSING,
            "nothing but the view, fitted to the new rows",
            f"1 operation from rename_column on{PUT_AWAY}; everything from event 4 on",
        ),
    ],
)
def test_a_damaged_log_on_a_changed_dataset_gives_the_smaller_part_of_the_work(
    change: SourceChange, comes_back: str, given_up: str
) -> None:
    partial, fresh = offered(judge(defective(DefectKind.GAP), change=change))

    assert partial[0] == "partial"
    assert partial[2:] == (comes_back, given_up)
    assert fresh[0] == "start_new"


def test_a_changed_dataset_adds_nothing_to_a_log_damaged_at_its_first_event() -> None:
    nothing = replay([], stream_id=STREAM_ID)
    session = replace(nothing, defect=Defect(sequence=1, kind=DefectKind.GAP))

    assert verdict(judge(session, change=FITS)) == (
        *(False, False, "start_new"),
        ["log_damaged_gap"],
    )


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (FITS, "The dataset has a new file with every column that the session needs."),
        (MISSING, "The dataset has a new file that lacks “delay”."),
        (
            replace(MISSING, columns_missing=(), columns_retyped=("year", "delay")),
            "The dataset has a new file that changes the type of “year”, “delay”.",
        ),
        (
            replace(MISSING, columns_retyped=("year",), names_taken=("a",)),
            "The dataset has a new file that lacks “delay”, changes the type of “year”, already has"
            " a column named “a”.",
        ),
        (
            replace(MISSING, columns_missing=tuple("abcdefghijkl")),
            "The dataset has a new file that lacks “a”, “b”, “c”, “d”, “e”, “f”, “g”, “h”, “i”, “j”"
            " and 2 more.",
        ),
        (
            replace(MISSING, columns_missing=tuple("abcdefghijk")),
            "The dataset has a new file that lacks “a”, “b”, “c”, “d”, “e”, “f”, “g”, “h”, “i”, “j”"
            " and 1 more.",
        ),
        (
            replace(MISSING, columns_missing=tuple("abcdefghij")),
            "The dataset has a new file that lacks “a”, “b”, “c”, “d”, “e”, “f”, “g”, “h”, “i”,"
            " “j”.",
        ),
        (
            replace(MISSING, columns_missing=()),
            "The dataset has a new file that does not fit.",
        ),
    ],
)
def test_a_change_names_the_columns_that_do_not_fit(change: SourceChange, sentence: str) -> None:
    assert judge(ACTIVE, change=change).reasons[0].sentence == sentence


def test_a_change_is_pending_until_it_is_declined_and_only_while_the_old_rows_are_there() -> None:
    assert pending_change(ACTIVE.state, None) is None
    assert pending_change(ACTIVE.state, FITS) is FITS
    assert pending_change(DECLINED.state, FITS) is None
    gone = replace(FITS, has_old_rows=False)
    assert pending_change(DECLINED.state, gone) is gone


def test_a_damaged_snapshot_adds_its_reason_and_changes_nothing() -> None:
    plain = judge(ACTIVE, change=FITS)

    assessment = judge(ACTIVE, change=FITS, has_damaged_snapshot=True)

    assert [reason.code for reason in assessment.reasons] == ["source_changed", "snapshot_damaged"]
    assert assessment.reasons[-1].sentence == (
        "A snapshot does not match the log and is ignored; the log itself is read instead."
    )
    assert replace(assessment, reasons=plain.reasons) == plain
