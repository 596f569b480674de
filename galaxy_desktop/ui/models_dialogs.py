"""What the Models page asks before it does something: opened, and awaited."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QStandardPaths
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from galaxy_desktop.domain.models import ModelFacts, ModelsOverview, size
from galaxy_desktop.ui import models_words
from galaxy_desktop.ui.dialogs import answer_of
from galaxy_desktop.ui.theme import Role, text_label
from galaxy_desktop.ui.widgets.text import ElidedLabel

LETTERS = 76
MUCH = 50_000_000
"""So many bytes that came are not deleted without asking."""


class Question(QDialog):
    """A title, lines that say what will happen, and two buttons; Enter takes the harmless one where there is danger."""

    def __init__(self, parent: QWidget, title: str, lines: tuple[str, ...], yes: str, *, no: str, danger: bool) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setMinimumWidth(self.fontMetrics().averageCharWidth() * LETTERS)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 18)
        column.setSpacing(10)
        column.addWidget(ElidedLabel(title, Role.HEADING))
        for line in lines:
            column.addWidget(text_label(line, wrap=True))
        column.addSpacing(6)
        buttons = QDialogButtonBox()
        self.no = buttons.addButton(no, QDialogButtonBox.ButtonRole.RejectRole)
        role = QDialogButtonBox.ButtonRole.DestructiveRole if danger else QDialogButtonBox.ButtonRole.AcceptRole
        self.yes = buttons.addButton(yes, role)
        self.yes.setProperty("danger" if danger else "primary", True)
        usual, other = (self.no, self.yes) if danger else (self.yes, self.no)
        usual.setDefault(True)
        usual.setFocus()
        other.setAutoDefault(False)
        column.addWidget(buttons)
        self.yes.clicked.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self.said = "\n".join((title, *lines))
        self.setAccessibleDescription(self.said)


async def ask_to_download(parent: QWidget, facts: ModelFacts, overview: ModelsOverview | None) -> bool:
    """Whether the person wants this much from this host."""
    lines: list[str] = ["\n".join(f"•  {line}" for line in models_words.agreement(facts, overview))]
    if facts.fit is not None and facts.fit.fit != "fits":
        lines.append(f"{models_words.fit(facts)[0]}: {facts.fit.sentence}")
    lines.append(models_words.consent(facts))
    title = f"Download {facts.title}?"
    return await answer_of(Question(parent, title, tuple(lines), "Download", no="Not now", danger=False))


async def ask_to_cancel(parent: QWidget, facts: ModelFacts) -> bool:
    """Whether what came may be deleted."""
    said = (f"{size(facts.bytes_here)} that came are deleted. Pause keeps them instead.",)
    title = f"Cancel the download of {facts.title}?"
    return await answer_of(Question(parent, title, said, "Cancel and delete", no="Keep it", danger=True))


async def ask_to_remove(parent: QWidget, facts: ModelFacts) -> bool:
    """Whether a model may go."""
    said = [f"Its files are deleted from this computer, which frees {size(facts.bytes_here)}."]
    if facts.in_use:
        said.append(
            "It is in use: without it search finds words only."
            if facts.purpose != models_words.PROSE
            else "It is in use: explanations are facts only until you choose another one."
        )
    if facts.package:
        said.append(models_words.SETUP)
    elif facts.own:
        said.append("A file that you imported it from stays where it is.")
    return await answer_of(
        Question(parent, f"Remove {facts.title}?", tuple(said), "Remove it", no="Keep it", danger=True)
    )


async def ask_to_use_anyway(parent: QWidget, facts: ModelFacts) -> bool:
    """Whether a model that does not fit shall be used all the same."""
    said = ["The computer may become very slow, or the model may not load; then explanations are facts only."]
    if facts.fit is not None:
        said = [facts.fit.sentence, "\n".join(facts.fit.arithmetic), *said]
    title = f"{facts.title} does not fit this computer"
    return await answer_of(Question(parent, title, tuple(said), "Use it anyway", no="Do not use it", danger=True))


async def ask_which_file(parent: QWidget) -> Path | None:
    """The file to import; `None` when the person changed their mind."""
    dialog = QFileDialog(parent, "Import a model")
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.setNameFilters(["Models (*.gguf)", "All files (*)"])
    dialog.setDirectory(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DownloadLocation))
    chosen: list[str] = []
    dialog.fileSelected.connect(chosen.append)
    return Path(chosen[0]) if await answer_of(dialog) and chosen else None


class AddressDialog(QDialog):
    """Asks for the address of a GGUF file and, where one is known, its SHA-256."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Add a model from an address")
        self.setMinimumWidth(self.fontMetrics().averageCharWidth() * LETTERS)
        self.address, self.sha256 = QLineEdit(), QLineEdit()
        self.address.setPlaceholderText("https://huggingface.co/…/resolve/main/model.Q4_K_M.gguf")
        self.address.setAccessibleName("Address of the file")
        self.sha256.setPlaceholderText("64 hexadecimal digits; may stay empty")
        self.sha256.setAccessibleName("SHA-256 of the file")
        said = (
            "The model is put on the list; nothing is downloaded yet. Whether its license lets you use it is for you "
            "to know."
        )
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        form.addRow("Address", self.address)
        form.addRow("SHA-256", self.sha256)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.add: QPushButton = buttons.addButton("Add to the list", QDialogButtonBox.ButtonRole.AcceptRole)
        self.add.setProperty("primary", True)
        self.add.setEnabled(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 18)
        column.setSpacing(12)
        column.addWidget(text_label(said, wrap=True))
        column.addLayout(form)
        column.addWidget(buttons)
        self.address.textChanged.connect(lambda text: self.add.setEnabled("://" in text))
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)


async def ask_for_address(parent: QWidget) -> tuple[str, str] | None:
    """An address and a hash ("" for none); `None` when the person changed their mind."""
    dialog = AddressDialog(parent)
    if not await answer_of(dialog):
        return None
    return dialog.address.text().strip(), dialog.sha256.text().strip()
