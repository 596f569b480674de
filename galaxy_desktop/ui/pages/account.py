"""The parts of Settings that are about GitHub and the profile; the welcome steps use the same token field."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from galaxy_desktop.domain.findings import RepositoryFreshness
from galaxy_desktop.services import freshness
from galaxy_desktop.services.demo import SCENARIOS
from galaxy_desktop.settings import KEY_VARIABLE, environment_token
from galaxy_desktop.ui.facade import TokenAnswer
from galaxy_desktop.ui.pages.sign_in_part import SignInPart
from galaxy_desktop.ui.theme import Look, Role, Tone, text_label
from galaxy_desktop.ui.view import View
from galaxy_desktop.ui.widgets.surface import Card, empty_out, restyle
from galaxy_desktop.ui.widgets.text import ElidedLabel, Sign
from galaxy_desktop.ui.wishes import AddRepository, AskForToken, SaveToken, SwitchProfile, TestToken

LEAVES = (
    "The token goes to the GitHub you use and nowhere else. It is kept in the keyring of this computer, never in a file, "
    "a log or the database. Nothing that is read from GitHub leaves this computer unless you agree to a "
    "provider of language models, and nothing is written there that you did not look at."
)


FROM_OUTSIDE = (
    f"The token comes from {KEY_VARIABLE} in the environment, which wins over the keyring. "
    "Start the program without it to enter another one or to sign in here."
)


NOT_LOOKED = (
    "A demo needs no token, so nobody looked whether this computer's keyring holds one. One that you enter here is kept "
    "for your own workspace."
)
LOOKING = "Looking for a token in this computer's keyring. If the keyring asks for a password, answer it."
KNOWN = "A token is known. Paste another one to replace it."
UNKNOWN = "No token is known. Public repositories can be read without one, slowly; paste one for the rest."


class TokenField(QWidget):
    """A token, tested before it is saved; it is forgotten from the field as soon as it was."""

    wished = Signal(object)
    saved = Signal()
    failed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.line = QLineEdit()
        self.line.setEchoMode(QLineEdit.EchoMode.Password)
        self.line.setPlaceholderText("ghp_… or github_pat_…")
        self.line.setAccessibleName("GitHub token")
        self.line.textChanged.connect(self._arrange)
        self.line.returnPressed.connect(self.test)
        self.button = QPushButton("Test and save")
        self.button.clicked.connect(lambda _checked: self.test())
        self._note = text_label("", Role.SMALL, muted=True, wrap=True)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.line, 1)
        row.addWidget(self.button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(row)
        column.addWidget(self._note)
        self._note.hide()
        self._arrange()

    @property
    def note(self) -> str:
        """What is said under the field."""
        return self._note.text()

    def test(self) -> None:
        """Ask GitHub about what was typed."""
        token = self.line.text().strip()
        if token:
            self.button.setEnabled(False)
            self.say("Asking GitHub …")
            self.wished.emit(TestToken(token, self._answered))

    def say(self, text: str, tone: Tone | None = None) -> None:
        """Say something under the field."""
        self._note.setText(text)
        self._note.setVisible(bool(text))
        self._note.setProperty("tone", str(tone) if tone else None)
        restyle(self._note)

    def _answered(self, answer: TokenAnswer) -> None:
        self._arrange()
        if not answer.ok:
            self.say(answer.sentence, Tone.BAD)
            self.failed.emit()
            return
        self.say(answer.sentence, Tone.GOOD)
        self.wished.emit(SaveToken(self.line.text().strip(), self._was_saved))

    def _was_saved(self, problem: str) -> None:
        if problem:
            self.say(problem, Tone.BAD)
            self.failed.emit()
            return
        self.line.clear()
        self.saved.emit()

    def _arrange(self) -> None:
        self.button.setEnabled(bool(self.line.text().strip()))


class RepositoryField(QWidget):
    """The name of a repository to track."""

    wished = Signal(object)
    added = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.line = QLineEdit()
        self.line.setPlaceholderText("owner/name")
        self.line.setAccessibleName("Repository to add")
        self.line.returnPressed.connect(self.add)
        self.button = QPushButton("Add")
        self.button.clicked.connect(lambda _checked: self.add())
        self._note = text_label("", Role.SMALL, muted=True, wrap=True)
        self._note.hide()
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.line, 1)
        row.addWidget(self.button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(row)
        column.addWidget(self._note)

    @property
    def note(self) -> str:
        """What is said under the field."""
        return self._note.text()

    def add(self) -> None:
        """Ask for the repository to be tracked."""
        name = self.line.text().strip()
        if name:
            self.wished.emit(AddRepository(name, lambda problem: self._answered(name, problem)))

    def _answered(self, name: str, problem: str) -> None:
        self._note.setText(problem or f"{name} is being fetched.")
        self._note.setProperty("tone", "bad" if problem else "good")
        self._note.show()
        restyle(self._note)
        if not problem:
            self.line.clear()
            self.added.emit(name)


class GitHubCard(Card):
    """Token and repositories."""

    wished = Signal(object)

    def __init__(self, look: Look) -> None:
        super().__init__("GitHub")
        self._look = look
        self._known = text_label("", wrap=True)
        self.token = TokenField()
        self.sign_in = SignInPart(look)
        self.sign_in.signed_in.connect(lambda: self.show_token(True))
        self.sign_in.signed_out.connect(self._look_for_token)
        self.repositories = RepositoryField()
        self._list = QVBoxLayout()
        self._list.setSpacing(4)
        self._states: dict[str, QLabel] = {}
        self.body.addWidget(self._known)
        self.body.addWidget(self.token)
        self.body.addWidget(self.sign_in)
        self.body.addWidget(text_label(LEAVES, Role.SMALL, muted=True, wrap=True))
        self.body.addSpacing(8)
        self.body.addWidget(text_label("Repositories", Role.STRONG))
        self.body.addLayout(self._list)
        self.body.addWidget(self.repositories)
        for part in (self.token, self.sign_in, self.repositories):
            part.wished.connect(self.wished)
        self.token.saved.connect(lambda: self.show_token(True))

    def show_view(self, view: View) -> None:
        """Show the repositories, and look for a token."""
        empty_out(self._list)
        self._states.clear()
        for one in view.analysis.repositories if view.analysis else ():
            self._list.addLayout(self._line(one, view))
        self._look_for_token()
        self.sign_in.ask()

    def show_states(self, view: View) -> None:
        """Say anew how the repositories stand that are listed; what somebody types is left alone."""
        for one in view.analysis.repositories if view.analysis else ():
            if (label := self._states.get(one.repository.full_name)) is not None:
                label.setText(freshness.words(one, view.now))

    def _look_for_token(self) -> None:
        """Ask whether a token is known; until somebody answers nothing is said that nobody knows."""
        if not self._known.text():
            self._say_token(known=False, said=LOOKING)
        self.wished.emit(AskForToken(self.show_token))

    def show_token(self, known: bool | None) -> None:
        """Say whether a token is known; `None` where nobody looked, because none is needed."""
        self._say_token(known=bool(known), said=NOT_LOOKED if known is None else KNOWN if known else UNKNOWN)

    def _say_token(self, *, known: bool, said: str) -> None:
        outside = environment_token() is not None
        self.sign_in.show_token(known, outside=outside)
        self.token.setVisible(not outside)
        self._known.setText(FROM_OUTSIDE if outside else said)

    def _line(self, one: RepositoryFreshness, view: View) -> QHBoxLayout:
        line = QHBoxLayout()
        line.addWidget(ElidedLabel(one.repository.full_name), 1)
        state = self._states[one.repository.full_name] = text_label(freshness.words(one, view.now), muted=True)
        line.addWidget(state)
        return line


class ProfileCard(Card):
    """Your own workspace, or one of the demos; each has data of its own."""

    wished = Signal(object)

    def __init__(self, look: Look) -> None:
        super().__init__("Workspace")
        note = "Demos are made up, live in folders of their own and never touch your data."
        self.body.addWidget(text_label(note, muted=True, wrap=True))
        self.buttons: dict[str, QPushButton] = {}
        self._signs: dict[str, Sign] = {}
        self._add(look, "main", "Your workspace", "The repositories named above.")
        for one in SCENARIOS.values():
            self._add(look, f"demo: {one.name}", f"Demo: {one.label[:1].lower()}{one.label[1:]}", one.teaches)

    def show_view(self, view: View) -> None:
        """Mark the profile that is open."""
        for profile, button in self.buttons.items():
            open_now = profile == view.profile
            button.setVisible(not open_now)
            self._signs[profile].setVisible(open_now)

    def _add(self, look: Look, profile: str, title: str, teaches: str) -> None:
        line = QHBoxLayout()
        text = QVBoxLayout()
        text.setSpacing(0)
        text.addWidget(ElidedLabel(title, Role.STRONG))
        text.addWidget(ElidedLabel(teaches, Role.SMALL, muted=True))
        line.addLayout(text, 1)
        sign = Sign(look, Role.BODY)
        sign.say("Open now", Tone.GOOD)
        button = QPushButton("Open")
        button.setAccessibleName(f"Open {title}")
        button.clicked.connect(lambda _checked: self.wished.emit(SwitchProfile(profile)))
        line.addWidget(sign, 0, Qt.AlignmentFlag.AlignRight)
        line.addWidget(button, 0, Qt.AlignmentFlag.AlignRight)
        self.body.addLayout(line)
        self.buttons[profile] = button
        self._signs[profile] = sign
