"""The part of the Models page about finding texts: which model does, which others could, and how an index is coming along.

It repeats what the desk says: the cost is told in a dialog before anything begins, the count and the time left stand here
while an index is prepared, and so does who answers meanwhile.
"""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from galaxy_desktop.domain.search_models import (
    SearchModel,
    SearchModelKind,
    SearchModelsOverview,
    SearchState,
    span,
)
from galaxy_desktop.ui import words
from galaxy_desktop.ui.search_wishes import (
    CancelIndexing,
    ReadSearchModels,
    RemoveSearchModel,
    StopMeasuring,
    UseSearchModel,
    WithdrawSearchModel,
)
from galaxy_desktop.ui.theme import Look, Role, Tone, text_label
from galaxy_desktop.ui.widgets.bars import Bar
from galaxy_desktop.ui.widgets.surface import Card, empty_out, restyle, rule
from galaxy_desktop.ui.widgets.text import ElidedLabel, Sign

INTRO = (
    "Search finds texts by their words and by their meaning. For the meaning each text is turned into numbers once, by one "
    "of these. The one that comes with Galaxy Desktop stays either way: evaluations need it."
)
MORE = (
    "A larger one, such as bge-large-en-v1.5: put its folder (sentence-transformers, with model.safetensors) into {folder}. "
    "A provider: add it in Settings with the name of its model for embeddings."
)


class SearchModelsCard(Card):
    """Emits wishes; shows what it read last, and the news of the index."""

    wished = Signal(object)

    def __init__(self, look: Look) -> None:
        super().__init__("Finding texts by their meaning")
        self._look = look
        self.overview: SearchModelsOverview | None = None
        self.buttons: dict[str, QPushButton] = {}
        self.signs: dict[str, Sign] = {}
        self._list = QVBoxLayout()
        self._list.setSpacing(10)
        self.more = text_label("", Role.SMALL, muted=True, wrap=True)
        self.note = text_label("", Role.SMALL, wrap=True)
        self.body.addWidget(text_label(INTRO, muted=True, wrap=True))
        self.body.addLayout(self._list)
        self.body.addWidget(self._progress())
        self.body.addWidget(self._measuring())
        self.body.addWidget(self.note)
        self.body.addWidget(self.more)
        self.note.hide()
        self.hide()

    def _progress(self) -> QWidget:
        self.progress = QWidget()
        self.state = text_label("", wrap=True)
        self.bar = Bar(self._look)
        self.cancel = QPushButton("Cancel")
        self.cancel.clicked.connect(lambda _checked: self._wish(CancelIndexing(self._done)))
        column = QVBoxLayout(self.progress)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(4)
        line = QHBoxLayout()
        line.setSpacing(10)
        line.addWidget(self.state, 1)
        line.addWidget(self.cancel)
        column.addLayout(line)
        column.addWidget(self.bar)
        self.progress.hide()
        return self.progress

    def _measuring(self) -> QWidget:
        self.measuring = QWidget()
        self.trial = text_label("", wrap=True)
        self.stop = QPushButton("Stop")
        self.stop.setAccessibleName("Stop the trial")
        self.stop.clicked.connect(lambda _checked: self.wished.emit(StopMeasuring(self._done)))
        line = QHBoxLayout(self.measuring)
        line.setContentsMargins(0, 4, 0, 0)
        line.setSpacing(10)
        line.addWidget(self.trial, 1)
        line.addWidget(self.stop)
        self.measuring.hide()
        return self.measuring

    def read(self) -> None:
        """Ask how every search model stands."""
        self.wished.emit(ReadSearchModels(self.show_overview, self._failed))

    def show_overview(self, overview: SearchModelsOverview) -> None:
        """Show the models; those that stand as before are left as they are, with the keyboard on them."""
        before, self.overview = self.overview, overview
        self.show()
        if before is None or before.models != overview.models:
            focused = next((name for name, button in self.buttons.items() if button.hasFocus()), "")
            empty_out(self._list)
            self.buttons, self.signs = {}, {}
            for n, model in enumerate(overview.models):
                if n:
                    self._list.addWidget(rule())
                self._list.addLayout(self._row(model))
            if focused in self.buttons:
                self.buttons[focused].setFocus()
        self.more.setText(MORE.format(folder=words.breakable(overview.folder)))
        self.show_state(overview.state)

    def show_state(self, state: SearchState) -> None:
        """Show how the index of the chosen model stands."""
        self.progress.setVisible(state.under_way or bool(state.problem))
        self.state.setText(state_words(state))
        self.state.setProperty("tone", str(Tone.WATCH) if state.problem else None)
        restyle(self.state)
        self.bar.setVisible(bool(state.total) and state.under_way)
        self.bar.fill(state.done / state.total if state.total else 0.0, Tone.WATCH if state.problem else Tone.ACCENT)
        self.cancel.setVisible(state.under_way)
        self.cancel.setAccessibleName(f"Cancel preparing {state.model}")
        self.progress.setAccessibleName(self.state.text())

    def say(self, sentence: str, tone: Tone | None = None) -> None:
        """Say how something went; "" says nothing."""
        self.note.setText(sentence)
        self.note.setVisible(bool(sentence))
        self.note.setProperty("tone", str(tone) if tone else None)
        restyle(self.note)

    # --- one model

    def _row(self, model: SearchModel) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(2)
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(ElidedLabel(model.title, Role.STRONG), 1)
        word, tone = standing(model)
        if word:
            sign = self.signs[model.name] = Sign(self._look, Role.SMALL)
            sign.say(word, tone)
            line.addWidget(sign)
        for button in self._buttons(model):
            line.addWidget(button)
        column.addLayout(line)
        column.addWidget(ElidedLabel(about(model), muted=True))
        if model.problem:
            column.addWidget(_toned(model.problem, Tone.WATCH))
        return column

    def _buttons(self, model: SearchModel) -> list[QPushButton]:
        found = []
        if not model.used and not model.problem:
            usual = model.kind is SearchModelKind.USUAL
            found.append(self._button("Use" if usual else "Use…", "Use", model, lambda: self._use(model)))
        if model.kind is SearchModelKind.FOLDER and not model.used:
            remove = RemoveSearchModel(model, self._done)
            found.append(self._button("Remove…", "Remove", model, lambda: self._wish(remove)))
        if model.kind is SearchModelKind.PROVIDER and model.used:
            withdraw = WithdrawSearchModel(model, self._done)
            found.append(self._button("Withdraw", "Withdraw from", model, lambda: self._wish(withdraw)))
        return found

    def _button(self, text: str, word: str, model: SearchModel, act: object) -> QPushButton:
        button = QPushButton(text)
        button.setAccessibleName(f"{word} {model.title}")
        button.clicked.connect(lambda _checked: act() if callable(act) else None)
        self.buttons[f"{word} {model.name}"] = button
        return button

    def _use(self, model: SearchModel) -> None:
        if model.kind is not SearchModelKind.USUAL:
            sent = (
                "It is sent a few fixed sentences; nothing of yours." if model.kind is SearchModelKind.PROVIDER else ""
            )
            self.trial.setText(f"Measuring on a short trial what indexing with {model.title} takes. {sent}".strip())
            self.measuring.show()
        self._wish(UseSearchModel(model, self._done))

    def _wish(self, wish: object) -> None:
        self.say("")
        self.wished.emit(wish)

    def _done(self, problem: str) -> None:
        self.measuring.hide()
        self.say(problem, Tone.BAD)
        self.read()

    def _failed(self, sentence: str) -> None:
        if self.overview is not None:
            self.say(sentence, Tone.WATCH)


def standing(model: SearchModel) -> tuple[str, Tone]:
    """What a model does now, in a word or two, with its tone."""
    if model.answers:
        return ("In use" if model.used else "Answers until the other is done"), Tone.GOOD
    if model.used:
        return "Being prepared", Tone.ACCENT
    return "", Tone.QUIET


def about(model: SearchModel) -> str:
    """What a model is, in one line."""
    said = [model.about or str(model.kind)]
    if model.width:
        said.append(f"{model.width:,} numbers a text")
    if model.megabytes:
        said.append(f"{model.megabytes:,.0f} MB")
    if model.kind is SearchModelKind.PROVIDER:
        said.append("sent every text" if model.used else "off")
    return "  ·  ".join(said)


def state_words(state: SearchState) -> str:
    """How an index comes along, and who answers meanwhile."""
    if state.problem or not state.under_way:
        return state.problem
    if not state.total:
        return f"{state.model}: reading what there is to index. The old index ({state.old}) answers until it is done."
    left = f", about {span(state.seconds_left)} of work left" if state.seconds_left is not None else ""
    return f"{state.model}: {state.done:,} of {state.total:,} texts{left}. The old index ({state.old}) answers until it is done."


def _toned(text: str, tone: Tone) -> QLabel:
    label = text_label(text, Role.SMALL, wrap=True)
    label.setProperty("tone", str(tone))
    return label
