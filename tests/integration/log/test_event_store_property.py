"""PostgreSQL and the reference in memory answer alike, whatever is appended in whatever order."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from django.contrib.auth.models import User
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    rule,
    run_state_machine_as_test,
)

from session_events import store
from session_events.heads import StreamHead
from session_events.replay import START, StreamPosition
from session_events.state import Status
from tests.support.event_store_contract import (
    NOW,
    REFUSALS,
    EventStore,
    Writer,
    sealed_behind,
)
from tests.support.examples import examples
from tests.support.postgres_store import PostgresStore
from tests.support.reference_store import ReferenceStore
from tests.unit.session_events.streams import renamed, started

STATUSES = st.sampled_from([status for status in Status if status is not Status.NOT_STARTED])


class StoreMachine(RuleBasedStateMachine):
    """Two stores side by side. Ids and times are the machine's, so that all must be equal.

    Each answer is compared immediately, and everything stored at the end.
    """

    def __init__(self, user_ids: list[int]) -> None:
        super().__init__()
        self.user_ids = user_ids
        self.real, self.reference = PostgresStore(), ReferenceStore()
        self.streams: list[StreamHead] = []
        # Different for each run: the database keeps what other runs wrote.
        self.operation_ids = [None, *(uuid.uuid4() for _ in range(3))]
        self.datasets = [uuid.uuid4(), uuid.uuid4()]
        self.appends = 0

    @rule(
        user=st.integers(0, 1), dataset=st.integers(0, 1), status=STATUSES, count=st.integers(1, 3)
    )
    def begin(self, user: int, dataset: int, status: Status, count: int) -> None:
        head = self.append(
            user_id=self.user_ids[user],
            dataset_id=self.datasets[dataset],
            status=status,
            stream_id=uuid.uuid4(),
            at=START,
            count=count,
            operation_id=None,
        )
        if head is not None:
            self.streams.append(head)

    @rule(
        which=st.integers(0, 20),
        off_by=st.sampled_from([0, 0, 0, 0, -1, 1, 5]),
        count=st.sampled_from([1, 1, 1, 2, 3]),
        operation=st.integers(0, 3),
        status=STATUSES,
    )
    def go_on(self, which: int, off_by: int, count: int, operation: int, status: Status) -> None:
        if not self.streams:
            return
        place = which % len(self.streams)
        head = self.streams[place]
        version = max(1, head.position.version + off_by)
        moved = self.append(
            user_id=head.user_id,
            dataset_id=head.dataset_id,
            status=status,
            stream_id=head.stream_id,
            at=StreamPosition(version=version, hash=head.position.hash),
            count=count,
            operation_id=self.operation_ids[operation],
        )
        if moved is not None:
            self.streams[place] = moved

    @rule(count=st.integers(1, 2))
    def go_on_nowhere(self, count: int) -> None:
        appended = self.append(
            user_id=self.user_ids[0],
            dataset_id=self.datasets[0],
            status=Status.ACTIVE,
            stream_id=uuid.uuid4(),
            at=StreamPosition(version=1, hash=bytes(32)),
            count=count,
            operation_id=None,
        )
        assert appended is None

    def append(
        self,
        *,
        user_id: int,
        dataset_id: uuid.UUID,
        status: Status,
        stream_id: uuid.UUID,
        at: StreamPosition,
        count: int,
        operation_id: uuid.UUID | None,
    ) -> StreamHead | None:
        """Return what both stores answer to the same append, None if they refuse it."""
        self.appends += 1
        first = started() if at == START else renamed(f"name {self.appends}")
        sealed = sealed_behind(
            at,
            first,
            *(renamed(f"name {self.appends}.{place}") for place in range(1, count)),
            stream_id=stream_id,
            client_operation_id=operation_id,
            recorded_at=NOW + dt.timedelta(seconds=self.appends),
        )

        def into(event_store: EventStore) -> object:
            writer = Writer(store=event_store, user_id=user_id, dataset_id=dataset_id)
            try:
                return writer.append(sealed, status)
            except REFUSALS as refusal:
                return type(refusal), getattr(refusal, "details", None)

        real, reference = into(self.real), into(self.reference)
        assert real == reference
        return real if isinstance(real, StreamHead) else None

    def teardown(self) -> None:
        def everything(event_store: EventStore) -> object:
            places = [(user, dataset) for user in self.user_ids for dataset in self.datasets]
            return (
                [event_store.read(head.stream_id) for head in self.streams],
                [event_store.open_head(user_id=u, dataset_id=d) for u, d in places],
                [
                    event_store.find_client_operation(operation_id, user_id=u, dataset_id=d)
                    for operation_id in self.operation_ids[1:]
                    for u, d in places
                ],
            )

        assert everything(self.real) == everything(self.reference)


@pytest.mark.hypothesis
@pytest.mark.parametrize("is_short_way", [True, False], ids=["short way", "long way"])
def test_postgres_and_the_reference_answer_alike(
    user: User, other_user: User, is_short_way: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not is_short_way:
        monkeypatch.setattr(store, "_append_one", lambda *args: False)

    run_state_machine_as_test(
        lambda: StoreMachine([user.pk, other_user.pk]),
        settings=settings(max_examples=examples(60), stateful_step_count=25),
    )
