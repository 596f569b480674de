"""What the Sync page asks before something is removed or written to a file: opened, and awaited."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFileDialog, QVBoxLayout, QWidget

from galaxy_desktop.domain.sync_report import RepositorySync
from galaxy_desktop.ui import words
from galaxy_desktop.ui.dialogs import answer_of
from galaxy_desktop.ui.theme import Role, text_label
from galaxy_desktop.ui.widgets.text import ElidedLabel

UNTOUCHED = "GitHub itself is not touched: nothing is changed or removed there. You can add the repository again later."

LETTERS = 84
"""How wide the dialog is: each of its lines fits."""


def what_goes(sync: RepositorySync) -> tuple[str, ...]:
    """Everything that forgetting a repository removes from this computer, a line each."""
    fresh = sync.freshness
    known = [one.rows for one in sync.entities if one.rows is not None]
    rows = f" ({sum(known):,} rows)" if known else ""
    items = words.count(fresh.items, "issue or pull request", "issues and pull requests")
    comments = words.count(fresh.comments, "comment")
    lists = words.count(len(sync.entities), "list")
    return (
        f"{items} and {comments}, with their texts",
        f"everything else that was read of it: {lists}{rows}",
        "its entries in the search index, text and vectors",
        "how far each list was read: added again, it is read from the beginning",
    )


class ForgetDialog(QDialog):
    """Says what is removed and what is not; Enter and Esc both keep the repository."""

    def __init__(self, parent: QWidget, sync: RepositorySync) -> None:
        super().__init__(parent)
        name = sync.freshness.repository.full_name
        self.setWindowTitle("Forget this repository?")
        self.setMinimumWidth(self.fontMetrics().averageCharWidth() * LETTERS)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 18)
        column.setSpacing(10)
        column.addWidget(ElidedLabel(f"Forget {name}?", Role.HEADING))
        column.addWidget(text_label("This is removed from this computer:"))
        column.addWidget(text_label("\n".join(f"•  {line}" for line in what_goes(sync)), wrap=True))
        column.addWidget(text_label(UNTOUCHED, wrap=True))
        kept = (
            "The record of what you decided stays in the audit log, and copies of the database in the backups folder "
            "keep what they had. Galaxy Desktop no longer asks GitHub about it."
        )
        column.addWidget(text_label(kept, muted=True, wrap=True))
        column.addSpacing(6)
        buttons = QDialogButtonBox()
        self.keep = buttons.addButton("Keep it", QDialogButtonBox.ButtonRole.RejectRole)
        self.go = buttons.addButton("Forget it", QDialogButtonBox.ButtonRole.DestructiveRole)
        self.go.setProperty("danger", True)
        self.go.setAutoDefault(False)
        self.keep.setDefault(True)
        self.keep.setFocus()
        column.addWidget(buttons)
        self.go.clicked.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self.said = "\n".join((self.windowTitle(), name, *what_goes(sync), UNTOUCHED, kept))
        self.setAccessibleDescription(self.said)


async def ask_to_forget(parent: QWidget, sync: RepositorySync) -> bool:
    """Whether the person wants everything of a repository removed."""
    return await answer_of(ForgetDialog(parent, sync))


async def ask_where_to_save(parent: QWidget, title: str, name: str, kind: str) -> Path | None:
    """Ask for a file to write, `kind` like "CSV (*.csv)"; `None` when the person changed their mind."""
    dialog = QFileDialog(parent, title)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setFileMode(QFileDialog.FileMode.AnyFile)
    dialog.setNameFilter(kind)
    dialog.setDefaultSuffix(Path(name).suffix.removeprefix("."))
    dialog.selectFile(name)
    chosen: list[str] = []
    dialog.fileSelected.connect(chosen.append)
    return Path(chosen[0]) if await answer_of(dialog) and chosen else None


def hosts_file(today: date) -> str:
    """The name that is offered for the ledger of hosts."""
    return f"galaxy-desktop-hosts-{today.isoformat()}.csv"
