"""The part of Settings about who words what: providers, the order for each purpose, and what was used today."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout

from galaxy_desktop.domain.providers import (
    LOCAL,
    PURPOSE_WORDS,
    ProviderFacts,
    ProvidersOverview,
    Purpose,
    Reach,
)
from galaxy_desktop.ui import words
from galaxy_desktop.ui.providers_wishes import (
    EditProvider,
    OrderProviders,
    ReadProviders,
    RemoveProvider,
    TryProvider,
    UseProvider,
    WithdrawProvider,
)
from galaxy_desktop.ui.theme import Look, Role, Tone, text_label
from galaxy_desktop.ui.widgets.flow import FlowLayout
from galaxy_desktop.ui.widgets.surface import Card, empty_out, restyle, rule
from galaxy_desktop.ui.widgets.text import ElidedLabel

INTRO = (
    "Unless you choose otherwise, the model of this computer words everything and nothing is sent anywhere. Another "
    "provider may do it, on this computer, in your network or on the internet: only after you read what it is sent and "
    "agreed, for each purpose apart."
)
SEARCH = (
    "A provider may also find texts by their meaning, with a model for embeddings: that is chosen on the Models page, where "
    "you read first what it is sent and what it costs."
)
FACTS = "Facts alone"
ALWAYS = "always last, and without any model"


class ProvidersCard(Card):
    """Emits wishes; shows what it read last."""

    wished = Signal(object)

    def __init__(self, look: Look) -> None:
        super().__init__("Providers of language models")
        self._look = look
        self.overview: ProvidersOverview | None = None
        self.note = text_label("", Role.SMALL, wrap=True)
        self.note.hide()
        self._list = QVBoxLayout()
        self._list.setSpacing(10)
        self.add = QPushButton("Add a provider…")
        self.add.clicked.connect(lambda _checked: self.wished.emit(EditProvider(None, False, self._done)))
        self.body.addWidget(text_label(INTRO, muted=True, wrap=True))
        self.body.addLayout(self._list)
        self.body.addWidget(text_label(SEARCH, Role.SMALL, muted=True, wrap=True))
        self.body.addWidget(self.note)
        row = QHBoxLayout()
        row.addWidget(self.add)
        row.addStretch()
        self.body.addLayout(row)
        self.buttons: dict[str, QPushButton] = {}
        self._testing: set[str] = set()

    def read(self) -> None:
        """Ask how every provider stands."""
        self.wished.emit(ReadProviders(self.show_overview, self._failed))

    def show_overview(self, overview: ProvidersOverview) -> None:
        """Show providers and orders."""
        if overview == self.overview:
            return
        self.overview = overview
        stops = self._stops()
        self.buttons.clear()
        empty_out(self._list)
        for facts in overview.providers:
            self._list.addLayout(self._provider(facts))
            self._list.addWidget(rule())
        for purpose, order in overview.orders if overview.providers else ():
            self._list.addLayout(self._purpose(purpose, order, overview))
            self._list.addSpacing(6)
        if stops:
            next((self.buttons[name] for name in stops if name in self.buttons), self.add).setFocus()

    def _stops(self) -> list[str]:
        """The buttons by how near they are to the one with the keyboard, [] when none has it: all are made anew."""
        names, focused = list(self.buttons), self.window().focusWidget()
        at = next((n for n, name in enumerate(names) if self.buttons[name] is focused), None)
        return [] if at is None else [*names[at:], *reversed(names[:at])]

    def say(self, sentence: str, tone: Tone | None = None) -> None:
        """Say how something went; "" says nothing."""
        self.note.setText(sentence)
        self.note.setVisible(bool(sentence))
        self.note.setProperty("tone", str(tone) if tone else None)
        restyle(self.note)

    # --- one provider

    def _provider(self, facts: ProviderFacts) -> QVBoxLayout:
        one = facts.provider
        column = QVBoxLayout()
        column.setSpacing(2)
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(ElidedLabel(one.name, Role.STRONG), 1)
        for word, act in (
            ("Test", lambda: self._test(facts)),
            ("Change…", lambda: self.wished.emit(EditProvider(one, one.has_key, self._done))),
            ("Remove…", lambda: self.wished.emit(RemoveProvider(one, self._done))),
        ):
            line.addWidget(self._button(word, f"{word.rstrip('…')} {one.name}", act))
        column.addLayout(line)
        key = "key in the keyring" if one.has_key else "no key"
        column.addWidget(ElidedLabel(f"{one.model} at {one.host}, on {_place(str(one.reach))}, {key}", muted=True))
        column.addWidget(text_label(used(facts), Role.SMALL, muted=True, wrap=True))
        if facts.resting:
            column.addWidget(_toned(facts.resting, Tone.WATCH))
        return column

    def _test(self, facts: ProviderFacts) -> None:
        name = facts.provider.name
        if name in self._testing:
            return  # the button stays as it is: one that is switched off hands the keyboard on
        self._testing.add(name)
        self.say(f"Asking {name} for one word. Nothing of yours is sent …")
        self.wished.emit(TryProvider(facts.provider, "", lambda works, said: self._tested(name, works, said)))

    def _tested(self, name: str, works: bool, sentence: str) -> None:
        self._testing.discard(name)
        self.say(sentence, Tone.GOOD if works else Tone.BAD)

    # --- one purpose

    def _purpose(self, purpose: Purpose, order: tuple[str, ...], overview: ProvidersOverview) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(4)
        column.addWidget(text_label(PURPOSE_WORDS[purpose], Role.STRONG))
        for number, name in enumerate(order):
            column.addLayout(self._place(purpose, order, number, overview, name))
        column.addLayout(_line(f"{len(order) + 1}.", FACTS, ALWAYS))
        column.addLayout(self._offers(purpose, order, overview))
        return column

    def _place(
        self, purpose: Purpose, order: tuple[str, ...], number: int, overview: ProvidersOverview, name: str
    ) -> QHBoxLayout:
        """Who is asked at this place of the order, and what can be done about it."""
        facts = next((one for one in overview.providers if one.provider.name == name), None)
        agreed = facts.agreed(purpose) if facts is not None else None
        if facts is None:
            title, note = "This computer", f"{overview.local_model}; nothing is sent anywhere"
        elif agreed is None:
            title, note = name, "not asked: you have not agreed to what it is sent"
        else:
            title, note = name, f"you agreed on {words.whole_day(agreed.at.astimezone().date())}"
        line = _line(f"{number + 1}.", title, note, Tone.WATCH if facts is not None and agreed is None else None)
        of = f"{title} for {PURPOSE_WORDS[purpose].lower()}"
        if number:
            earlier = (*order[: number - 1], name, order[number - 1], *order[number + 1 :])
            act = OrderProviders(purpose, earlier, self._done)
            line.addWidget(self._button("Earlier", f"Earlier: {of}", lambda: self.wished.emit(act)))
        if facts is not None and agreed is None:
            agree = UseProvider(name, purpose, self._done)
            line.addWidget(self._button("Agree…", f"Agree: {of}", lambda: self.wished.emit(agree)))
        if facts is not None:
            withdraw = WithdrawProvider(name, purpose, self._done)
            word = "Withdraw" if agreed is not None else "Leave out"
            line.addWidget(self._button(word, f"{word}: {of}", lambda: self.wished.emit(withdraw)))
        elif len(order) > 1:
            rest = OrderProviders(purpose, tuple(one for one in order if one != LOCAL), self._done)
            line.addWidget(self._button("Leave out", f"Leave out: {of}", lambda: self.wished.emit(rest)))
        return line

    def _offers(self, purpose: Purpose, order: tuple[str, ...], overview: ProvidersOverview) -> FlowLayout:
        """Whoever is not asked yet."""
        row = FlowLayout(gap=8)
        for facts in overview.providers:
            name = facts.provider.name
            if name not in order:
                use = UseProvider(name, purpose, self._done)
                label = f"Ask {name} first…"
                row.addWidget(self._button(label, f"{label} {purpose}", lambda use=use: self.wished.emit(use)))
        if LOCAL not in order:
            back = OrderProviders(purpose, (*order, LOCAL), self._done)
            row.addWidget(self._button("Ask this computer too", f"Local {purpose}", lambda: self.wished.emit(back)))
        return row

    # --- plumbing

    def _button(self, word: str, name: str, act: object) -> QPushButton:
        button = QPushButton(word)
        button.setAccessibleName(name)
        button.clicked.connect(lambda _checked: act() if callable(act) else None)
        self.buttons[name] = button
        return button

    def _done(self, problem: str) -> None:
        self.say(problem, Tone.BAD)
        self.read()

    def _failed(self, sentence: str) -> None:
        self.say(sentence, Tone.WATCH)


def used(facts: ProviderFacts) -> str:
    """What a provider used today, beside what it may."""
    one, use = facts.provider, facts.today
    tokens = use.tokens if use is not None else 0
    most = f" of {one.tokens_a_day:,}" if one.tokens_a_day is not None else ""
    about = "about " if use is not None and use.estimated else ""
    said = f"Today: {about}{tokens:,}{most} tokens"
    cost = one.cost(use.tokens_in, use.tokens_out) if use is not None else one.cost(0, 0)
    if cost is None and one.reach is Reach.HERE:
        return f"{said}."
    if cost is None:
        return f"{said}. What they cost is not known: enter its prices to see it."
    limit = f" of {one.money_a_day:.2f}" if one.money_a_day is not None else ""
    return f"{said}, which cost {cost:.2f}{limit}."


def _place(reach: str) -> str:
    return reach if reach != "your network" else "another computer of your network"


def _line(number: str, title: str, note: str, tone: Tone | None = None) -> QHBoxLayout:
    line = QHBoxLayout()
    line.setSpacing(8)
    count = text_label(number, muted=True)
    count.setFixedWidth(22)
    count.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    line.addWidget(count)
    line.addWidget(text_label(title))
    line.addWidget(_toned(note, tone) if tone else ElidedLabel(note, Role.SMALL, muted=True), 1)
    return line


def _toned(text: str, tone: Tone) -> QLabel:
    label = text_label(text, Role.SMALL, wrap=True)
    label.setProperty("tone", str(tone))
    return label
