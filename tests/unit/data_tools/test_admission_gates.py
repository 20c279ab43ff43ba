"""Who is let in at a gate, in which order, and who is not."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest

from data_tools.under_way.admission_gates import Gates, Refused, Standing, Width
from tests.support.patience import PATIENCE_SECONDS, eventually

GATE = "heavy"


@dataclass
class Visitors:
    """Threads that enter one gate, stay until they are told to leave, and note who was let in."""

    width: Width
    places_to_wait: int = 100
    gates: Gates = field(default_factory=Gates)
    let_in: list[str] = field(default_factory=list)
    refused: dict[str, bool] = field(default_factory=dict)
    leaving: dict[str, threading.Event] = field(default_factory=dict)
    threads: list[threading.Thread] = field(default_factory=list)

    def come(self, name: str, **more: object) -> None:
        """Send the visitor `name`, of the caller that its first letter is; return once it waits, is
        inside or was refused."""
        self.leaving[name] = threading.Event()
        thread = threading.Thread(target=self._visit, args=[name, more])
        self.threads.append(thread)
        before = self._settled
        thread.start()
        eventually(lambda: self._settled > before)

    def _visit(self, name: str, more: dict[str, object]) -> None:
        arguments = {
            "width": self.width,
            "places_to_wait": self.places_to_wait,
            "wait_seconds": PATIENCE_SECONDS,
            **more,
        }
        try:
            leave = self.gates.enter(GATE, name[0], **arguments)
        except Refused as refused:
            self.refused[name] = refused.is_own_share
            return
        self.let_in.append(name)
        self.leaving[name].wait(PATIENCE_SECONDS)
        leave()

    @property
    def _settled(self) -> int:
        return len(self.let_in) + len(self.refused) + self.standing.waiting

    @property
    def standing(self) -> Standing:
        return self.gates.standing(GATE)

    def leave(self, name: str) -> None:
        """Let the visitor go, and return once whoever is next is inside."""
        waiting = self.standing.waiting
        self.leaving[name].set()
        self.threads[[*self.leaving].index(name)].join(PATIENCE_SECONDS)
        eventually(lambda: not waiting or self.standing.waiting < waiting)
        eventually(lambda: self.standing.running == len(self.inside))

    @property
    def inside(self) -> list[str]:
        return [name for name in self.let_in if not self.leaving[name].is_set()]


@pytest.fixture
def visitors() -> Iterator[Callable[..., Visitors]]:
    """Makes visitors of a gate; all of them leave at the end."""
    made: list[Visitors] = []

    def make(*, per_process: int | None = 1, per_caller: int = 1, **more: int) -> Visitors:
        width = Width(per_process=per_process, per_caller=per_caller)
        made.append(Visitors(width=width, **more))
        return made[-1]

    yield make
    for visitors in made:
        for event in visitors.leaving.values():
            event.set()
        for thread in visitors.threads:
            thread.join(PATIENCE_SECONDS)
            assert not thread.is_alive()
        assert visitors.standing == Standing(running=0, waiting=0)


def test_one_caller_after_the_other_whoever_has_more_waiting(
    visitors: Callable[..., Visitors],
) -> None:
    at_gate = visitors()
    for name in ("a1", "a2", "a3", "a4", "b1", "c1"):
        at_gate.come(name)

    for name in ("a1", "b1", "c1", "a2", "a3"):
        at_gate.leave(name)

    assert at_gate.let_in == ["a1", "b1", "c1", "a2", "a3", "a4"]


def test_a_caller_gets_no_more_than_its_share_while_there_is_room(
    visitors: Callable[..., Visitors],
) -> None:
    at_gate = visitors(per_process=3, per_caller=2)
    for name in ("a1", "a2", "a3", "b1"):
        at_gate.come(name)

    assert at_gate.let_in == ["a1", "a2", "b1"]
    assert at_gate.standing == Standing(running=3, waiting=1)


def test_who_cannot_wait_is_refused_at_once_with_the_reason(
    visitors: Callable[..., Visitors],
) -> None:
    at_gate = visitors(per_process=2, per_caller=1)
    for name in ("a1", "b1"):
        at_gate.come(name)

    at_gate.come("a2", wait_seconds=0)
    at_gate.come("c1", wait_seconds=0)

    assert at_gate.refused == {"a2": True, "c1": False}


def test_only_who_waits_is_asked_for_something_first(visitors: Callable[..., Visitors]) -> None:
    at_gate = visitors(places_to_wait=1)
    waiting: list[str] = []
    for name in ("a1", "b1", "b2"):
        at_gate.come(name, before_waiting=lambda name=name: waiting.append(name))

    assert (at_gate.inside, waiting, [*at_gate.refused]) == (["a1"], ["b1"], ["b2"])


@pytest.fixture
def any_work_is_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("data_tools.under_way.admission_gates._MUCH_SECONDS", 0.0)


@pytest.mark.usefixtures("any_work_is_much")
def test_who_has_worked_much_comes_after_those_who_have_not(
    visitors: Callable[..., Visitors],
) -> None:
    at_gate = visitors()
    at_gate.come("a1")
    at_gate.leave("a1")
    for name in ("z1", "a2", "b1"):
        at_gate.come(name)

    at_gate.leave("z1")
    at_gate.leave("b1")

    assert at_gate.let_in == ["a1", "z1", "b1", "a2"]


@pytest.mark.usefixtures("any_work_is_much")
def test_who_has_worked_much_leaves_others_the_last_place(
    visitors: Callable[..., Visitors],
) -> None:
    at_gate = visitors(per_process=3, per_caller=3)
    at_gate.come("a1")
    at_gate.leave("a1")
    for name in ("a2", "a3", "a4", "b1"):
        at_gate.come(name)

    assert at_gate.let_in == ["a1", "a2", "a3", "b1"]


@pytest.mark.usefixtures("any_work_is_much")
def test_where_all_have_worked_much_there_is_one_place_more_for_another(
    visitors: Callable[..., Visitors],
) -> None:
    at_gate = visitors(per_process=3)
    for name in ("a1", "b1", "c1", "d1", "e1"):
        at_gate.come(name)

    assert at_gate.let_in == ["a1", "b1", "c1", "d1"]


@pytest.mark.usefixtures("any_work_is_much")
def test_who_has_worked_much_gives_up_a_place_to_wait(visitors: Callable[..., Visitors]) -> None:
    at_gate = visitors(places_to_wait=1)
    at_gate.come("a1")
    at_gate.leave("a1")
    for name in ("z1", "a2", "b1"):
        at_gate.come(name)
    eventually(lambda: bool(at_gate.refused))

    assert at_gate.refused == {"a2": False}


def test_what_was_worked_long_ago_counts_less(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    clock = SimpleNamespace(monotonic=lambda: now[0])
    monkeypatch.setattr("data_tools.under_way.admission_gates.time", clock)
    gates = Gates()

    def enter(caller: str) -> Callable[[], None]:
        width = Width(per_process=3, per_caller=3)
        return gates.enter(GATE, caller, width=width, places_to_wait=0, wait_seconds=0)

    leave = enter("a")
    now[0] += 8
    leave()
    for stranger in ("b", "c"):
        enter(stranger)
    with pytest.raises(Refused):
        enter("a")  # the last place
    now[0] += 30

    enter("a")
    assert gates.standing(GATE) == Standing(running=3, waiting=0)


def test_who_waits_too_long_is_refused(visitors: Callable[..., Visitors]) -> None:
    at_gate = visitors()
    at_gate.come("a1")

    at_gate.come("b1", wait_seconds=0.1)
    eventually(lambda: bool(at_gate.refused))

    assert at_gate.refused == {"b1": False}
    assert at_gate.standing == Standing(running=1, waiting=0)


def test_who_has_gone_does_not_wait(visitors: Callable[..., Visitors]) -> None:
    at_gate, is_gone = visitors(), threading.Event()
    at_gate.come("a1")
    at_gate.come("b1", is_gone=is_gone.is_set)

    is_gone.set()
    eventually(lambda: bool(at_gate.refused))

    assert at_gate.standing == Standing(running=1, waiting=0)


def test_the_places_to_wait_are_shared_out_evenly(visitors: Callable[..., Visitors]) -> None:
    at_gate = visitors(places_to_wait=4)
    for name in ("a0", "a1", "a2", "a3", "a4"):
        at_gate.come(name)

    at_gate.come("a5")  # all places are taken by the same caller
    at_gate.come("b1")  # takes the place of a4
    at_gate.come("b2")  # takes the place of a3
    at_gate.come("b3")  # has as many waiting as a
    eventually(lambda: len(at_gate.refused) == 4)

    assert at_gate.refused == {"a5": True, "a4": True, "a3": True, "b3": True}
    at_gate.leave("a0")
    at_gate.leave("b1")
    at_gate.leave("a1")
    assert at_gate.let_in == ["a0", "b1", "a1", "b2"]


def test_a_share_that_others_hold_is_asked_for_again_and_keeps_nobody_out(
    visitors: Callable[..., Visitors],
) -> None:
    at_gate, is_free = visitors(), threading.Event()
    given_back: list[str] = []

    def take_share() -> Callable[[], None] | None:
        return (lambda: given_back.append("a")) if is_free.is_set() else None

    at_gate.come("a1", take_share=take_share)
    at_gate.come("b1")
    eventually(lambda: at_gate.let_in == ["b1"])
    is_free.set()
    at_gate.leave("b1")
    eventually(lambda: at_gate.let_in == ["b1", "a1"])
    at_gate.leave("a1")

    assert given_back == ["a"]


def test_who_waits_for_a_share_in_vain_is_told_that_it_is_its_own(
    visitors: Callable[..., Visitors],
) -> None:
    at_gate = visitors()

    at_gate.come("a1", take_share=lambda: None, wait_seconds=0.5)
    eventually(lambda: bool(at_gate.refused))

    assert at_gate.refused == {"a1": True}


def test_an_error_while_the_share_is_taken_leaves_the_place_free(
    visitors: Callable[..., Visitors],
) -> None:
    at_gate = visitors()

    def fail() -> None:
        raise OSError("no network")

    with pytest.raises(OSError, match="no network"):
        at_gate.gates.enter(
            GATE, "a", width=at_gate.width, places_to_wait=1, wait_seconds=1, take_share=fail
        )

    at_gate.come("b1")
    assert at_gate.let_in == ["b1"]


def test_to_leave_twice_frees_one_place(visitors: Callable[..., Visitors]) -> None:
    at_gate = visitors(per_process=2, per_caller=2)
    leave = at_gate.gates.enter(GATE, "a", width=at_gate.width, places_to_wait=0, wait_seconds=0)
    at_gate.come("a1")

    leave()
    leave()

    assert at_gate.standing == Standing(running=1, waiting=0)
