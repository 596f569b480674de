"""Flow: how work moves through a sprint and its repositories, as charts whose titles say what they show.

The report is computed off the thread of the window when the page is first looked at, and again after an evaluation
while it is. Cards are made when the first report is there. Everything is about the team: nothing names a person.
"""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton

from galaxy_desktop.domain.evidence import Evidence
from galaxy_desktop.domain.flow import FlowReport, Head, Stability
from galaxy_desktop.ui import flow_charts, flow_team_charts, words
from galaxy_desktop.ui.flow_plot import Figure
from galaxy_desktop.ui.flow_wishes import ReadFlow
from galaxy_desktop.ui.pages.flow_card import FlowCard
from galaxy_desktop.ui.pages.page import Page
from galaxy_desktop.ui.theme import Look, Role, Tone, text_label
from galaxy_desktop.ui.view import Claim, Situation, View
from galaxy_desktop.ui.widgets.calm import CalmComboBox
from galaxy_desktop.ui.widgets.surface import Columns, ScrollPage
from galaxy_desktop.ui.widgets.text import ElidedLabel, Sign

NARROW = 760
SMALL = 190
COMPUTING = "Computing the flow from what is stored…"
INCOMPLETE = "Older history is still being read: older weeks may hold too little."
SCOPE = "scope"


class FlowPage(Page):
    """The flow report of one sprint and its repositories."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, "Flow")
        self._sprint_id = ""
        self._profile = ""
        self._asked: tuple[datetime | None, str, object] | None = None
        self.report: FlowReport | None = None
        self.cards: dict[str, FlowCard] = {}
        self._title = ElidedLabel("Flow", Role.TITLE)
        self._place = ElidedLabel("", muted=True)
        self.state = text_label(COMPUTING, muted=True, wrap=True)
        self.again = QPushButton("Try again")
        self.again.clicked.connect(lambda _checked: self._read(anew=True))
        self.again.hide()
        self.stability = Sign(look, Role.STRONG)
        self.stability.hide()
        self._why = text_label("", muted=True, wrap=True)
        self._why.hide()
        self.chooser = CalmComboBox()
        self.chooser.setAccessibleName("Which sprint to show")
        self.chooser.setMaximumWidth(280)
        self.chooser.activated.connect(self._chosen)
        self.chooser.hide()
        self._page = ScrollPage()
        self._lay_out()
        self.set_content(self._page)

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(16)
        top.addWidget(self._title, 1)
        top.addWidget(self.chooser)
        self._page.body.addLayout(top)
        self._page.body.addWidget(self._place)
        signs = QHBoxLayout()
        signs.setSpacing(14)
        signs.addWidget(self.stability, 0, Qt.AlignmentFlag.AlignTop)
        signs.addWidget(self._why, 1)
        self._page.body.addLayout(signs)
        self._page.body.addWidget(self.state)
        self._page.body.addWidget(self.again, 0, Qt.AlignmentFlag.AlignLeft)
        self._page.body.addStretch()

    def situation(self, view: View) -> Situation:
        """Without a sprint the flow of the repositories can still be shown."""
        plain = view.situation
        return Situation.READY if plain is Situation.NO_SPRINTS else plain

    def choose(self, sprint_id: str) -> None:
        """Show another sprint."""
        self._sprint_id = sprint_id
        self._read()

    def fill(self, view: View, before: View | None) -> None:
        """Ask for the report when there is a newer evaluation, another filter, or none was asked for."""
        if self._profile != view.profile:
            self._profile = view.profile
            self._let_go()
        kept = {one.sprint.id for one in view.sprints}
        known = {one.sprint_id for one in self.report.sprints} if self.report is not None else set[str]()
        narrowed = before is None or before.filters != view.filters
        if (narrowed and kept and self._sprint_id not in kept) or (known and self._sprint_id not in known | kept):
            self._sprint_id = view.sprints[0].sprint.id if view.sprints else ""
        if self.isVisible():
            self._read()

    def showEvent(self, event: QShowEvent) -> None:
        """What happened while the page was hidden is computed when it is looked at."""
        super().showEvent(event)
        self._read()

    def _read(self, *, anew: bool = False) -> None:
        if self.view is None or self.situation(self.view) is not Situation.READY:
            return
        as_of = self.view.analysis.as_of if self.view.analysis else None
        asked = (as_of, self._sprint_id, self.view.today)
        if asked == self._asked and not anew:
            return
        self._asked = asked
        self.again.hide()
        self.state.setText(COMPUTING)
        self.state.setVisible(self.report is None)
        self.wished.emit(ReadFlow(self._sprint_id, self._answered, self._failed, self.view.past))

    def _let_go(self) -> None:
        """Another workspace: nothing of the one before is shown while its own flow is computed."""
        self.report, self._sprint_id, self._asked = None, "", None
        for widget in (*self.cards.values(), self.stability, self._why, self.chooser):
            widget.hide()
        self._title.set_text("Flow")
        self._place.set_text("")

    def _failed(self, sentence: str) -> None:
        self.state.setText(sentence)
        self.state.show()
        self.again.show()

    def _answered(self, report: FlowReport) -> None:
        if self.view is None:
            return
        self.report = report
        self._sprint_id = report.sprint_id
        if self._asked is not None:
            self._asked = (self._asked[0], report.sprint_id, self._asked[2])
        if not self.cards:
            self._make_cards()
        for card in self.cards.values():
            card.show()
        self.state.setText(INCOMPLETE)
        self.state.setVisible(not report.history_complete)
        self._fill_head(report, self.view)
        self._fill_cards(report, self.view)

    def _fill_head(self, report: FlowReport, view: View) -> None:
        self._title.set_text(f"Flow of {_name(report.sprint_title)}" if report.sprint_id else "Flow")
        where = words.listed([words.repository(name) for name in report.repositories])
        self._place.set_text(f"{where}  ·  as of {words.clock(report.as_of, view.now)}")
        self._fill_stability(report.stability)
        ids = [one.sprint_id for one in report.sprints]
        if ids != [self.chooser.itemData(n) for n in range(self.chooser.count())]:
            self.chooser.clear()
            for one in report.sprints:
                self.chooser.addItem(one.title if one.open else f"{one.title} (closed)", one.sprint_id)
        if report.sprint_id in ids:
            self.chooser.setCurrentIndex(ids.index(report.sprint_id))
        self.chooser.setVisible(len(ids) > 1)

    def _fill_stability(self, stability: Stability) -> None:
        said = {
            True: ("Process stable", Tone.GOOD, "sustain"),
            False: ("Process unstable", Tone.WATCH, "observe"),
            None: ("Stability not known yet", Tone.QUIET, "none"),
        }[stability.stable]
        self.stability.say(*said)
        self.stability.show()
        self._why.setText(stability.sentence)
        self._why.show()

    def _make_cards(self) -> None:
        body = self._page.body
        body.takeAt(body.count() - 1)
        body.addWidget(text_label("This sprint", Role.HEADING, muted=True))
        for name in ("burnup", "burndown", SCOPE, "aging"):
            body.addWidget(self._card(name))
        body.addWidget(text_label("Its repositories", Role.HEADING, muted=True))
        for name in ("cumulative", "cycle", "throughput", "velocity"):
            body.addWidget(self._card(name))
        body.addWidget(text_label("Is the process predictable?", Role.HEADING, muted=True))
        for name in ("process 0", "process 1"):
            body.addWidget(self._card(name, 360))
        body.addWidget(text_label("Delivery: the four DORA keys, trends and not targets", Role.HEADING, muted=True))
        for pair in ((0, 1), (2, 3)):
            row = Columns(NARROW)
            for number in pair:
                row.add(self._card(f"dora {number}", SMALL))
            body.addWidget(row)
        body.addStretch()

    def _card(self, name: str, height: int = 290) -> FlowCard:
        made = FlowCard(
            self.look,
            opener=self.open_claim,
            open_item=self._open_item,
            saver=self.wished.emit,
            height=height,
        )
        self.cards[name] = made
        return made

    def _open_item(self, title: str, key: str, url: str) -> None:
        """Open an item; those that the evaluation does not speak of are cited by what the report knows."""
        if self.view is None or self.report is None:
            return
        known = self.view.cite(key)
        if not any(one.url for one in known):
            known = (Evidence(key, key.partition(":")[0], url, title, self.report.as_of),)
        self.open_claim(Claim(title, "", known))

    def _fill_cards(self, report: FlowReport, view: View) -> None:
        today = view.today
        burns = (report.burn.head, report.burn_points.head)
        shown: dict[str, tuple[tuple[Figure, ...], tuple[Head, ...]]] = {
            "burnup": (flow_charts.burnups(report, today), burns),
            "burndown": (flow_charts.burndowns(report, today), burns),
            SCOPE: ((flow_charts.scope(report),), burns),
            "aging": ((flow_charts.aging(report.aging, today),), (report.aging.head,)),
            "cumulative": ((flow_team_charts.cumulative(report.cumulative, today),), (report.cumulative.head,)),
            "cycle": ((flow_team_charts.cycle(report.cycle, today),), (report.cycle.head,)),
            "throughput": (flow_team_charts.throughputs(report.throughput), (report.throughput.head,)),
            "velocity": (flow_team_charts.velocities(report.velocity), (report.velocity.head,)),
        }
        for name, (figures, heads) in shown.items():
            rule = report.points_rule if figures[-1].choice == "Points" else ""
            self.cards[name].show_figures(figures, heads, today, rule)
        for number, chart in enumerate(report.processes):
            self.cards[f"process {number}"].show_figures(
                (flow_team_charts.process(chart, today),), (chart.head,), today
            )
        for number, key in enumerate(report.dora):
            self.cards[f"dora {number}"].show_figures(
                (flow_team_charts.dora(key, today),), (key.head,), today, key.rule
            )

    def _chosen(self, index: int) -> None:
        self.choose(str(self.chooser.itemData(index)))


def _name(title: str) -> str:
    return title if title.casefold().startswith("sprint") else f"Sprint {title}"
