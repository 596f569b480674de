"""The model that is selected on the Models page: what it is, whether it fits and why, and what can be done with it."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QApplication, QHBoxLayout, QPushButton, QWidget

from galaxy_desktop.domain.models import EngineState, ModelFacts, Presence, TransferKind, TransferState
from galaxy_desktop.ui import models_words
from galaxy_desktop.ui.pages.models_parts import TransferLine
from galaxy_desktop.ui.theme import Look, Role, Tone, text_label
from galaxy_desktop.ui.widgets.flow import FlowLayout
from galaxy_desktop.ui.widgets.surface import Card, restyle
from galaxy_desktop.ui.widgets.text import ElidedLabel, Sign, tinted

DOWNLOAD, PAUSE, CANCEL, VERIFY, USE, REMOVE = "download", "pause", "cancel", "verify", "use", "remove"
STOP = "stop"
ACTIONS = (USE, DOWNLOAD, PAUSE, CANCEL, STOP, VERIFY, REMOVE)
"""In the order shown; the first that can be done is the likely one."""
HOW = "The arithmetic"
NOT_LOADED = (EngineState.FAILED, EngineState.STOPPED)


def possible(facts: ModelFacts) -> dict[str, str]:
    """What can be done with a model now, each with the word on its button."""
    transfer = facts.transfer
    if transfer is not None and transfer.active:
        pausable = transfer.kind is TransferKind.DOWNLOAD
        return {PAUSE: "Pause", CANCEL: "Cancel"} if pausable else {CANCEL: "Cancel"}
    found: dict[str, str] = {}
    if facts.presence is Presence.HERE:
        if facts.purpose == models_words.PROSE:
            found = _to_run(facts)
        return {**found, VERIFY: "Verify", REMOVE: "Remove…"}
    if facts.host:
        begun, damaged = facts.presence is Presence.PART, facts.presence is Presence.DAMAGED
        found[DOWNLOAD] = "Resume" if begun else "Download again…" if damaged else "Download…"
    if facts.presence is Presence.PART and not facts.package:
        found[CANCEL] = "Cancel and delete"
    if facts.own or facts.presence is Presence.DAMAGED:
        found[REMOVE] = "Remove…"
    return found


def _to_run(facts: ModelFacts) -> dict[str, str]:
    """What can be done about running a model that is here."""
    state = facts.standing.state if facts.standing is not None else None
    if not facts.in_use:
        return {USE: "Use"}
    if state is EngineState.LOADING:
        return {STOP: "Stop loading"}
    return {USE: "Try again" if state is EngineState.FAILED else "Load"} if state in NOT_LOADED else {}


class ModelCard(Card):
    """Emits which of `ACTIONS` is wanted of the model that it shows."""

    wanted = Signal(str, object)

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.facts: ModelFacts | None = None
        self._look = look
        self._title = ElidedLabel("", Role.HEADING)
        self.badge = Sign(look, Role.BODY)
        head = QHBoxLayout()
        head.setSpacing(14)
        head.addWidget(self._title, 1)
        head.addWidget(self.badge)
        self._note = text_label("", wrap=True)
        self._fit = text_label("", wrap=True)
        self.arithmetic = text_label("", Role.SMALL, muted=True, wrap=True)
        self.arithmetic.hide()
        self.why = QPushButton(HOW)
        self.why.setProperty("link", True)
        self.why.setCheckable(True)
        self.why.toggled.connect(self._unfold)
        self._origin = text_label("", Role.SMALL, muted=True, wrap=True)
        self.doing = text_label("", Role.SMALL, wrap=True)
        self.doing.hide()
        self.standing = text_label("", wrap=True)
        self.standing.hide()
        self.line = TransferLine(look)
        self.outcome = text_label("", wrap=True)
        self.body.addLayout(head)
        for label in (self._note, self._origin, self._fit):
            self.body.addWidget(label)
        self.body.addWidget(self.why, 0, Qt.AlignmentFlag.AlignLeft)
        self.body.addWidget(self.arithmetic)
        self.body.addWidget(self.standing)
        self.body.addWidget(self.doing)
        self.body.addWidget(self.line)
        self.body.addWidget(self.outcome)
        self.buttons: dict[str, QPushButton] = {}
        row = FlowLayout(gap=8)
        for action in ACTIONS:
            row.addWidget(self._button(action))
        self.body.addLayout(row)

    def _button(self, action: str) -> QPushButton:
        button = QPushButton()
        button.clicked.connect(lambda _checked: self.wanted.emit(action, self.facts))
        self.buttons[action] = button
        return button

    def show_model(self, facts: ModelFacts) -> None:
        """Show this model as it stands now."""
        other = self.facts is None or self.facts.name != facts.name
        self.facts = facts
        if other:
            self.say("")
        self.setAccessibleName(facts.title)
        self._title.set_text(facts.title)
        self.badge.say(*models_words.fit(facts))
        self.badge.setToolTip(models_words.fit_tip(facts))
        _say(self._note, facts.note)
        _say(self._fit, facts.fit.sentence if facts.fit is not None else "")
        self.arithmetic.setText("\n".join(facts.fit.arithmetic) if facts.fit is not None else "")
        self.why.setVisible(facts.fit is not None)
        self.why.setAccessibleName(f"{HOW}: {facts.title}")
        self.why.setToolTip(models_words.fit_tip(facts))
        self._unfold(self.why.isChecked())
        _say(self._origin, models_words.origin(facts))
        self._show_standing(facts)
        self._show_transfer(facts)
        self._arrange(possible(facts))

    def say_doing(self, words: str) -> None:
        """Say what the model that is shown is doing just now; "" for nothing."""
        _say(self.doing, f"Just now: {words}" if words else "")

    def say(self, sentence: str, tone: Tone | None = None) -> None:
        """Say how something ended."""
        _say(self.outcome, sentence)
        self.outcome.setProperty("tone", str(tone) if tone else None)
        restyle(self.outcome)

    def _unfold(self, shown: bool) -> None:
        self.arithmetic.setVisible(shown and bool(self.arithmetic.text()))
        self.why.setIcon(tinted(self._look, "fold" if shown else "unfold", Tone.ACCENT, 16))

    def _show_standing(self, facts: ModelFacts) -> None:
        sentence, tone = models_words.standing(facts)
        _say(self.standing, sentence)
        self.standing.setProperty("tone", str(tone) if tone else None)
        restyle(self.standing)

    def _show_transfer(self, facts: ModelFacts) -> None:
        transfer = facts.transfer
        runs = transfer is not None and transfer.active
        paused = transfer is not None and transfer.state is TransferState.PAUSED and facts.presence is Presence.PART
        standing = facts.standing if facts.in_use else None
        loading = standing is not None and standing.state is EngineState.LOADING and not (runs or paused)
        self.line.setVisible(runs or paused or loading)
        if standing is not None and loading:
            self.line.say_words(models_words.loading(standing), standing.share)
        if transfer is None:
            missing = facts.package and facts.presence is not Presence.HERE
            self.say(models_words.SETUP if missing else self.outcome.text())
            return
        if runs or paused:
            self.line.say(transfer if runs else replace(transfer, done=facts.bytes_here, total=facts.bytes))
            self.say("")
        elif transfer.sentence:
            failed = transfer.state is TransferState.FAILED
            self.say(transfer.sentence, Tone.BAD if failed else Tone.GOOD)

    def _arrange(self, actions: dict[str, str]) -> None:
        """Show the buttons for what can be done; the keyboard stays in the card when the one that had it goes."""
        focused = QApplication.focusWidget()
        first = next(iter(actions), "")
        for name, button in self.buttons.items():
            word = actions.get(name, "")
            if word:
                button.setText(word)
                title = self.facts.title if self.facts is not None else ""
                button.setAccessibleName(f"{word.removesuffix('…')} {title}")
            if button.property("primary") is not (name == first and name in (USE, DOWNLOAD)):
                button.setProperty("primary", name == first and name in (USE, DOWNLOAD))
                restyle(button)
        gone = focused in [button for name, button in self.buttons.items() if name not in actions]
        if gone and first:
            self.buttons[first].show()
            self.buttons[first].setFocus()
        for name, button in self.buttons.items():
            button.setVisible(name in actions)


def _say(label: QWidget, text: str) -> None:
    label.setProperty("text", text)
    label.setVisible(bool(text))
