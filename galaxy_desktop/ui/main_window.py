"""The window: sidebar, filters, one page at a time, evidence beside it, freshness below.

It lays out and passes on; what a wish leads to is decided in `conductor`. The window can stand before it is
furnished: with its colors and its sidebar, so that the first paint waits for no other module. Pages other than
the first are made when they are first opened.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from PySide6.QtCore import QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QPaintEvent, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QAbstractButton,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QMainWindow,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from galaxy_desktop.ui.sidebar import PLACES, Sidebar
from galaxy_desktop.ui.theme import Look
from galaxy_desktop.ui.widgets.text import tinted

if TYPE_CHECKING:
    from galaxy_desktop.ui.pages.page import Page
    from galaxy_desktop.ui.view import Claim, ModelChoice, View

SIZE = QSize(1240, 820)
SMALLEST = QSize(816, 560)
"""At 125 % it fits a screen of 1024 by 700 pixels."""
FRAME = QSize(4, 36)
"""What title bar and borders take of the screen."""
COMPACT_BELOW = 1060


@runtime_checkable
class SprintChooser(Protocol):
    """The face of the page that shows one sprint of several."""

    def choose(self, sprint_id: str) -> None:
        """Show another sprint."""


def _overview(look: Look) -> Page:
    from galaxy_desktop.ui.pages.overview import OverviewPage  # noqa: PLC0415 - after the first paint

    return OverviewPage(look)


def _sprint(look: Look) -> Page:
    from galaxy_desktop.ui.pages.sprint import SprintPage  # noqa: PLC0415 - made when first opened

    return SprintPage(look)


def _flow(look: Look) -> Page:
    from galaxy_desktop.ui.pages.flow import FlowPage  # noqa: PLC0415 - made when first opened

    return FlowPage(look)


def _dependencies(look: Look) -> Page:
    from galaxy_desktop.ui.pages.dependencies import DependenciesPage  # noqa: PLC0415 - made when first opened

    return DependenciesPage(look)


def _recommendations(look: Look) -> Page:
    from galaxy_desktop.ui.pages.recommendations import RecommendationsPage  # noqa: PLC0415 - made when first opened

    return RecommendationsPage(look)


def _standup(look: Look) -> Page:
    from galaxy_desktop.ui.pages.standup import StandupPage  # noqa: PLC0415 - made when first opened

    return StandupPage(look)


def _retro(look: Look) -> Page:
    from galaxy_desktop.ui.pages.retro import RetroPage  # noqa: PLC0415 - made when first opened

    return RetroPage(look)


def _trust(look: Look) -> Page:
    from galaxy_desktop.ui.pages.trust import TrustPage  # noqa: PLC0415 - made when first opened

    return TrustPage(look)


def _ask(look: Look) -> Page:
    from galaxy_desktop.ui.pages.ask import AskPage  # noqa: PLC0415 - made when first opened

    return AskPage(look)


def _outbox(look: Look) -> Page:
    from galaxy_desktop.ui.pages.outbox import OutboxPage  # noqa: PLC0415 - made when first opened

    return OutboxPage(look)


def _activity(look: Look) -> Page:
    from galaxy_desktop.ui.pages.activity import ActivityPage  # noqa: PLC0415 - made when first opened

    return ActivityPage(look)


def _sync(look: Look) -> Page:
    from galaxy_desktop.ui.pages.sync import SyncPage  # noqa: PLC0415 - made when first opened

    return SyncPage(look)


def _models(look: Look) -> Page:
    from galaxy_desktop.ui.pages.models import ModelsPage  # noqa: PLC0415 - made when first opened

    return ModelsPage(look)


def _settings(look: Look) -> Page:
    from galaxy_desktop.ui.pages.settings import SettingsPage  # noqa: PLC0415 - made when first opened

    return SettingsPage(look)


PAGES: dict[str, Callable[[Look], Page]] = {
    "overview": _overview,
    "sprint": _sprint,
    "flow": _flow,
    "dependencies": _dependencies,
    "recommendations": _recommendations,
    "standup": _standup,
    "retro": _retro,
    "trust": _trust,
    "ask": _ask,
    "outbox": _outbox,
    "activity": _activity,
    "sync": _sync,
    "models": _models,
    "settings": _settings,
}


def _first_stop(part: QWidget) -> QWidget | None:
    """Where Tab would come to first in a part of the window: in a group of buttons the one that is chosen."""
    inside = [one for one in part.findChildren(QWidget) if one.isVisible() and one.isEnabled()]
    stops = [one for one in inside if one.focusPolicy() & Qt.FocusPolicy.TabFocus and one.focusProxy() is None]
    chosen = (one for one in stops if isinstance(one, QAbstractButton) and one.group() is not None and one.isChecked())
    return next(chosen, next(iter(stops), None))


class MainWindow(QMainWindow):
    """Everything on the screen but dialogs and the tray."""

    wished = Signal(object)
    painted = Signal()
    closing = Signal(QCloseEvent)

    def __init__(self, look: Look, *, furnished: bool = True) -> None:
        """With `furnished=False` it stands at once, and `furnish` is to be called before anything else."""
        super().__init__()
        self.look = look
        self.setWindowTitle("Galaxy Desktop")
        self.setMinimumSize(SMALLEST)
        self.resize(SIZE)
        self.standing = False
        """Whether it was painted at all."""
        self.ready = False
        """Whether it was painted with everything in it."""
        self._furnished = False
        self._view: View | None = None
        self._claim: Claim | None = None
        self.pages: dict[str, Page] = {}
        self._current = ""
        self.sidebar = Sidebar(look)
        whole = QWidget()
        self._row = QHBoxLayout(whole)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(0)
        self._row.addWidget(self.sidebar)
        self._row.addStretch(1)
        self.setCentralWidget(whole)
        if furnished:
            self.furnish()

    def furnish(self) -> None:
        """Put everything into the window."""
        from galaxy_desktop.ui.evidence_panel import EvidencePanel  # noqa: PLC0415 - after the first paint
        from galaxy_desktop.ui.filter_bar import FilterBar  # noqa: PLC0415 - same
        from galaxy_desktop.ui.freshness_bar import FreshnessBar  # noqa: PLC0415 - same
        from galaxy_desktop.ui.time_bar import TimeMachine  # noqa: PLC0415 - same
        from galaxy_desktop.ui.widgets.notices import MessageBar  # noqa: PLC0415 - same

        self._furnished = True
        self.setWindowIcon(self.look.icons.icon("app", size=64))
        self.filters = FilterBar()
        self.message = MessageBar(self.look)
        self.banner = MessageBar(self.look)
        self.panel = EvidencePanel(self.look)
        self.freshness = FreshnessBar(self.look)
        self.time = TimeMachine(self.look)
        self._stack = QStackedWidget()
        self._lay_out()
        self._wire()
        self._add_shortcuts()
        self.open_page("overview")
        self.page("overview").setFocus()

    def _lay_out(self) -> None:
        middle = QWidget()
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._bars = QWidget()
        bars = QVBoxLayout(self._bars)
        bars.setContentsMargins(24, 14, 24, 0)
        bars.setSpacing(8)
        for bar in (self.banner, self.message):
            bars.addWidget(bar)
            bar.turned.connect(self._arrange_bars)
        self._arrange_bars()
        column.addWidget(self.time)
        column.addWidget(self._bars)
        column.addWidget(self._stack, 1)
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._splitter.setHandleWidth(1)
        self._splitter.addWidget(middle)
        self._splitter.addWidget(self.panel)
        self._splitter.setStretchFactor(0, 1)
        self._splitter.setChildrenCollapsible(False)
        self.panel.hide()
        right = QVBoxLayout()
        right.setSpacing(0)
        self._header = self._top()
        right.addWidget(self._header)
        right.addWidget(self._splitter, 1)
        self._row.takeAt(self._row.count() - 1)
        self._row.addLayout(right, 1)
        self.setStatusBar(self.freshness)

    def _top(self) -> QFrame:
        top = QFrame()
        top.setObjectName("top")
        row = QHBoxLayout(top)
        row.setContentsMargins(24, 10, 24, 10)
        row.setSpacing(10)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search titles and comments  ( / )")
        self.search.setAccessibleName("Search titles, texts and comments")
        self.search.setClearButtonEnabled(True)
        self.search.setMinimumWidth(150)
        self.search.setMaximumWidth(320)
        self.sync = QPushButton(" Sync now")
        self.sync.setToolTip("Fetch from GitHub now (F5)")
        row.addWidget(self.filters)
        row.addStretch(1)
        row.addWidget(self.search, 4)
        row.addWidget(self.time.button)
        row.addWidget(self.sync)
        return top

    def _wire(self) -> None:
        from galaxy_desktop.ui.sync_wishes import SetNetwork  # noqa: PLC0415 - after the first paint
        from galaxy_desktop.ui.wishes import Search, ShowShortcuts, SyncNow  # noqa: PLC0415 - same

        self.sidebar.chosen.connect(self.open_page)
        self.panel.closed.connect(self.close_panel)
        self.panel.wished.connect(self.wished)
        self.time.wished.connect(self.wished)
        self.sidebar.help_wanted.connect(lambda: self.wished.emit(ShowShortcuts()))
        self.search.returnPressed.connect(lambda: self.wished.emit(Search(self.search.text().strip())))
        self.sync.clicked.connect(lambda: self.wished.emit(SyncNow()))
        self.freshness.network_wanted.connect(lambda: self.wished.emit(SetNetwork(on=True)))
        self.look.changed.connect(self._tint)
        self._tint()

    def _add_shortcuts(self) -> None:
        from galaxy_desktop.ui.ask_wishes import OpenPalette  # noqa: PLC0415 - after the first paint
        from galaxy_desktop.ui.wishes import ShowShortcuts, SyncNow  # noqa: PLC0415 - same

        for place in PLACES:
            QShortcut(QKeySequence(place.letter), self, lambda name=place.name: self.open_page(name))
        QShortcut(QKeySequence("/"), self, self.start_search)
        QShortcut(QKeySequence("Ctrl+K"), self, lambda: self.wished.emit(OpenPalette()))
        QShortcut(QKeySequence("F5"), self, lambda: self.wished.emit(SyncNow()))
        QShortcut(QKeySequence("?"), self, lambda: self.wished.emit(ShowShortcuts()))
        QShortcut(QKeySequence("Esc"), self, self.step_back)
        QShortcut(QKeySequence("F6"), self, lambda: self.go_round(1))
        QShortcut(QKeySequence("Shift+F6"), self, lambda: self.go_round(-1))
        QShortcut(QKeySequence("B"), self, self.time.turn)
        for key, days in (("[", -1), ("]", 1)):
            QShortcut(QKeySequence(key), self, lambda days=days: self.time.step(days))

    @property
    def current(self) -> str:
        """The name of the page that is shown."""
        return self._current

    def page(self, name: str) -> Page:
        """The page of that name, made now if need be."""
        if name not in self.pages:
            made = PAGES[name](self.look)
            made.wished.connect(self.wished)
            self.pages[name] = made
            self._stack.addWidget(made)
            if self._view is not None:
                made.show_view(self._view)
        return self.pages[name]

    def open_page(self, name: str) -> None:
        """Show a page; the keyboard goes to its content."""
        page = self.page(name)
        if name != self._current:
            self.message.settle()
        self._current = name
        self.sidebar.select(name)
        self.time.show_page(name)
        if self._view is not None:
            page.show_view(self._view)
        self._stack.setCurrentWidget(page)

    def open_sprint(self, sprint_id: str) -> None:
        """Show one sprint on its page."""
        page = self.page("sprint")
        if isinstance(page, SprintChooser):
            page.choose(sprint_id)
        self.open_page("sprint")

    def title_of(self, evidence_id: str) -> str:
        """The title of an item that is known here, "" otherwise."""
        return self._view.title(evidence_id) if self._view is not None else ""

    def show_view(self, view: View) -> None:
        """Show this view: now on the page that is open, on the others when they are opened."""
        self._view = view
        self.filters.offer(view)
        self.freshness.say_network(on=view.network_on)
        self.freshness.show_all(view.analysis.repositories if view.analysis is not None else (), view.now)
        self.pages[self._current].show_view(view)

    def open_claim(self, claim: Claim) -> None:
        """Show beside the page what a claim rests on; the row it was asked from stays where it is."""
        from galaxy_desktop.ui.widgets.steady import held_in_place  # noqa: PLC0415 - after the first paint

        self._claim = claim
        if self._view is not None:
            first_time = self.panel.isHidden()
            with held_in_place(self.pages[self._current]):
                self.panel.open_claim(claim, self._view.now, self._view.past)
                if first_time:
                    whole = self._splitter.width()
                    beside = min(self.panel.sizeHint().width(), whole // 3)
                    self._splitter.setSizes([whole - beside, beside])

    def close_panel(self) -> None:
        """Give the page its room back."""
        if not self.panel.isHidden():
            self.panel.hide()
            self.pages[self._current].setFocus()

    def step_back(self) -> None:
        """Close the evidence, else leave the field that is typed into, so that letters are keys again."""
        if self.panel.isHidden() and isinstance(self.focusWidget(), QLineEdit):
            self.pages[self._current].setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.close_panel()

    def go_round(self, step: int) -> None:
        """Put the keyboard into the next part of the window: pages, head, message, the page, evidence, freshness."""
        page, at = self.pages[self._current], self.focusWidget()
        parts = (self.sidebar, self._header, self.banner, self.message, page, self.panel, self.freshness)
        stops = [(part, stop) for part in parts if part.isVisible() and (stop := _first_stop(part)) is not None]
        here = next((n for n, (part, _) in enumerate(stops) if at is part or part.isAncestorOf(at)), -1)
        if here < 0 and step < 0:
            here = 0
        stop = stops[(here + step) % len(stops)][1]
        stop.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def start_search(self) -> None:
        """Put the keyboard into the search field."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def say_syncing(self, busy: bool) -> None:
        """Say on the button that a sync is under way."""
        self.sync.setEnabled(not busy)
        self.sync.setText(" Syncing …" if busy else " Sync now")

    @property
    def models(self) -> tuple[ModelChoice, ...]:
        """The models that can be chosen."""
        return self._view.models if self._view is not None else ()

    def come_forward(self) -> None:
        """Be visible, unfolded and in front."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A narrow window shows the sidebar's icons without their words."""
        super().resizeEvent(event)
        narrow = event.size().width() < COMPACT_BELOW
        self.sidebar.be_compact(narrow)
        if self._furnished:
            self.time.be_compact(narrow)

    def fit(self, room: QRect) -> None:
        """Be no larger than the screen: without room for all of it, the window would begin with its end out of sight."""
        largest = room.size() - FRAME
        if self.isMaximized() or (self.width() <= largest.width() and self.height() <= largest.height()):
            return
        self.resize(self.size().boundedTo(largest))
        self.move(room.topLeft())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Tell once that the furnished window is on the screen: what is heavy may begin."""
        super().paintEvent(event)
        self.standing = True
        if self._furnished and not self.ready:
            self.ready = True
            QTimer.singleShot(0, self, self.painted.emit)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Whoever runs the program decides what closing means; before the window is furnished nobody can."""
        if self._furnished:
            self.closing.emit(event)
        else:
            event.ignore()

    def _arrange_bars(self) -> None:
        self._bars.setVisible(not (self.banner.isHidden() and self.message.isHidden()))

    def _tint(self) -> None:
        self.sync.setIcon(tinted(self.look, "sync"))
        self.search.setToolTip("Words in titles, texts and comments of everything that was collected")
