"""Local clones in Settings: one row a tracked repository, with the folder whose code and docs are indexed.

The folder is chosen in a dialog and looked at before it is kept: what is wrong with it is said under its row.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from galaxy_desktop.domain.code_folders import code_folders_of, written
from galaxy_desktop.ui.theme import Role, Tone, text_label
from galaxy_desktop.ui.view import View
from galaxy_desktop.ui.widgets.surface import Card, empty_out, restyle
from galaxy_desktop.ui.widgets.text import ElidedLabel
from galaxy_desktop.ui.wishes import ChangeSetting

WHAT = (
    "Code and docs of a clone on this computer can be found beside issues: ask for “tests for …” or “similar code to …”. "
    "Nothing in the folder is run or changed, and nothing of it leaves this computer unless you agree to a provider for questions."
)
NOBODY = "Track a repository first; then its clone can be chosen here."


class ClonesCard(Card):
    """The folders of clones, by repository."""

    wished = Signal(object)

    def __init__(self) -> None:
        super().__init__("Local clones")
        self.body.addWidget(text_label(WHAT, muted=True, wrap=True))
        self._rows = QVBoxLayout()
        self._rows.setSpacing(10)
        self.body.addLayout(self._rows)
        self.rows: dict[str, CloneRow] = {}
        self._shown: tuple[object, ...] = ()
        self._folders: dict[str, str] = {}

    def show_view(self, view: View) -> None:
        """Show the tracked repositories, each with its folder; what was refused stays until something changes."""
        names = [one.repository.full_name for one in view.analysis.repositories] if view.analysis else []
        told = view.settings.text("code_folders")
        if self._shown == (tuple(names), told):
            return
        self._shown = (tuple(names), told)
        self._folders = code_folders_of(told)
        kept = {name.casefold(): folder for name, folder in self._folders.items()}
        empty_out(self._rows)
        self.rows = {}
        for name in names:
            row = CloneRow(name, kept.get(name.casefold(), ""))
            row.chosen.connect(partial(self._set, name))
            self.rows[name] = row
            self._rows.addWidget(row)
        if not names:
            self._rows.addWidget(text_label(NOBODY, muted=True, wrap=True))

    def _set(self, name: str, folder: str) -> None:
        """Wish for another folder, "" for none."""
        folders = {one: place for one, place in self._folders.items() if one.casefold() != name.casefold()}
        if folder:
            folders[name] = folder
        self.wished.emit(ChangeSetting("code_folders", written(folders), partial(self._say, name)))

    def _say(self, name: str, problem: str) -> None:
        if name in self.rows:
            self.rows[name].say(problem)


class CloneRow(QWidget):
    """One repository with its folder, and buttons to choose or remove it."""

    chosen = Signal(str)

    def __init__(self, name: str, folder: str) -> None:
        super().__init__()
        self._name = name
        self.folder = ElidedLabel(folder or "No folder chosen", muted=not folder)
        self.note: QLabel = text_label("", Role.SMALL, wrap=True)
        self.note.hide()
        self.choose = QPushButton("Change…" if folder else "Choose…")
        self.choose.setAccessibleName(f"Choose the folder of the clone of {name}")
        self.choose.clicked.connect(lambda _checked: self._ask(folder))
        self.remove = QPushButton("Remove")
        self.remove.setAccessibleName(f"Remove the clone of {name} from the index")
        self.remove.setVisible(bool(folder))
        self.remove.clicked.connect(lambda _checked: self.chosen.emit(""))
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self.folder, 1)
        line.addWidget(self.choose)
        line.addWidget(self.remove)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(ElidedLabel(name, Role.STRONG))
        column.addLayout(line)
        column.addWidget(self.note)

    def say(self, problem: str) -> None:
        """Say what is wrong with the folder that was chosen; "" says nothing."""
        self.note.setText(problem)
        self.note.setProperty("tone", str(Tone.BAD) if problem else None)
        self.note.setVisible(bool(problem))
        restyle(self.note)

    def _ask(self, folder: str) -> None:
        """Open the dialog; it answers later, since nothing may wait for it."""
        self.dialog = QFileDialog(self, f"The clone of {self._name}", folder or str(Path.home()))
        self.dialog.setFileMode(QFileDialog.FileMode.Directory)
        self.dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        self.dialog.fileSelected.connect(self.chosen)
        self.dialog.open()
