"""Why PySide6 stays below 6.12.

In 6.12.0 on Python 3.11 a call that returns nothing loses a reference to `None`, and each `Signal.emit` one to
`True`; after about a thousand the interpreter dies in `bool_dealloc`. These tests count.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import PySide6
import pytest
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication, QLabel

TIMES = 5000
SLACK = 200
"""References that come and go by themselves."""


class Bell(QObject):
    """Something to emit."""

    rung = Signal()
    rung_with = Signal(object)


def test_the_version_is_one_without_the_fault() -> None:
    major, minor = (int(part) for part in PySide6.__version__.split(".")[:2])
    assert (6, 11) <= (major, minor) < (6, 12)


def _emit(bell: Bell) -> Callable[[], object]:
    heard: list[object] = []
    bell.rung.connect(heard.clear)
    return bell.rung.emit


def _emit_with(bell: Bell) -> Callable[[], object]:
    heard: list[object] = []
    bell.rung_with.connect(heard.append)
    return lambda: (bell.rung_with.emit("news"), heard.clear())


def _void_method(bell: Bell) -> Callable[[], object]:
    return lambda: bell.setObjectName("bell")


def _void_widget(bell: Bell) -> Callable[[], object]:
    label = QLabel()
    return lambda: label.setText("text")


def _void_timer(bell: Bell) -> Callable[[], object]:
    timer = QTimer(bell)
    return lambda: timer.setInterval(100)


@pytest.mark.parametrize("kind", [_emit, _emit_with, _void_method, _void_widget, _void_timer])
@pytest.mark.parametrize("single", [None, True, False], ids=str)
def test_calls_lose_no_reference(
    kind: Callable[[Bell], Callable[[], object]], single: object, qapp: QApplication
) -> None:
    bell = Bell()
    call = kind(bell)
    call()
    before = sys.getrefcount(single)
    for _ in range(TIMES):
        call()
    assert abs(sys.getrefcount(single) - before) < SLACK
