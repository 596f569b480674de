"""Python's lock and collector, as the program with a window wants them."""

from __future__ import annotations

import gc
import math
import sys
from collections.abc import Callable, Iterator

import pytest

from galaxy_desktop.services import interpreter

PYTHONS_OWN = (700, 10, 10)


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    interval, thresholds = sys.getswitchinterval(), gc.get_threshold()
    gc.set_threshold(*PYTHONS_OWN)
    yield
    sys.setswitchinterval(interval)
    gc.set_threshold(*thresholds)
    gc.unfreeze()


def test_the_window_gets_the_interpreter_within_half_a_millisecond() -> None:
    interpreter.favor_the_window()
    assert sys.getswitchinterval() == pytest.approx(0.0005)


@pytest.mark.parametrize("ask", [interpreter.give_memory_back, interpreter.keep_no_large_pieces])
def test_memory_can_be_asked_for_on_every_system(ask: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> None:
    ask()
    monkeypatch.setattr("ctypes.CDLL", lambda _name: object())
    ask()


def test_threads_share_few_heaps(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, tuple[int, ...]]] = []
    monkeypatch.setattr(interpreter, "_ask_c_library", lambda what, *numbers: asked.append((what, numbers)))
    interpreter.keep_no_large_pieces()
    assert asked == [("mallopt", (-3, interpreter.LARGE_PIECE)), ("mallopt", (-8, interpreter.FEW_HEAPS))]


def test_full_collections_become_rare() -> None:
    interpreter.favor_the_window()
    assert math.prod(gc.get_threshold()) > 10 * math.prod(PYTHONS_OWN)


def test_the_collector_looks_no_more_at_what_is_spared() -> None:
    lasting = [[] for _ in range(100)]
    interpreter.spare_what_lives()
    watched = {id(thing) for thing in gc.get_objects()}
    assert not watched & {id(thing) for thing in lasting}


def test_what_is_spared_is_freed_when_nobody_holds_it() -> None:
    class Thing:
        gone = False

        def __del__(self) -> None:
            Thing.gone = True

    thing = Thing()
    interpreter.spare_what_lives()
    del thing
    assert Thing.gone
