"""Brings window, tray and workspace together: news in, wishes out.

News comes through the bridge and becomes a new `View`; wishes come from pages and the tray and become calls
of the workspace, each a named task whose error is read. It never computes a finding and keeps no state of
its own but what is on screen.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal

from galaxy_desktop.domain import events
from galaxy_desktop.domain.findings import Alert, Analysis
from galaxy_desktop.paths import MAIN
from galaxy_desktop.ui import words
from galaxy_desktop.ui.advice_errands import AdviceErrands, open_digest
from galaxy_desktop.ui.advice_wishes import AdviceWish
from galaxy_desktop.ui.ask_errands import AskErrands
from galaxy_desktop.ui.ask_wishes import AskWish
from galaxy_desktop.ui.banner import Banner, banner_of
from galaxy_desktop.ui.bridge import Bridge
from galaxy_desktop.ui.dialogs import ShortcutSheet
from galaxy_desktop.ui.errands import Errands
from galaxy_desktop.ui.facade import Facade
from galaxy_desktop.ui.flow_errands import FlowErrands
from galaxy_desktop.ui.flow_wishes import FlowWish
from galaxy_desktop.ui.main_window import MainWindow
from galaxy_desktop.ui.memory import WindowMemory
from galaxy_desktop.ui.models_errands import ModelsErrands
from galaxy_desktop.ui.models_wishes import ModelsWish, ReadModels
from galaxy_desktop.ui.outbox_errands import OutboxErrands
from galaxy_desktop.ui.outbox_wishes import OutboxWish
from galaxy_desktop.ui.providers_errands import ProvidersErrands
from galaxy_desktop.ui.providers_wishes import ProvidersWish, ReadProviders
from galaxy_desktop.ui.question_errands import QuestionErrands
from galaxy_desktop.ui.search_wishes import ReadSearchModels
from galaxy_desktop.ui.sign_in_errands import SignInErrands
from galaxy_desktop.ui.sign_in_wishes import AskHowToSignIn, SignInWish
from galaxy_desktop.ui.sync_errands import SyncErrands
from galaxy_desktop.ui.sync_wishes import SyncWish
from galaxy_desktop.ui.tasks import TaskOwner
from galaxy_desktop.ui.theme import Tone
from galaxy_desktop.ui.throttle import Throttle
from galaxy_desktop.ui.time_errands import TimeTravel
from galaxy_desktop.ui.time_wishes import QuestionWish, TimeWish
from galaxy_desktop.ui.tray import NoTray, TrayFace, paused_until, state_of
from galaxy_desktop.ui.typing_watch import TypingWatch
from galaxy_desktop.ui.view import Claim, Filters, ModelChoice, View
from galaxy_desktop.ui.wishes import (
    ClearFilters,
    OpenAlert,
    OpenClaim,
    OpenDigest,
    OpenPage,
    OpenSprint,
    Quit,
    ShowShortcuts,
    SwitchProfile,
    Wish,
)

logger = logging.getLogger(__name__)

TICK_MS = 60_000
"""How often the words that depend on the time of day are said anew."""


class Conductor(QObject):
    """One for the life of the program; the workspace it conducts may change."""

    profile_wanted = Signal(str)
    quit_wanted = Signal()
    news_shown = Signal(object)

    def __init__(
        self,
        window: MainWindow,
        memory: WindowMemory,
        clock: Callable[[], datetime],
        tray: TrayFace | None = None,
    ) -> None:
        super().__init__(window)
        self.window = window
        self.tasks = TaskOwner(self.complain)
        self.errands = Errands(window, self.tasks, self.carry_out, self._settled)
        self.sync = SyncErrands(window, self.tasks, clock, self._settled, self._forget)
        self.outbox = OutboxErrands(window, self.tasks, clock)
        self.sign_in = SignInErrands(window, self.tasks)
        self.models = ModelsErrands(window, self.tasks, self._settled, self.offer_models)
        self.providers = ProvidersErrands(window, self.tasks, self._settled)
        self.flow = FlowErrands(window, self.tasks)
        self.advice = AdviceErrands(window, self.tasks, self.carry_out, self._settled)
        self.time = TimeTravel(window, self.tasks, clock, lambda: self._show(self._view))
        self.questions = QuestionErrands(window, self.tasks, self.carry_out)
        self.asking = AskErrands(window, self.tasks, self.carry_out)
        self.workspace: Facade | None = None
        self.tray: TrayFace = tray or NoTray()
        self._memory = memory
        self._models: tuple[ModelChoice, ...] = ()
        self._banner: Banner | None = None
        self._looked_at: tuple[str, ...] = ()
        self._clock = clock
        self._visited = memory.values.last_visit
        self._view = View(now=clock(), loading=True)
        self._bridge = Bridge(self)
        self._bridge.news.connect(self._hear)
        self._painting: Throttle[View] = Throttle(self._paint, self)
        self._ticking = QTimer(self)
        self._ticking.setInterval(TICK_MS)
        self._ticking.timeout.connect(self._tick)
        self._ticking.start()
        TypingWatch(self._typed, self)
        window.wished.connect(self.carry_out)
        window.filters.changed.connect(self._filter)
        self._painting.push(self._view)

    @property
    def view(self) -> View:
        """What is on the screen."""
        return self._view

    # --- workspaces

    def conduct(self, workspace: Facade) -> None:
        """Show this workspace from now on, beginning with its last state."""
        self.workspace = workspace
        self._looked_at = ()
        self._bridge.listen_to(workspace)
        settings = workspace.settings
        self.window.look.choose(settings.text("theme"))
        self._memory.change(theme=settings.text("theme"))
        self.window.sidebar.say_profile(profile_words(workspace.profile))
        latest = workspace.latest()
        self._show(
            View(
                now=self._clock(),
                analysis=latest,
                profile=workspace.profile,
                settings=settings,
                models=self._models,
                visited=self._visited,
                loading=latest is None and workspace.has_repositories(),
            )
        )
        self._painting.flush()
        self.outbox.count(workspace)
        self.errands.workspace_opened()
        self.models.recall(workspace)

    def _typed(self) -> None:
        if self.workspace is not None:
            self.workspace.typed()

    def offer_models(self, models: tuple[ModelChoice, ...]) -> None:
        """Offer these models in Settings and in the welcome steps."""
        self._models = models
        self._show(replace(self._view, models=models))

    def let_go(self) -> None:
        """Show nothing of the workspace any more: it is about to stop."""
        self._bridge.fall_silent()
        self.sync.let_go()
        self.outbox.let_go()
        self.flow.let_go()
        self.models.let_go()
        self.time.let_go()
        self.questions.let_go()
        self.asking.let_go()
        self.workspace = None
        self._show(View(now=self._clock(), loading=True))

    def say_failure(self, sentence: str) -> None:
        """The workspace could not be opened: say why where its data would be."""
        self._show(View(now=self._clock(), failure=sentence, models=self._models))

    async def stop(self) -> None:
        """End every task that the window started."""
        self._ticking.stop()
        self._bridge.fall_silent()
        self._memory.change(visited=self._clock().isoformat())
        await self.tasks.stop()

    # --- news

    def _hear(self, event: events.Event) -> None:
        match event:
            case events.WorkspaceAnalyzed(analysis=analysis):
                self._show(replace(self._view, analysis=analysis, loading=False, now=self._clock()))
                self._present_alerts()
            case events.FreshnessChanged(freshness=one):
                self.window.freshness.update_one(one, self._clock())
                self._take_latest()
            case events.ProseArrived(sprint_id=sprint_id):
                self._sprint_page_call("prose_done", sprint_id)
                self._take_latest()
            case events.PatternsNoticed(sprint_id=sprint_id):
                self._sprint_page_call("patterns_noticed", sprint_id)
            case events.ProsePending(sprint_id=sprint_id, state=state):
                self._sprint_page_call("prose_pending", sprint_id, state)
            case events.SyncProgressed():
                self.window.freshness.progress(event)
            case events.AlertRaised():
                self._present_alerts()
            case events.TaskFailed(name=name, sentence=sentence):
                self.complain(f"{name[:1].upper()}{name[1:]}: {sentence}")
        self.sync.hear(event)
        self.outbox.hear(event)
        self.models.hear(event)
        self.news_shown.emit(event)

    def _take_latest(self) -> None:
        latest: Analysis | None = self.workspace.latest() if self.workspace is not None else None
        if latest is not None:
            self._show(replace(self._view, analysis=latest, now=self._clock()))

    def _forget(self, full_name: str) -> None:
        """Show nothing of a repository any more: it is gone from the workspace."""
        if self._view.filters.repository == full_name:
            self.window.filters.clear()
        self.window.close_panel()
        latest = self.workspace.latest() if self.workspace is not None else None
        self._show(replace(self._view, analysis=latest, now=self._clock()))

    def _sprint_page_call(self, method: str, *values: str) -> None:
        page = self.window.pages.get("sprint")
        if page is not None:
            getattr(page, method)(*values)

    def _show(self, view: View) -> None:
        self._view = view
        self._painting.push(view)

    def _paint(self, view: View) -> None:
        self.window.time.show_now(view.now)
        self.window.show_view(self.time.seen(view))
        self._say_banner(view)
        self._tell_what_is_looked_at(view)
        paused = None
        if self.workspace is not None:
            paused = paused_until(self.workspace.settings.text("alerts_paused_until"), view.now)
        self.tray.show_state(*state_of(view, paused, self.workspace.alerts_in_tray if self.workspace else 0))

    def _tell_what_is_looked_at(self, view: View) -> None:
        """The repositories of the sprint on the screen, or the one the filters keep, are read first."""
        one = view.sprint(self._sprint_shown())
        looked_at = (view.filters.repository,) if view.filters.repository else one.sprint.repositories if one else ()
        if self.workspace is not None and looked_at != self._looked_at:
            self._looked_at = looked_at
            self.workspace.look_at(looked_at)

    def _sprint_shown(self) -> str:
        page = self.window.pages.get("sprint")
        if page is None:
            return ""
        from galaxy_desktop.ui.pages.sprint import SprintPage  # noqa: PLC0415 - it was made, so it is loaded

        return page.sprint_id if isinstance(page, SprintPage) else ""

    def _settled(self) -> None:
        if self.workspace is not None:
            settings = self.workspace.settings
            self._memory.change(theme=settings.text("theme"))
            self._show(replace(self._view, settings=settings, now=self._clock()))
            self._present_alerts()

    def _tick(self) -> None:
        self._show(replace(self._view, now=self._clock()))
        self._present_alerts()

    def _filter(self, filters: Filters) -> None:
        self._show(replace(self._view, filters=filters))

    def complain(self, sentence: str) -> None:
        """Say what went wrong above the page."""
        self.window.message.say(sentence, Tone.BAD)

    def _say_banner(self, view: View) -> None:
        banner = banner_of(view) if self.workspace is not None else None
        if banner == self._banner:
            return
        self._banner = banner
        if banner is None:
            self.window.banner.hide()
        else:
            act = partial(self.carry_out, banner.wish)
            self.window.banner.say(banner.sentence, banner.tone, banner.action, act, closable=False)

    # --- alerts

    def _present_alerts(self) -> None:
        if self.workspace is not None:
            self.advice.present(self.workspace, self._view, self.tray)

    # --- wishes

    def carry_out(self, wish: Wish) -> None:
        """Do what a person asked for."""
        quiet = isinstance(wish, ReadModels | ReadProviders | ReadSearchModels)
        logger.log(logging.DEBUG if quiet else logging.INFO, "Asked for: %s", type(wish).__name__)
        match wish:
            case OpenClaim(claim=claim):
                self.window.open_claim(claim)
            case OpenSprint(sprint_id=sprint_id):
                self.window.open_sprint(sprint_id)
            case OpenPage(name=name):
                self.window.open_page(name)
            case OpenDigest():
                open_digest(self.window)
            case OpenAlert(alert=alert):
                self._open_alert(alert)
            case ClearFilters():
                self.window.filters.clear()
            case ShowShortcuts():
                ShortcutSheet(self.window).open()
            case SwitchProfile(profile=profile):
                self.profile_wanted.emit(profile)
            case Quit():
                self.quit_wanted.emit()
            case AskHowToSignIn(answered=answered) if self.workspace is None:
                answered(False)  # the welcome steps ask again when one is open
            case _ if self.workspace is None:
                self.complain("The workspace is not open yet. Try again in a moment.")
            case _:
                self._ask(self.workspace, wish)

    def _ask(self, workspace: Facade, wish: Wish) -> None:
        """What the workspace or one of its desks has to do."""
        refusal = self.time.refusal(wish)
        if refusal:
            self.window.message.say(refusal, Tone.WATCH)
        elif isinstance(wish, TimeWish):
            self.time.run(workspace, wish)
        elif isinstance(wish, QuestionWish):
            self.questions.run(workspace, wish, self._view)
        elif isinstance(wish, AskWish):
            self.asking.run(workspace, wish, self.time.seen(self._view))
        elif isinstance(wish, SyncWish):
            self.sync.run(workspace, wish)
        elif isinstance(wish, AdviceWish):
            self.advice.run(workspace, wish)
        elif isinstance(wish, OutboxWish):
            self.outbox.run(workspace, wish)
        elif isinstance(wish, ModelsWish):
            self.models.run(workspace, wish)
        elif isinstance(wish, ProvidersWish):
            self.providers.run(workspace, wish)
        elif isinstance(wish, FlowWish):
            self.flow.run(workspace, wish)
        elif isinstance(wish, SignInWish):
            self.sign_in.run(workspace, wish)
        else:
            self.errands.run(workspace, wish)

    def _open_alert(self, alert: Alert) -> None:
        self.time.leave()
        if self._view.filters.active:
            self.window.filters.clear()
        self.window.come_forward()
        self.window.show_view(self._view)
        self.window.open_sprint(alert.sprint_id)
        reason = words.with_days(alert.reason, self._clock().date())
        self.window.open_claim(Claim(reason, f"Raised {words.clock(alert.at, self._clock())}", alert.evidence))


def profile_words(profile: str) -> str:
    """The name of a profile under the program's name: "Your workspace", "Demo: slipping"."""
    return "Your workspace" if profile == MAIN else profile[:1].upper() + profile[1:]
