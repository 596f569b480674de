"""Notices that somebody types, without looking at every event.

Only the text field that has the focus is listened to: its own signal says that the text changed. A filter over all
events of the program would be called thousands of times a second, each time taking the interpreter's lock.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QPlainTextEdit, QTextEdit, QWidget

HEARD = "typing is heard"


class TypingWatch(QObject):
    """Calls `typed` whenever the text of the focused field changes."""

    def __init__(self, typed: Callable[[], None], parent: QObject) -> None:
        """Begin to watch; ends with its parent."""
        super().__init__(parent)
        self._typed = typed
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._focus)
            self._focus(None, app.focusWidget())

    def _focus(self, _: QWidget | None, now: QWidget | None) -> None:
        """Listen to a field from the first time on that it has the focus; Qt ends that with the field or with us."""
        field = now.lineEdit() if isinstance(now, QComboBox) else now
        if isinstance(field, (QLineEdit, QPlainTextEdit, QTextEdit)) and field.property(HEARD) != id(self):
            field.setProperty(HEARD, id(self))
            field.textChanged.connect(self._hear)

    def _hear(self) -> None:
        """A text changed: by a person, if a text field has the focus."""
        if isinstance(QApplication.focusWidget(), (QLineEdit, QPlainTextEdit, QTextEdit, QComboBox)):
            self._typed()
