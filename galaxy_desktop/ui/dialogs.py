"""Dialogs inside coroutines: opened without blocking, answered through an awaited future.

A modal dialog that runs by itself would start a second event loop, in which tasks of the first one die silently under qasync.
"""

from __future__ import annotations

import asyncio

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QMessageBox,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from galaxy_desktop.ui.sidebar import PLACES
from galaxy_desktop.ui.theme import Role, text_label

OTHER_KEYS = (
    ("/", "Search titles and comments"),
    ("Ctrl+K", "Go to anything by its name, or ask"),
    ("F5", "Sync now"),
    ("B", "Look back, and return to now"),
    ("[  and  ]", "A day back, a day on"),
    ("F6", "On to the next part of the window; Shift+F6 goes back"),
    ("Tab", "On to the next thing in it"),
    ("Esc", "Close the evidence panel, or leave a field"),
    ("Enter", "Open the selected row"),
    ("?", "This sheet"),
)


async def answer_of(dialog: QDialog) -> bool:
    """Open a dialog and wait, without a second event loop, until it was accepted or closed."""
    answered: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    def finish(result: int) -> None:
        if not answered.done():
            answered.set_result(result == QDialog.DialogCode.Accepted)

    dialog.finished.connect(finish)
    dialog.open()
    try:
        return await answered
    finally:
        dialog.close()
        dialog.deleteLater()


class ReasonDialog(QDialog):
    """Asks why; OK stays off until something was written."""

    def __init__(self, parent: QWidget, question: str, about: str) -> None:
        super().__init__(parent)
        self.setWindowTitle(question)
        self.setMinimumWidth(420)
        self._text = QPlainTextEdit()
        self._text.setAccessibleName(question)
        self._text.setPlaceholderText("For example: agreed with the customer, done elsewhere, not worth it now")
        self._text.setMaximumHeight(90)
        self._text.setTabChangesFocus(True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.go = buttons.addButton("Dismiss", QDialogButtonBox.ButtonRole.AcceptRole)
        self.go.setProperty("primary", True)
        self.go.setEnabled(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(10)
        column.addWidget(text_label(about, Role.STRONG, wrap=True))
        column.addWidget(text_label(question, muted=True))
        column.addWidget(self._text)
        column.addWidget(buttons)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self._text.textChanged.connect(lambda: self.go.setEnabled(bool(self.reason)))

    @property
    def reason(self) -> str:
        """What was written."""
        return self._text.toPlainText().strip()

    def write(self, text: str) -> None:
        """Fill in a reason."""
        self._text.setPlainText(text)


async def ask_reason(parent: QWidget, about: str) -> str | None:
    """Ask why something is dismissed; `None` when the person changed their mind."""
    dialog = ReasonDialog(parent, "Why is this not for you?", about)
    return dialog.reason if await answer_of(dialog) else None


class ShortcutSheet(QDialog):
    """Every key that does something."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Shortcuts")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        form = QFormLayout(self)
        form.setContentsMargins(24, 20, 28, 20)
        form.setHorizontalSpacing(28)
        form.setVerticalSpacing(8)
        form.addRow(text_label("Keys work when you are not typing", muted=True))
        for key, meaning in (*((p.letter, p.word) for p in PLACES), *OTHER_KEYS):
            form.addRow(_key(key), text_label(meaning))


def _key(text: str) -> QLabel:
    label = text_label(text, Role.STRONG)
    label.setMinimumWidth(110)
    return label


def tell(parent: QWidget, title: str, text: str) -> QMessageBox:
    """Show a sentence that must be seen; nothing waits for it."""
    box = QMessageBox(QMessageBox.Icon.Warning, title, text, QMessageBox.StandardButton.Ok, parent)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.open()
    return box
