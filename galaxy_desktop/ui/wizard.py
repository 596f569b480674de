"""The welcome steps: at most four, each can be skipped, and each says what leaves the computer.

A demo needs one step. The token is tested before its step is left. Nothing here blocks: the steps emit the
same wishes as the Settings page.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QDialog,
    QHBoxLayout,
    QPushButton,
    QRadioButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from galaxy_desktop.services.demo import SCENARIOS
from galaxy_desktop.settings import environment_token
from galaxy_desktop.ui.pages.account import FROM_OUTSIDE, LEAVES, RepositoryField, TokenField
from galaxy_desktop.ui.pages.sign_in_part import SignInPart
from galaxy_desktop.ui.theme import Look, Role, text_label
from galaxy_desktop.ui.view import ModelChoice
from galaxy_desktop.ui.widgets.text import ElidedLabel
from galaxy_desktop.ui.wishes import ChangeSetting, OpenPage, SwitchProfile

START, TOKEN, REPOSITORIES, MODEL = range(4)
MAIN = "main"


class Step(QWidget):
    """One page of the welcome: a title, a sentence, and what there is to choose."""

    def __init__(self, title: str, text: str) -> None:
        super().__init__()
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(10)
        self.body.addWidget(text_label(title, Role.TITLE, wrap=True))
        self.body.addWidget(text_label(text, muted=True, wrap=True))
        self.body.addSpacing(6)


class StartStep(Step):
    """Demo or GitHub."""

    def __init__(self) -> None:
        super().__init__(
            "Will this sprint land?",
            "Galaxy Desktop reads the milestones, issues and pull requests of your repositories and says how likely "
            "the sprint ends in time, what is in the way, and what helps most.",
        )
        self.demo = QRadioButton("Look around with demo data")
        self.github = QRadioButton("Connect GitHub")
        self.scenario = QComboBox()
        self.scenario.setAccessibleName("Which demo")
        for one in SCENARIOS.values():
            self.scenario.addItem(f"{one.label}: {one.teaches}", one.name)
        group = QButtonGroup(self)
        for button, note in (
            (
                self.github,
                "Reads on its own. Nothing is written to GitHub that you did not look at, and nothing read leaves this computer "
                "unless you agree to a provider of language models later.",
            ),
            (self.demo, "Made-up repositories in a folder of their own. No account, no network."),
        ):
            group.addButton(button)
            self.body.addWidget(button)
            label = text_label(note, Role.SMALL, muted=True, wrap=True)
            label.setContentsMargins(28, 0, 0, 0)
            self.body.addWidget(label)
        self.body.addWidget(self.scenario)
        self.body.addStretch()
        self.demo.toggled.connect(self.scenario.setVisible)
        self.scenario.hide()
        self.github.setChecked(True)


class TokenStep(Step):
    """The token, tested before the step is left, or a code in its place where a client ID is configured."""

    def __init__(self, look: Look) -> None:
        super().__init__(
            "Your GitHub token",
            "A fine-grained token with read access to issues, pull requests, contents and actions is enough. "
            "Public repositories also work without one.",
        )
        self.field = TokenField()
        self.field.button.hide()
        self.body.addWidget(self.field)
        self.sign_in = SignInPart(look)
        self.sign_in.show_token(False, outside=environment_token() is not None)
        self.body.addWidget(self.sign_in)
        if environment_token() is not None:
            self.field.hide()
            self.body.addWidget(text_label(FROM_OUTSIDE, wrap=True))
        self.body.addWidget(text_label(LEAVES, Role.SMALL, muted=True, wrap=True))
        self.body.addStretch()


class RepositoriesStep(Step):
    """Which repositories to watch."""

    def __init__(self) -> None:
        super().__init__(
            "Your repositories",
            "Name the two or three repositories of your team. The current sprint is read first, history after it.",
        )
        self.field = RepositoryField()
        self._list = QVBoxLayout()
        self.body.addWidget(self.field)
        self.body.addLayout(self._list)
        self.body.addStretch()
        self.field.added.connect(lambda name: self._list.addWidget(ElidedLabel(f"✓  {name}")))


class ModelStep(Step):
    """Whether a language model words the explanations, and which."""

    def __init__(self, models: tuple[ModelChoice, ...]) -> None:
        super().__init__(
            "A language model, if you like",
            "It runs on this computer and words what the numbers say; every sentence is checked against stored facts "
            "and removed when it does not hold. Without it everything works, in plainer words. One that is not on this "
            "computer yet can be downloaded on the Models page, which opens when you finish.",
        )
        self.prose = QCheckBox("Let the model word the explanations")
        self.prose.setChecked(True)
        self.model = QComboBox()
        self.model.setAccessibleName("Model")
        for one in models:
            self.model.addItem(one.title if one.present else f"{one.title}, not on this computer", one.name)
            self.model.setItemData(self.model.count() - 1, f"{one.size}. {one.note}", Qt.ItemDataRole.ToolTipRole)
        self.prose.toggled.connect(self.model.setEnabled)
        self.body.addWidget(self.prose)
        self.body.addWidget(self.model)
        self.model.setVisible(bool(models))
        self._missing = {one.name for one in models if not one.present}
        self.body.addStretch()

    @property
    def is_missing(self) -> bool:
        """Whether the model that is chosen is not on this computer yet."""
        return self.model.currentData() in self._missing


class Wizard(QDialog):
    """Leads through the steps; closing it at any time loses nothing that was done."""

    wished = Signal(object)

    def __init__(self, parent: QWidget | None, look: Look, models: tuple[ModelChoice, ...] = ()) -> None:
        super().__init__(parent)
        self.setWindowTitle("Welcome to Galaxy Desktop")
        self.setMinimumSize(600, 440)
        self.start, self.token = StartStep(), TokenStep(look)
        self.repositories, self.model = RepositoriesStep(), ModelStep(models)
        self._steps = QStackedWidget()
        for step in (self.start, self.token, self.repositories, self.model):
            self._steps.addWidget(step)
        self._count = text_label("", Role.SMALL, muted=True)
        self.skip = QPushButton("Skip this step")
        self.skip.setProperty("flat", True)
        self.back = QPushButton("Back")
        self.next = QPushButton("Next")
        self.next.setProperty("primary", True)
        self.next.setDefault(True)
        for button in (self.skip, self.back):
            button.setAutoDefault(False)
        self._lay_out()
        self.next.clicked.connect(lambda _checked: self.go_on())
        self.skip.clicked.connect(lambda _checked: self._leave())
        self.back.clicked.connect(lambda _checked: self._show(self.step - 1))
        self.start.demo.toggled.connect(lambda _on: self._arrange())
        self.token.field.wished.connect(self.wished)
        self.token.sign_in.wished.connect(self.wished)
        self.token.sign_in.signed_in.connect(self._leave)
        self.token.field.saved.connect(self._leave)
        self.token.field.failed.connect(lambda: self.next.setEnabled(True))
        self.repositories.field.wished.connect(self.wished)
        self._show(START)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.addWidget(self._count)
        row.addStretch()
        for button in (self.skip, self.back, self.next):
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(32, 28, 32, 20)
        column.setSpacing(16)
        column.addWidget(self._steps, 1)
        column.addLayout(row)

    @property
    def step(self) -> int:
        """The step that is shown, from 0."""
        return self._steps.currentIndex()

    def ask(self) -> None:
        """Ask whether codes can be used; to be asked again when another workspace, with settings of its own, is open."""
        self.token.sign_in.ask()

    def go_on(self) -> None:
        """Do what this step is for, then show the next one."""
        if self.step == START:
            self._begin()
        elif self.step == TOKEN and self.token.field.line.text().strip():
            self.next.setEnabled(False)
            self.token.field.test()
        elif self.step == REPOSITORIES and self.repositories.field.line.text().strip():
            self.repositories.field.add()
        elif self.step == MODEL:
            self._finish()
        else:
            self._leave()

    def _begin(self) -> None:
        if self.start.demo.isChecked():
            self.wished.emit(SwitchProfile(f"demo: {self.start.scenario.currentData()}"))
            self.accept()
        else:
            self.wished.emit(SwitchProfile(MAIN))
            self._show(TOKEN)

    def _finish(self) -> None:
        self.wished.emit(ChangeSetting("prose", "true" if self.model.prose.isChecked() else "false"))
        if self.model.prose.isChecked() and self.model.model.currentData():
            self.wished.emit(ChangeSetting("model", self.model.model.currentData()))
        self._close()
        if self.model.prose.isChecked() and self.model.is_missing:
            self.wished.emit(OpenPage("models"))

    def _leave(self) -> None:
        if self.step == START:
            self.reject()
        elif self.step == MODEL:
            self._close()
        else:
            self._show(self.step + 1)

    def _close(self) -> None:
        self.wished.emit(ChangeSetting("first_run_done", "true"))
        self.accept()

    def _show(self, step: int) -> None:
        self._steps.setCurrentIndex(step)
        self._arrange()
        if step == TOKEN:
            self.ask()

    def _arrange(self) -> None:
        demo = self.step == START and self.start.demo.isChecked()
        self._count.setText("" if demo else f"Step {self.step + 1} of {self._steps.count()}")
        self.next.setText("Open the demo" if demo else "Finish" if self.step == MODEL else "Next")
        self.next.setEnabled(True)
        self.skip.setText("Not now" if self.step == START else "Skip this step")
        self.back.setVisible(self.step > START)
