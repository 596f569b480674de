"""Signing in with a code: shows it large, copies it, opens GitHub's page, and closes when GitHub agreed."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from galaxy_desktop.domain.sign_in import DeviceCode
from galaxy_desktop.ui.evidence_panel import open_address
from galaxy_desktop.ui.theme import Role, text_label

WHAT = "Type this code on GitHub and confirm that Galaxy Desktop may read your repositories and send what you approve. This window closes by itself."


class CodeDialog(QDialog):
    """Open until the code was typed, has expired, or the person cancels."""

    def __init__(self, parent: QWidget, code: DeviceCode) -> None:
        super().__init__(parent)
        self.setWindowTitle("Sign in to GitHub")
        self.setMinimumWidth(460)
        self._code = code
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 18)
        column.setSpacing(12)
        column.addWidget(text_label("Sign in to GitHub", Role.HEADING))
        column.addWidget(text_label(WHAT, wrap=True))
        shown = text_label(code.user_code, Role.FIGURE)
        shown.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        shown.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        shown.setAccessibleName(f"The code is {' '.join(code.user_code)}")
        column.addWidget(shown)
        row = QHBoxLayout()
        self.copy = QPushButton("Copy the code")
        self.copy.clicked.connect(lambda _checked: self._copy())
        self.open_page = QPushButton("Open GitHub")
        self.open_page.setProperty("primary", True)
        self.open_page.setToolTip(code.verification_url)
        self.open_page.clicked.connect(lambda _checked: open_address(code.verification_url))
        for button in (self.copy, self.open_page):
            row.addWidget(button)
        row.insertStretch(0)
        row.addStretch()
        column.addLayout(row)
        until = f"{code.verification_url}\nThe code is good until {code.expires_at.astimezone():%H:%M}."
        note = text_label(until, Role.SMALL, muted=True, wrap=True)
        note.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(note)
        buttons = QDialogButtonBox()
        buttons.addButton("Cancel", QDialogButtonBox.ButtonRole.RejectRole)
        buttons.rejected.connect(self.reject)
        column.addWidget(buttons)
        self.open_page.setFocus()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._code.user_code)
        self.copy.setText("Copied")
