"""Typing is noticed in the field that has the focus, and nowhere else."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from galaxy_desktop.ui.typing_watch import TypingWatch


def _window(qtbot: Any, *widgets: QWidget) -> QWidget:
    window = QWidget()
    layout = QVBoxLayout(window)
    for widget in widgets:
        layout.addWidget(widget)
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    return window


def test_typing_into_the_focused_field_is_heard(qtbot: Any) -> None:
    heard: list[int] = []
    line, text = QLineEdit(), QPlainTextEdit()
    window = _window(qtbot, line, text)
    watch = TypingWatch(lambda: heard.append(1), window)
    line.setFocus()
    qtbot.keyClicks(line, "ab")
    text.setFocus()
    qtbot.keyClicks(text, "c")
    assert (len(heard), watch.parent()) == (3, window)


def test_a_field_without_the_focus_is_not_listened_to(qtbot: Any) -> None:
    heard: list[int] = []
    line, button = QLineEdit(), QPushButton()
    window = _window(qtbot, line, button)
    TypingWatch(lambda: heard.append(1), window)
    line.setFocus()
    button.setFocus()
    line.setText("set by the program")
    assert heard == []


def test_a_field_that_dies_with_the_focus_leaves_the_watch_alive(qtbot: Any) -> None:
    heard: list[int] = []
    first, second = QLineEdit(), QLineEdit()
    window = _window(qtbot, first, second)
    keeper = QObject(window)
    TypingWatch(lambda: heard.append(1), keeper)
    first.setFocus()
    first.setParent(None)
    first.deleteLater()
    qtbot.wait(1)
    second.setFocus()
    qtbot.keyClicks(second, "x")
    assert heard == [1]
