"""The part of the GitHub card that signs in and out, and shows what a token was found to be able to do."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QPushButton, QVBoxLayout, QWidget

from galaxy_desktop.domain.sign_in import Ability, PermissionResult
from galaxy_desktop.ui.sign_in_wishes import AskHowToSignIn, CheckPermissions, SignInWithCode, SignOut
from galaxy_desktop.ui.theme import Look, Role, Tone, text_label
from galaxy_desktop.ui.widgets.flow import FlowLayout
from galaxy_desktop.ui.widgets.surface import empty_out, restyle
from galaxy_desktop.ui.widgets.text import Sign

WORDS = {Ability.YES: "yes", Ability.NO: "no", Ability.UNKNOWN: "not known"}


def tone_of(result: PermissionResult) -> Tone:
    """How much it matters: a missing needed permission is bad, a missing good-to-have one worth a look."""
    if result.ability is Ability.YES:
        return Tone.GOOD
    if result.ability is Ability.UNKNOWN:
        return Tone.QUIET
    return Tone.BAD if result.needed else Tone.WATCH


def advice(result: PermissionResult) -> str:
    """What a sentence says beyond the feature and the word that stand before it; "" where that was all."""
    word = WORDS[result.ability]
    said = result.sentence.removeprefix(f"{result.feature}: ")
    rest = "" if said == f"{word}." else said.removeprefix(f"{word}, ")
    return f"{rest[:1].upper()}{rest[1:]}"


class SignInPart(QWidget):
    """Three buttons and what came of them."""

    wished = Signal(object)
    signed_in = Signal()
    signed_out = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._codes = self._outside = False
        self.with_code = QPushButton("Sign in with a code…")
        self.with_code.clicked.connect(lambda _checked: self._sign_in())
        self.check = QPushButton("What can the token do?")
        self.check.clicked.connect(lambda _checked: self._check())
        self.sign_out = QPushButton("Sign out")
        self.sign_out.setProperty("danger", True)
        self.sign_out.clicked.connect(lambda _checked: self._sign_out())
        self._note = text_label("", Role.SMALL, wrap=True)
        self._note.hide()
        self._results = QGridLayout()
        self._results.setHorizontalSpacing(16)
        self._results.setVerticalSpacing(4)
        self._results.setColumnStretch(1, 2)
        self._results.setColumnStretch(2, 3)
        row = FlowLayout(gap=8)
        for button in (self.with_code, self.check, self.sign_out):
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(row)
        column.addWidget(self._note)
        column.addLayout(self._results)
        self.with_code.hide()

    @property
    def note(self) -> str:
        """What is said under the buttons."""
        return self._note.text()

    def ask(self) -> None:
        """Ask whether codes can be used here."""
        self.wished.emit(AskHowToSignIn(self._offer_codes))

    def show_token(self, known: bool, *, outside: bool = False) -> None:
        """Without a token there is nothing to sign out of, and nothing to try; one from `outside` cannot be replaced."""
        self._outside = outside
        self.sign_out.setVisible(known and not outside)
        self.check.setVisible(known)
        self._offer_codes(self._codes)

    def _offer_codes(self, ready: bool) -> None:
        self._codes = ready
        self.with_code.setVisible(ready and not self._outside)

    def show_results(self, results: tuple[PermissionResult, ...]) -> None:
        """Show what was tried, a line each: what it is for, how it went, what to do."""
        empty_out(self._results)
        for row, one in enumerate(results):
            sign = Sign(self._look, Role.SMALL)
            sign.say(WORDS[one.ability], tone_of(one))
            sign.setAccessibleName(f"{one.feature}: {WORDS[one.ability]}")
            feature = text_label(one.feature, Role.SMALL, wrap=True)
            feature.setToolTip(f"{one.permission}{'' if one.needed else ' (good to have)'}")
            told = text_label(advice(one), Role.SMALL, muted=True, wrap=True)
            for column, widget in enumerate((sign, feature, told)):
                self._results.addWidget(widget, row, column, Qt.AlignmentFlag.AlignTop)

    def _sign_in(self) -> None:
        self._busy("Asking GitHub for a code …")
        self.wished.emit(SignInWithCode(self._was_signed_in, self._answered))

    def _was_signed_in(self, sentence: str) -> None:
        self._answered(sentence, Tone.GOOD)
        self.signed_in.emit()

    def _sign_out(self) -> None:
        self._busy("Removing the token …")
        self.wished.emit(SignOut(self._was_signed_out))

    def _was_signed_out(self, problem: str) -> None:
        self._answered(problem)
        empty_out(self._results)
        self.signed_out.emit()

    def _check(self) -> None:
        self._busy("Trying it …")
        self.wished.emit(CheckPermissions(self.show_results, self._answered))

    def _busy(self, text: str) -> None:
        self._say(text, None)
        for button in (self.with_code, self.check, self.sign_out):
            button.setEnabled(False)

    def _answered(self, said: str, tone: Tone = Tone.BAD) -> None:
        if said or self._note.property("tone") is None:
            self._say(said, tone if said else None)
        for button in (self.with_code, self.check, self.sign_out):
            button.setEnabled(True)

    def _say(self, text: str, tone: Tone | None) -> None:
        self._note.setText(text)
        self._note.setVisible(bool(text))
        self._note.setProperty("tone", str(tone) if tone else None)
        restyle(self._note)
