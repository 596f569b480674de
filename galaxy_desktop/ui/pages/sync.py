"""Sync: a desk, not a black box. How far everything was read, what it cost, what is next, and who was talked to.

The page asks for a reading when it is opened, when a new view comes and, at a pace, while news of a sync comes in;
between two readings it follows the news themselves: stage, count and state change at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from PySide6.QtWidgets import QHBoxLayout, QPushButton, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from galaxy_desktop.domain.events import Event, FreshnessChanged, SyncProgressed, WorkspaceAnalyzed
from galaxy_desktop.domain.findings import RepositoryFreshness
from galaxy_desktop.domain.sync_report import RepositorySync, SyncOverview
from galaxy_desktop.domain.work import RepositoryState
from galaxy_desktop.paths import MAIN
from galaxy_desktop.ui import sync_words
from galaxy_desktop.ui.pages.page import Page
from galaxy_desktop.ui.pages.sync_card import FORGETTING, READING, SYNCING, RepositoryCard
from galaxy_desktop.ui.pages.sync_log import LogSheet
from galaxy_desktop.ui.pages.sync_network import NetworkSheet
from galaxy_desktop.ui.pages.sync_parts import DemoCard, QuotaCard, WaitingCard
from galaxy_desktop.ui.sync_wishes import (
    CancelSync,
    ExportHosts,
    Forget,
    ReadInFull,
    ReadSync,
    SetNetwork,
    StopWaiting,
    SyncReading,
    SyncRepository,
)
from galaxy_desktop.ui.theme import Look, Role, Tone, text_label
from galaxy_desktop.ui.throttle import Throttle
from galaxy_desktop.ui.view import Situation, View
from galaxy_desktop.ui.widgets.notices import EmptyState
from galaxy_desktop.ui.widgets.surface import PAGE_MARGIN, ScrollPage
from galaxy_desktop.ui.wishes import SetUp

REPOSITORIES, REQUESTS, NETWORK = range(3)
TABS = ("Repositories", "Requests", "Network")
READ_PACE_MS = 1000
"""Between two readings of the desk while a sync runs: it asks the database, so not for every page that arrives."""


class SyncPage(Page):
    """Three sheets over one reading of the desk."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, "Sync")
        self.report: SyncOverview | None = None
        self.cards: dict[str, RepositoryCard] = {}
        self._shares: dict[str, dict[str, float]] = {}
        self._open: dict[str, bool] = {}
        self._to_tell: set[str] = set()
        self._cancelled: set[str] = set()
        self._syncing: set[str] = set()
        self._rereading: Throttle[None] = Throttle(lambda _none: self._ask(), self, READ_PACE_MS)
        self.quota = QuotaCard(look)
        self.demo = DemoCard()
        self.waiting = WaitingCard()
        self.log = LogSheet(look)
        self.network = NetworkSheet(look)
        self.cancel = QPushButton("Cancel sync")
        self.nothing = EmptyState()
        self._sheets = QStackedWidget()
        self.tabs = QTabBar()
        self._lay_out()
        self._wire()

    def _lay_out(self) -> None:
        self.cancel.setToolTip("Stops within a second; what was read until then is kept")
        stays = self.cancel.sizePolicy()
        stays.setRetainSizeWhenHidden(True)  # so that nothing moves when a poll begins
        self.cancel.setSizePolicy(stays)
        self.cancel.hide()
        head = QHBoxLayout()
        head.addWidget(text_label("Sync", Role.TITLE), 1)
        head.addWidget(self.cancel)
        for name in TABS:
            self.tabs.addTab(name)
        self.tabs.setExpanding(False)
        self.tabs.setAccessibleName("Parts of the Sync page")
        top = QVBoxLayout()
        top.setContentsMargins(PAGE_MARGIN, 20, PAGE_MARGIN, 0)
        top.setSpacing(8)
        top.addLayout(head)
        top.addWidget(self.tabs)
        scroll = ScrollPage()
        scroll.body.setContentsMargins(PAGE_MARGIN, 14, PAGE_MARGIN, PAGE_MARGIN)
        self._column = QVBoxLayout()
        self._column.setSpacing(scroll.body.spacing())
        scroll.body.addWidget(self.demo)
        scroll.body.addWidget(self.quota)
        scroll.body.addLayout(self._column)
        scroll.body.addWidget(self.waiting)
        scroll.body.addStretch()
        self._first = QStackedWidget()
        self._first.addWidget(scroll)
        self._first.addWidget(self.nothing)
        for sheet in (self._first, self.log, self.network):
            self._sheets.addWidget(sheet)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(self._sheets, 1)
        self.set_content(content)

    def _wire(self) -> None:
        self.tabs.currentChanged.connect(self._turn_to)
        self.cancel.clicked.connect(self._cancel)
        self.nothing.pressed.connect(lambda: self.wished.emit(SetUp()))
        self.waiting.removed.connect(self._stop_waiting)
        self.network.switched.connect(self._switch)
        self.network.export_wanted.connect(lambda: self.wished.emit(ExportHosts()))

    def situation(self, view: View) -> Situation:
        """There is something to show as soon as a workspace is open."""
        return view.situation if view.failure or view.loading else Situation.READY

    def fill(self, view: View, before: View | None) -> None:
        """Show what is known, and ask how it stands now."""
        if before is None or before.profile != view.profile or before.loading:
            self._begin_anew()
        self._show_report()
        self._ask()

    # --- readings

    def _begin_anew(self) -> None:
        """Another workspace: nothing that was known or asked of the last one holds."""
        self.report = None
        self._shares.clear()
        self._open.clear()
        self._to_tell.clear()
        self._cancelled.clear()
        known = self._view.analysis.repositories if self._view.analysis is not None else ()
        self._syncing = {r.repository.full_name for r in known if r.state is RepositoryState.SYNCING}
        self._remove_cards(set())
        self.log.show_requests((), self._view.now)
        self._say_nothing("Reading how far everything is", "This takes a moment.")

    def _ask(self) -> None:
        wish = ReadSync(
            self._now_only(self.show_reading),
            self._now_only(self._say_failure),
            log=self.tabs.currentIndex() == REQUESTS,
        )
        self.wished.emit(wish)

    def _now_only(self, told: Callable[..., None]) -> Callable[..., None]:
        """The same, as long as the workspace is the one that is asked now."""
        profile = self._view.profile

        def answer(*values: object) -> None:
            if self.view is not None and self.view.profile == profile:
                told(*values)

        return answer

    def show_reading(self, reading: SyncReading) -> None:
        """Show what the desk said."""
        self.report = reading.overview
        if reading.requests is not None:
            self.log.show_requests(reading.requests, self._view.now, self._view.filters.repository)
        self._show_report()
        self._tell_outcomes()

    def _say_failure(self, sentence: str) -> None:
        if self.report is None:
            self._say_nothing("How it stands cannot be read", sentence)

    def _say_nothing(self, title: str, text: str, action: str = "") -> None:
        self.nothing.say(title, text, action)
        self._first.setCurrentIndex(1)

    def _show_report(self) -> None:
        report, view = self.report, self._view
        if report is None:
            return
        demo = view.profile != MAIN
        self._show_cards(report, demo=demo)
        self.demo.setVisible(demo)
        self.demo.show_overview(report)
        self.quota.setVisible(not demo)
        self.quota.show_overview(report, view.now)
        self.waiting.show_names(report.waiting)
        self.network.show_overview(report, view.now, demo=demo)
        self._first.setCurrentIndex(0)
        if not report.repositories and not report.waiting:
            said = "Name the repositories of your team. Each gets a card here that shows how it is read."
            self._say_nothing("No repository yet", said, "Set up")
        self._arrange()

    def _show_cards(self, report: SyncOverview, *, demo: bool) -> None:
        wanted = self._view.filters.repository
        shown = [r for r in report.repositories if not wanted or r.freshness.repository.full_name == wanted]
        names = [r.freshness.repository.full_name for r in shown]
        self._remove_cards(set(names))
        for place, (name, sync) in enumerate(zip(names, shown, strict=True)):
            if name not in self.cards:
                self._add_card(name, place, acting=not demo)
                self.cards[name].unfold(self._open.get(name, len(names) == 1))
            usage = [one for one in report.usage_today if one.repository.casefold() == name.casefold()]
            self.cards[name].show_sync(self._as_heard(sync), self._view.now, self._shares.get(name, {}), usage)

    def _remove_cards(self, kept: set[str]) -> None:
        for name in [n for n in self.cards if n not in kept]:
            card = self.cards.pop(name)
            self._column.removeWidget(card)
            card.hide()
            card.deleteLater()

    def _add_card(self, name: str, place: int, *, acting: bool) -> None:
        card = RepositoryCard(self.look, name, acting=acting)
        card.sync_wanted.connect(self._sync)
        card.read_wanted.connect(self._read_in_full)
        card.forget_wanted.connect(self._forget)
        card.toggled.connect(self._open.__setitem__)
        self.cards[name] = card
        self._column.insertWidget(place, card)

    # --- news

    def hear(self, event: Event) -> None:
        """Follow a sync: its count and state at once, what else it changed at a pace."""
        if self.report is None or not isinstance(event, SyncProgressed | FreshnessChanged | WorkspaceAnalyzed):
            return
        if isinstance(event, SyncProgressed):
            self._keep_share(event)
            self._show_progress(event)
        elif isinstance(event, FreshnessChanged):
            self._keep_freshness(self.report, event.freshness)
            self._show_report()
        if self.isVisible():
            self._rereading.push(None)

    def _keep_share(self, event: SyncProgressed) -> None:
        if event.total:
            entity = sync_words.list_of(event.stage)
            self._shares.setdefault(event.repository, {})[entity] = min(1.0, event.rows / event.total)

    def _show_progress(self, event: SyncProgressed) -> None:
        card = self.cards.get(event.repository)
        if card is not None:
            card.show_progress(event)
        self._arrange()

    def _as_heard(self, sync: RepositorySync) -> RepositorySync:
        """That a sync runs is news and not stored, so a reading does not know it."""
        if sync.freshness.repository.full_name not in self._syncing:
            return sync
        return replace(sync, freshness=replace(sync.freshness, state=RepositoryState.SYNCING, sentence=""))

    def _keep_freshness(self, report: SyncOverview, fresh: RepositoryFreshness) -> None:
        if fresh.state is RepositoryState.SYNCING:
            self._syncing.add(fresh.repository.full_name)
            self._begin_poll(fresh.repository.full_name)
        else:
            self._syncing.discard(fresh.repository.full_name)
        known = report.repositories
        there = [r.freshness.repository.id for r in known]
        if fresh.repository.id in there:
            changed = tuple(
                replace(r, freshness=fresh) if r.freshness.repository.id == fresh.repository.id else r for r in known
            )
        else:
            changed = (*known, RepositorySync(freshness=fresh, entities=()))
        self.report = replace(report, repositories=changed)

    def _begin_poll(self, name: str) -> None:
        """How the last one ended is over once the next one runs."""
        card = self.cards.get(name)
        if card is not None and not card.doing:
            card.say("")

    # --- what is asked for

    def _sync(self, name: str) -> None:
        self._cancelled.discard(name)
        self.cards[name].be_doing(SYNCING)
        self._arrange()
        self.wished.emit(SyncRepository(name, self._now_only(partial(self._synced, name))))

    def _synced(self, name: str, problem: str) -> None:
        self._syncing.discard(name)
        self._end(name, problem)
        if not problem:
            self._to_tell.add(name)
        self._ask()

    def _tell_outcomes(self) -> None:
        """Say how syncs ended, once the desk knows it."""
        for one in self._repositories:
            name = one.freshness.repository.full_name
            if name in self._to_tell and name in self.cards and not self.cards[name].busy:
                self._to_tell.discard(name)
                said = sync_words.outcome(one, self._view.now)
                self.cards[name].say(*((sync_words.CANCELLED, Tone.QUIET) if name in self._cancelled else said))
                self._cancelled.discard(name)

    def _read_in_full(self, name: str) -> None:
        self.cards[name].be_doing(READING)
        self._arrange()
        wish = ReadInFull(name, self._now_only(partial(self._found, name)), self._now_only(partial(self._read, name)))
        self.wished.emit(wish)

    def _found(self, name: str, sentence: str) -> None:
        if name in self.cards:
            self.cards[name].say(sentence, Tone.GOOD)

    def _read(self, name: str, problem: str) -> None:
        self._end(name, problem)
        self._ask()

    def _forget(self, name: str) -> None:
        sync = next((r for r in self._repositories if r.freshness.repository.full_name == name), None)
        if sync is not None:
            begun = partial(self.cards[name].be_doing, FORGETTING)
            self.wished.emit(Forget(sync, begun, self._now_only(partial(self._forgot, name))))

    def _forgot(self, name: str, problem: str) -> None:
        self._end(name, problem)
        self._ask()

    def _end(self, name: str, problem: str) -> None:
        card = self.cards.get(name)
        if card is not None:
            card.be_doing("")
            if problem:
                card.say(problem, sync_words.problem_tone(problem))
        self._arrange()

    def _cancel(self) -> None:
        self.cancel.setEnabled(False)
        self.cancel.setText("Cancelling …")
        polled = {name for name, card in self.cards.items() if card.busy and not card.doing}
        self._cancelled = polled | {name for name, card in self.cards.items() if card.doing == SYNCING}
        self._to_tell |= polled
        self.wished.emit(CancelSync())

    def _stop_waiting(self, name: str) -> None:
        self.wished.emit(StopWaiting(name, self._now_only(self._stopped_waiting)))

    def _stopped_waiting(self, problem: str) -> None:
        self.waiting.say(problem)
        self._ask()

    def _switch(self, on: bool) -> None:
        self.wished.emit(SetNetwork(on, self._now_only(self._switched)))

    def _switched(self, problem: str) -> None:
        self.network.switched_over(problem)
        self._show_report()
        self._ask()

    # --- around

    @property
    def _view(self) -> View:
        if self.view is None:
            raise RuntimeError("the page was never shown a view")
        return self.view

    @property
    def _repositories(self) -> tuple[RepositorySync, ...]:
        return self.report.repositories if self.report is not None else ()

    def _turn_to(self, number: int) -> None:
        self._sheets.setCurrentIndex(number)
        if self.view is not None:
            self._ask()

    def _arrange(self) -> None:
        """Offer to cancel while something runs."""
        running = any(card.busy and card.doing != FORGETTING for card in self.cards.values())
        if running != self.cancel.isVisibleTo(self):
            self.cancel.setEnabled(True)
            self.cancel.setText("Cancel sync")
            self.cancel.setVisible(running)
