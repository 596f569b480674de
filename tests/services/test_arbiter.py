"""The model makes way on battery, with little memory and while somebody types, and goes on by itself."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from galaxy_desktop.domain.inference import Priority
from galaxy_desktop.services.arbiter import (
    FREE,
    LOW_BYTES,
    PATIENCE_S,
    TYPING_S,
    Arbiter,
    Limits,
    Readings,
    Strain,
    Verdict,
    decide,
    probe_computer,
)
from galaxy_desktop.settings import Settings

PLENTY = 8_000_000_000


class Computer:
    """What the probes say, and a clock that stands still."""

    def __init__(self) -> None:
        self.free, self.on_battery, self.now = PLENTY, False, 0.0
        self.heard: list[Verdict] = []
        self.arbiter = Arbiter(self.heard.append, lambda: (self.free, self.on_battery), lambda: self.now)

    def look(self) -> Strain:
        return self.arbiter.look().strain


@pytest.mark.parametrize(
    ("readings", "strain", "below"),
    [
        (Readings(free_bytes=PLENTY), Strain.NONE, Priority.BACKGROUND),
        (Readings(free_bytes=PLENTY, on_battery=True), Strain.BATTERY, Priority.QUESTION),
        (Readings(free_bytes=LOW_BYTES - 1), Strain.MEMORY, Priority.QUESTION),
        (Readings(free_bytes=PLENTY, typed_s=0.3), Strain.TYPING, Priority.ALERT),
        (Readings(free_bytes=PLENTY, typed_s=TYPING_S), Strain.NONE, Priority.BACKGROUND),
        (Readings(free_bytes=LOW_BYTES - 1, on_battery=True, typed_s=0), Strain.MEMORY, Priority.QUESTION),
    ],
)
def test_each_strain_holds_its_classes_back(readings: Readings, strain: Strain, below: Priority) -> None:
    verdict = decide(readings, Limits())
    assert (verdict.strain, verdict.below) == (strain, below)


@given(st.integers(0, 1 << 40), st.sampled_from([None, True, False]), st.floats(0, 100), st.floats(0, 1000))
def test_whatever_the_readings_a_question_is_never_held_back_and_a_strain_has_a_sentence(
    free: int, on_battery: bool | None, typed_s: float, low_s: float
) -> None:
    now = Readings(free_bytes=free, on_battery=on_battery, typed_s=typed_s, low_s=low_s)
    verdict = decide(now, Limits())
    assert verdict.below <= Priority.QUESTION
    assert bool(verdict.sentence) == (verdict.strain is not Strain.NONE)


def test_whoever_does_not_mind_the_battery_may_say_so() -> None:
    assert decide(Readings(free_bytes=PLENTY, on_battery=True), Limits(battery=False)) == FREE


def test_the_setting_is_obeyed() -> None:
    computer = Computer()
    computer.on_battery = True
    computer.arbiter.apply(Settings.from_text({"model_waits_on_battery": "false"}))
    assert computer.look() is Strain.NONE


def test_low_memory_ends_only_when_clearly_more_is_free() -> None:
    computer = Computer()
    strains = []
    for free in (LOW_BYTES - 1, LOW_BYTES + 1, round(LOW_BYTES * 1.6)):
        computer.free = free
        strains.append(computer.look())
    assert strains == [Strain.MEMORY, Strain.MEMORY, Strain.NONE]


def test_weights_are_given_back_when_memory_stays_low() -> None:
    computer = Computer()
    computer.free = 1000
    computer.look()
    computer.now = PATIENCE_S
    computer.look()
    assert [verdict.unload for verdict in computer.heard] == [False, True]


def test_memory_that_was_low_for_a_moment_twice_is_not_low_for_long() -> None:
    computer = Computer()
    for now, free in ((0, 1000), (5, PLENTY), (PATIENCE_S + 4, 1000)):
        computer.now, computer.free = now, free
        computer.look()
    assert not computer.arbiter.verdict.unload


def test_typing_holds_at_once_and_ends_by_itself() -> None:
    computer = Computer()
    computer.arbiter.typed()
    assert computer.arbiter.verdict.strain is Strain.TYPING
    computer.now = TYPING_S + 0.1
    assert computer.look() is Strain.NONE
    assert [verdict.strain for verdict in computer.heard] == [Strain.TYPING, Strain.NONE]


def test_typing_does_not_hide_a_lasting_strain() -> None:
    computer = Computer()
    computer.on_battery = True
    computer.look()
    computer.arbiter.typed()
    assert computer.arbiter.verdict.strain is Strain.BATTERY


def test_the_listener_hears_of_changes_only() -> None:
    computer = Computer()
    for _ in range(3):
        computer.look()
    computer.on_battery = True
    for _ in range(3):
        computer.look()
    assert [verdict.strain for verdict in computer.heard] == [Strain.BATTERY]


async def test_it_looks_until_it_is_cancelled() -> None:
    computer, slept = Computer(), []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        computer.on_battery = True
        if len(slept) == 3:
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await computer.arbiter.watch(sleep)
    assert slept == [2.0, TYPING_S / 2, TYPING_S / 2]


def test_this_computer_can_be_asked() -> None:
    free, on_battery = probe_computer()
    assert free > 0
    assert on_battery in (None, True, False)
