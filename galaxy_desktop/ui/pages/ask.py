"""Ask: a question in one's own words, and an answer in which every sentence opens what it rests on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from itertools import groupby

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from galaxy_desktop.domain.asking import Answer
from galaxy_desktop.domain.evidence import Evidence
from galaxy_desktop.domain.findings import Sentence
from galaxy_desktop.domain.recorded import PassedOver
from galaxy_desktop.ui import words
from galaxy_desktop.ui.ask_wishes import AskQuestion, ReadPassedOver, StopAsking
from galaxy_desktop.ui.pages.page import Page
from galaxy_desktop.ui.pages.sprint_parts import link_button
from galaxy_desktop.ui.theme import Look, Role, Tone, text_label
from galaxy_desktop.ui.view import Claim, View
from galaxy_desktop.ui.widgets.chips import EvidenceChips, chip
from galaxy_desktop.ui.widgets.flow import FlowLayout
from galaxy_desktop.ui.widgets.surface import Card, ScrollPage, empty_out
from galaxy_desktop.ui.widgets.text import ElidedLabel, Sign

LOOKING = "Looking through what is stored…"
PROMISE = (
    "Answers come from what is stored on this computer: code computes every number, each sentence opens its evidence, "
    "and what the facts do not say is not said."
)
MOST_REMEMBERED = 8
TRY_THESE = "Try one of these"
ASKED_LATELY = "Asked lately, and others to try"
_MINUS = re.compile(r"(?<![\w#/.])-(?=\d+(?:\.\d+)? points?)")
LONGEST = 500


class AskPage(Page):
    """A field, questions to begin with, and the answer."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, "Ask")
        self.answer: Answer | None = None
        self._unanswered = ""
        """A question that failed: it is asked again when there is a newer evaluation, as long as it stands in the field."""
        self._asked: list[str] = []
        self.field = QLineEdit()
        self.field.setPlaceholderText("What blocks us? What changed since Monday? What waits for a review?")
        self.field.setAccessibleName("Your question")
        self.field.setClearButtonEnabled(True)
        self.field.setMaxLength(LONGEST)
        self.field.returnPressed.connect(lambda: self.ask(self.field.text()))
        self.go = QPushButton("Ask")
        self.go.setProperty("primary", True)
        self.go.clicked.connect(lambda _checked: self.ask(self.field.text()))
        self.field.textChanged.connect(lambda text: self.go.setEnabled(bool(text.strip())))
        self.go.setEnabled(False)
        self.state = text_label("", muted=True, wrap=True)
        self.state.hide()
        self.stop = link_button("Stop", self._stop)
        self.stop.hide()
        self._answer = QVBoxLayout()
        self._answer.setSpacing(14)
        self._examples = FlowLayout(gap=8)
        self.offer = text_label(TRY_THESE, Role.SMALL, muted=True)
        self._offered: tuple[str, ...] = ()
        self.lately = PassedOverCard()
        self.set_content(self._lay_out())

    def _lay_out(self) -> ScrollPage:
        page = ScrollPage()
        page.body.addWidget(ElidedLabel("Ask", Role.TITLE))
        line = QHBoxLayout()
        line.setSpacing(10)
        line.addWidget(self.field, 1)
        line.addWidget(self.go)
        page.body.addLayout(line)
        waiting = QHBoxLayout()
        waiting.addWidget(self.state, 1)
        waiting.addWidget(self.stop)
        page.body.addLayout(waiting)
        page.body.addLayout(self._answer)
        page.body.addWidget(self.offer)
        page.body.addLayout(self._examples)
        page.body.addWidget(text_label(PROMISE, Role.SMALL, muted=True, wrap=True))
        page.body.addWidget(self.lately)
        page.body.addStretch()
        return page

    def fill(self, view: View, before: View | None) -> None:
        """Offer questions about what there is; an answer of another moment is taken away."""
        self._offer((*self._asked, *examples(view)))
        if before is not None and before.past != view.past and self.answer is not None:
            self._forget()
        question, self._unanswered = self._unanswered, ""
        if question and question == self.field.text():
            self.ask(question)

    def showEvent(self, event: QShowEvent) -> None:
        """Whoever opens the page wants to type."""
        super().showEvent(event)
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)
        self._read_passed_over()

    def _read_passed_over(self) -> None:
        view = self.view
        if view is not None and view.analysis is not None:
            self.wished.emit(ReadPassedOver(lambda found: self.lately.show_runs(found, view)))

    def ask(self, question: str) -> None:
        """Ask, as if somebody had typed it."""
        text, view = " ".join(question.split())[:LONGEST], self.view
        if not text or view is None:
            return
        self.field.setText(text)
        self._unanswered = ""
        self._remember(text)
        self._forget()
        self.state.setText(LOOKING)
        self.state.show()
        self.stop.show()
        self.wished.emit(AskQuestion(text, self._answered, self._failed, view.past, self._say_working))

    def _stop(self) -> None:
        self.wished.emit(StopAsking())
        self._say("Stopped. Nothing was changed by asking.")

    def _say_working(self, state: str) -> None:
        self._say(state)
        self.stop.setVisible(bool(state))

    def _say(self, text: str) -> None:
        self.stop.hide()
        self.state.setText(text)
        self.state.setVisible(bool(text))

    def _failed(self, sentence: str) -> None:
        self._say(sentence)
        self._unanswered = self.field.text()

    def _forget(self) -> None:
        self.answer = None
        self._say("")
        empty_out(self._answer)

    def _answered(self, found: Answer) -> None:
        view = self.view
        if view is None or found.question != self.field.text() or found == self.answer:
            return
        self._forget()
        self.answer = found
        card = AnswerCard(found, view, self)
        self._answer.addWidget(card)
        if found.found:
            self._answer.addWidget(FoundCard(found, self))
        if found.passed_over:
            self._read_passed_over()

    def _remember(self, question: str) -> None:
        self._asked = [question, *(one for one in self._asked if one != question)][:MOST_REMEMBERED]
        if self.view is not None:
            self._offer((*self._asked[1:], *examples(self.view)))

    def _offer(self, questions: tuple[str, ...]) -> None:
        wanted = tuple(dict.fromkeys(questions))[:MOST_REMEMBERED]
        if wanted == self._offered:
            return
        self._offered = wanted
        self.offer.setText(ASKED_LATELY if self._asked and wanted[0] in self._asked else TRY_THESE)
        empty_out(self._examples)
        for question in wanted:
            button = chip(question, question, partial(self.ask, question))
            button.setText(question if len(question) <= 48 else f"{question[:47]}…")
            button.setAccessibleName(f"Ask: {question}")
            self._examples.addWidget(button)


class AnswerCard(Card):
    """The sentences, each with the chips of what it rests on; what could not be told; where it comes from."""

    def __init__(self, found: Answer, view: View, page: AskPage) -> None:
        super().__init__()
        self.found = found
        self._view = view
        self._page = page
        self.setAccessibleName(f"Answer to: {found.question}")
        self.body.addWidget(text_label(words.breakable(found.question), Role.HEADING, wrap=True))
        if found.limits:
            self._note(" ".join(found.limits))
        for together in paragraphs(found.sentences):
            self._paragraph(together)
        self.body.addSpacing(4)
        self.body.addWidget(text_label(self.source(), Role.SMALL, muted=True, wrap=True))
        for who in found.passed_over:
            self.body.addWidget(text_label(words.breakable(who), Role.SMALL, muted=True, wrap=True))
        if found.sentences or found.formulas:
            self.body.addLayout(self._links())

    def _paragraph(self, together: tuple[Sentence, ...]) -> None:
        """Sentences that rest on the same, with the chips of it."""
        said = " ".join(one.text for one in together)
        self.body.addSpacing(4)
        block = QVBoxLayout()
        block.setSpacing(4)
        line = text_label(words.breakable(with_minus(said)), wrap=True)
        line.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        block.addWidget(line)
        block.addWidget(EvidenceChips(self._view, together[0].evidence, partial(self._open, said)))
        self.body.addLayout(block)

    def source(self) -> str:
        """Who worded it, of when the data are, and whether it was kept from an earlier asking."""
        if self.found.understood.refused:
            return "Nothing was looked up for this."
        said = {
            "facts": "Worded by code from stored facts",
            "model": f"Worded by code and by {self.found.model or 'the language model'}; every sentence was checked against stored facts",
            "nothing": "Nothing that is stored answers this",
        }[self.found.mode]
        at = words.clock(self.found.as_of, self._view.now)
        age = (
            f" Answered {words.clock(self.found.made_at, self._view.now)}; nothing changed since."
            if self.found.cached
            else ""
        )
        return f"{said}, as of {at}.{age}"

    def _note(self, text: str) -> None:
        row = QHBoxLayout()
        row.setSpacing(8)
        sign = Sign(self._page.look)
        sign.say("Note", Tone.WATCH, "info")
        sign.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        row.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(text_label(words.breakable(text), wrap=True), 1)
        self.body.addLayout(row)

    def _links(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(16)
        if self.found.sentences:
            self.copy = link_button("Copy with links", self._copy)
            row.addWidget(self.copy)
        if self.found.formulas:
            row.addWidget(link_button("How it was computed", self._explain))
        if self.found.removed:
            many = words.count(len(self.found.removed), "sentence")
            row.addWidget(link_button(f"Show {many} that did not check out", self._show_removed))
        row.addStretch()
        return row

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(as_text(self.found))
        self.copy.setText("Copied")

    def _explain(self) -> None:
        self._page.open_claim(Claim(self.found.question, "\n\n".join(self.found.formulas), self.found.sources))

    def _show_removed(self) -> None:
        lines = [f"“{text}”\n{reason}" for text, reason in self.found.removed]
        self._page.open_claim(Claim("Left out because stored facts do not say it", "\n\n".join(lines), ()))

    def _open(self, title: str, ids: tuple[str, ...]) -> None:
        known = {one.id: one for one in self.found.sources}
        cited = tuple(known[one] for one in ids if one in known)
        self._page.open_claim(Claim(title, "", cited) if len(cited) == len(ids) else self._view.claim(title, ids))


class PassedOverCard(Card):
    """The last times that a model or provider was asked and could not answer; hidden while there were none."""

    def __init__(self) -> None:
        super().__init__("Could not answer lately")
        self._rows = QVBoxLayout()
        self._rows.setSpacing(8)
        self.body.addLayout(self._rows)
        self.hide()

    def show_runs(self, found: tuple[PassedOver, ...], view: View) -> None:
        """Show them, the newest first."""
        empty_out(self._rows)
        for one in found:
            at = words.clock(one.at.astimezone(view.now.tzinfo), view.now)
            said = " ".join(one.sentences)
            self._rows.addWidget(text_label(words.breakable(f"{at}: {said}"), Role.SMALL, muted=True, wrap=True))
        self.setVisible(bool(found))


class FoundCard(Card):
    """What a search found that speaks of the question; people's own words, shown as such."""

    def __init__(self, found: Answer, page: AskPage) -> None:
        super().__init__("Also found" if found.sentences else "What comes closest")
        self._page = page
        for one in found.found:
            self.body.addWidget(self._line(one))

    def _line(self, one: Evidence) -> QWidget:
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 2, 0, 2)
        row.setSpacing(10)
        button = chip(words.reference(one.id), one.quote, partial(self._open, one))
        row.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(text_label(words.breakable(f"“{one.quote}”"), muted=True, wrap=True), 1)
        return line

    def _open(self, one: Evidence) -> None:
        self._page.open_claim(Claim(one.quote, "", (one,)))


def paragraphs(sentences: tuple[Sentence, ...]) -> Iterator[tuple[Sentence, ...]]:
    """The sentences in their order; those that follow each other and rest on the same stand together."""
    for _, together in groupby(sentences, key=lambda one: one.evidence):
        yield tuple(together)


def with_minus(text: str) -> str:
    """The text with the sign for less than nothing, where a hyphen stands for it."""
    return _MINUS.sub(words.MINUS, text)


def examples(view: View) -> tuple[str, ...]:
    """Questions to begin with, about the sprint that ends first."""
    one = next((sprint for sprint in view.sprints if sprint.open), None)
    if one is None:
        return ("What changed in the last 7 days?", "How many open issues are there?", "What was released?")
    name = one.sprint.name
    return (
        f"Will {name} land?",
        f"What blocks {name}?",
        "What changed since yesterday?",
        "What waits for a review?",
        "What should we do next?",
        "Which items will be late?",
        "Which issues have no owner?",
        "What was released?",
    )


def as_text(found: Answer) -> str:
    """The answer for a chat or a mail: sentences, then what they rest on with its addresses."""
    links = dict.fromkeys(f"{words.reference(one.id)}: {one.url}" for one in found.sources)
    lines = [found.question, "", *(sentence.text for sentence in found.sentences), *found.limits]
    return "\n".join([*lines, "", *links])
