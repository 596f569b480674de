"""Sprint: everything about one sprint, the answer first, then the reasons, then the details."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout

from galaxy_desktop.domain.evidence import unique
from galaxy_desktop.domain.findings import Risk, SprintAnalysis
from galaxy_desktop.domain.work import State
from galaxy_desktop.paths import MAIN
from galaxy_desktop.ui import words
from galaxy_desktop.ui.outbox_wishes import ChangeItem
from galaxy_desktop.ui.pages.chart_card import ChartCard
from galaxy_desktop.ui.pages.movement_card import MovementCard
from galaxy_desktop.ui.pages.noticed_card import NoticedCard
from galaxy_desktop.ui.pages.page import Page
from galaxy_desktop.ui.pages.similar_card import SimilarCard
from galaxy_desktop.ui.pages.sprint_parts import DueDatesCard, ExplanationCard, ForecastCard, HealthCard, headline
from galaxy_desktop.ui.rows.items import ItemRow, item_rows, item_table, why_late
from galaxy_desktop.ui.rows.risks import risk_table
from galaxy_desktop.ui.rows.sprints import without_risk
from galaxy_desktop.ui.theme import Look, Role, Tone, text_label
from galaxy_desktop.ui.time_wishes import OpenWhatIf
from galaxy_desktop.ui.view import IN_THE_PAST, Claim, View
from galaxy_desktop.ui.widgets.calm import CalmComboBox
from galaxy_desktop.ui.widgets.notices import MessageBar
from galaxy_desktop.ui.widgets.record_line import RecordLine
from galaxy_desktop.ui.widgets.surface import Card, Columns, ScrollPage
from galaxy_desktop.ui.widgets.table_view import TableView
from galaxy_desktop.ui.widgets.text import ElidedLabel
from galaxy_desktop.ui.wishes import ConfirmSprint, OpenPage

NARROW = 720


NO_RISK = "No rule found a risk in this sprint."


class SprintPage(Page):
    """One sprint; which one is remembered by id, so that news and filters do not move the user elsewhere."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, "Sprint")
        self._sprint_id = ""
        self._filled: tuple[SprintAnalysis, str] | None = None
        self._pending: dict[str, str] = {}
        opener = self.open_claim
        self.forecast = ForecastCard(look, opener)
        self.health = HealthCard(look, opener)
        self.explanation = ExplanationCard(look, opener)
        self.chart = ChartCard(look)
        self.due_dates = DueDatesCard()
        self.noticed = NoticedCard(look, self.wished.emit, self.open_ids)
        self.similar = SimilarCard(opener)
        self.risks = risk_table(look)
        self.risk_view: TableView[Risk] = TableView(self.risks, "Risks", in_page=True)
        self.risk_view.opened.connect(self._open_risk)
        self.items = item_table(look)
        self.item_view: TableView[ItemRow] = TableView(self.items, "Items", in_page=True)
        self.item_view.opened.connect(self._open_item)
        self.change = QPushButton("Change the selected item…")
        self.change.clicked.connect(lambda _checked: self._change_item())
        self.item_view.selectionModel().selectionChanged.connect(lambda *_: self._offer_change())
        self.items.modelReset.connect(self._offer_change)
        self.movement = MovementCard(look, self.wished.emit, self.open_ids)
        self.ask = QPushButton("What if…")
        self.ask.setToolTip("What if the end moves, or an item slips or leaves")
        self.ask.clicked.connect(lambda _checked: self.wished.emit(OpenWhatIf(self._sprint_id)))
        self.ask_item = QPushButton("What if…")
        self.ask_item.setAccessibleName("What if the selected item slips or leaves")
        self.ask_item.clicked.connect(lambda _checked: self._ask_item())
        self._offer_change()
        self._confirm = MessageBar(look)
        self._chooser = CalmComboBox()
        self._chooser.setAccessibleName("Which sprint to show")
        self._chooser.setMaximumWidth(280)
        self._chooser.setSizeAdjustPolicy(CalmComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._chooser.setMinimumContentsLength(14)
        self._chooser.activated.connect(self._chosen)
        self._title = ElidedLabel("", Role.TITLE)
        self._place = ElidedLabel("", muted=True)
        self._headline = text_label("", Role.HEADING, wrap=True)
        self.record = RecordLine(look)
        self.record.clicked.connect(lambda _checked: self.wished.emit(OpenPage("trust")))
        self.set_content(self._lay_out())

    def _lay_out(self) -> ScrollPage:
        page = ScrollPage()
        top = QHBoxLayout()
        top.setSpacing(16)
        top.addWidget(self._title, 1)
        top.addWidget(self.ask)
        top.addWidget(self._chooser)
        page.body.addLayout(top)
        page.body.addWidget(self._place)
        head = QVBoxLayout()
        head.setSpacing(4)
        head.addWidget(self._headline)
        head.addWidget(self.record)
        page.body.addLayout(head)
        page.body.addWidget(self._confirm)
        answer = Columns(NARROW)
        answer.add(self.forecast)
        answer.add(self.health)
        page.body.addWidget(answer)
        page.body.addWidget(self.movement)
        page.body.addWidget(self.explanation)
        page.body.addWidget(self.chart)
        page.body.addWidget(self._risk_card())
        page.body.addWidget(self.noticed)
        page.body.addWidget(self._item_card())
        page.body.addWidget(self.similar)
        page.body.addWidget(self.due_dates)
        page.body.addStretch()
        return page

    def _risk_card(self) -> Card:
        card = Card("Risks")
        self._no_risk = text_label(NO_RISK, muted=True)
        card.body.addWidget(self._no_risk)
        card.body.addWidget(self.risk_view)
        return card

    def _item_card(self) -> Card:
        card = Card("Items")
        self._no_item = text_label("This sprint has no items yet.", muted=True)
        card.body.addWidget(self._no_item)
        card.body.addWidget(self.item_view)
        row = QHBoxLayout()
        row.addWidget(self.change)
        row.addWidget(self.ask_item)
        row.addStretch()
        card.body.addLayout(row)
        return card

    @property
    def sprint_id(self) -> str:
        """The id of the sprint that is shown."""
        return self._sprint_id

    @property
    def headline(self) -> str:
        """The sentence on top."""
        return self._headline.text()

    def choose(self, sprint_id: str) -> None:
        """Show another sprint."""
        self._sprint_id = sprint_id
        if self.view is not None:
            self.show_view(self.view)

    def prose_pending(self, sprint_id: str, state: str) -> None:
        """The model is at work on a sprint."""
        self._pending[sprint_id] = state
        if sprint_id == self._sprint_id:
            doing = state if state.endswith(".") else f"The model is at work: {state}."
            self.explanation.say_source(f"Worded by templates from stored facts. {doing}")

    def prose_done(self, sprint_id: str) -> None:
        """The model has said what it has to say."""
        self._pending.pop(sprint_id, None)

    def patterns_noticed(self, sprint_id: str) -> None:
        """The model noticed something new."""
        if sprint_id == self._sprint_id:
            self.noticed.read_again()

    def fill(self, view: View, before: View | None) -> None:
        """Show the chosen sprint, or the first that the filters keep."""
        one = view.sprint(self._sprint_id)
        if one is None:
            return
        self._sprint_id = one.sprint.id
        self._fill_chooser(view)
        if self._filled is not None and self._filled[0] is one and self._filled[1] == view.now.isoformat():
            self._show_record(one, view)
            return
        self._filled = (one, view.now.isoformat())
        self._fill_head(one, view)
        for card in (
            self.forecast,
            self.health,
            self.explanation,
            self.chart,
            self.similar,
            self.due_dates,
            self.movement,
            self.noticed,
        ):
            card.show_sprint(one, view)
        if self._sprint_id in self._pending:
            self.prose_pending(self._sprint_id, self._pending[self._sprint_id])
        self.risks.replace(
            [replace(r, summary=words.with_days(r.summary, view.today, one.sprint.title)) for r in one.risks]
        )
        self._no_risk.setText(NO_RISK if one.open else f"{without_risk(one, view)}.")
        self._no_risk.setVisible(not one.risks)
        self.risk_view.setVisible(bool(one.risks))
        rows = item_rows(one, view)
        self.items.replace(rows)
        self._no_item.setVisible(not rows)
        for widget in (self.item_view, self.change):
            widget.setVisible(bool(rows))
        self.change.setVisible(bool(rows) and view.profile == MAIN)
        asks = one.sprint.state is State.OPEN and one.open > 0
        self.ask.setVisible(asks)
        self.ask_item.setVisible(asks and bool(rows))
        self.ask.setEnabled(view.past is None)
        self.ask.setToolTip(IN_THE_PAST if view.past else "What if the end moves, or an item slips or leaves")
        self._offer_change()

    def _fill_head(self, one: SprintAnalysis, view: View) -> None:
        sprint = one.sprint
        self._title.set_text(sprint.title)
        due = words.due(sprint.due_on, view.today, closed=sprint.state is State.CLOSED)
        self._place.set_text(f"{words.listed([words.repository(r) for r in sprint.repositories])}  ·  {due}")
        self._headline.setText(headline(one, view))
        self._show_record(one, view)
        asks = len(sprint.anchors) > 1 and not sprint.confirmed and bool(sprint.why_grouped)
        self._confirm.setVisible(asks and view.past is None)
        if asks and view.past is None:
            parts = [words.count(len(sprint.milestones), "milestone")] if sprint.milestones else []
            parts += [words.count(len(sprint.iterations), "iteration")] if sprint.iterations else []
            said = f"{' and '.join(parts)} are taken as one sprint: {sprint.why_grouped}"
            said = said if said.endswith(".") else f"{said}."
            self._confirm.say(said, Tone.ACCENT, "That is right", self._confirmed, closable=False)

    def _show_record(self, one: SprintAnalysis, view: View) -> None:
        """How good the forecast was so far stands wherever it gives a number."""
        numbered = one.forecast.probability is not None and view.analysis is not None
        self.record.show_record(view.analysis.record if numbered and view.analysis is not None else None)

    def _fill_chooser(self, view: View) -> None:
        ids = [s.sprint.id for s in view.sprints]
        if ids != [self._chooser.itemData(i) for i in range(self._chooser.count())]:
            self._chooser.clear()
            for one in view.sprints:
                self._chooser.addItem(one.sprint.title, one.sprint.id)
        self._chooser.setCurrentIndex(ids.index(self._sprint_id))
        self._chooser.setVisible(len(ids) > 1)

    def _chosen(self, index: int) -> None:
        self.choose(self._chooser.itemData(index))

    def _confirmed(self) -> None:
        self._confirm.hide()
        self.wished.emit(ConfirmSprint(self._sprint_id))

    def _open_item(self, row: ItemRow) -> None:
        """What is known of an item, with why it may be late where that was foretold."""
        if row.delay is None or not row.brief.open:
            self.open_ids(row.brief.title, (row.brief.id,))
            return
        chance = words.percent(row.delay.probability)
        note = f"Chance that it is not done by the end: {chance}. What weighs most:\n{why_late(row)}"
        known = self.view.claim("", (row.brief.id,)).evidence if self.view is not None else ()
        self.open_claim(Claim(row.brief.title, note, unique([*row.delay.evidence, *known])))

    def _offer_change(self) -> None:
        """Only what is seen to be selected can be changed."""
        selected = self.item_view.selectionModel().hasSelection()
        past = self.view is not None and self.view.past is not None
        row = self.item_view.chosen() if selected else None
        for button, fits in ((self.change, selected), (self.ask_item, row is not None and row.brief.open)):
            button.setEnabled(fits and not past)
            button.setToolTip(IN_THE_PAST if past else "" if fits else "Select an item first")

    def _change_item(self) -> None:
        row = self.item_view.chosen()
        if row is not None:
            self.wished.emit(ChangeItem(row.brief.id))

    def _ask_item(self) -> None:
        row = self.item_view.chosen()
        if row is not None:
            self.wished.emit(OpenWhatIf(self._sprint_id, row.brief.id))

    def _open_risk(self, risk: Risk) -> None:
        note = f"{risk.impact}. Chance that it costs the sprint something: {words.percent(risk.probability)}."
        title = f"{words.SEVERITY[risk.severity]}: {risk.summary}"
        self.open_claim(Claim(title, note, risk.evidence))
