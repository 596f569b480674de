"""What the workspace is asked to do: each wish becomes one named task, and its outcome is said in words."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from galaxy_desktop.domain.findings import Verdict
from galaxy_desktop.errors import GalaxyError
from galaxy_desktop.ui import words
from galaxy_desktop.ui.dialogs import ask_reason
from galaxy_desktop.ui.facade import Facade
from galaxy_desktop.ui.main_window import MainWindow
from galaxy_desktop.ui.tasks import TaskOwner
from galaxy_desktop.ui.theme import Tone
from galaxy_desktop.ui.view import Claim, ModelChoice
from galaxy_desktop.ui.wishes import (
    AddRepository,
    Answered,
    AskForToken,
    ChangeSetting,
    ConfirmSprint,
    Decide,
    PauseAlerts,
    ReadActivity,
    Requeue,
    SaveToken,
    Search,
    SetUp,
    SyncNow,
    TestToken,
    Wish,
)

if TYPE_CHECKING:
    from galaxy_desktop.ui.wizard import Wizard

SNOOZED_WORDS = "Snoozed. It comes back by itself."


class Errands:
    """Runs wishes against a workspace."""

    def __init__(
        self,
        window: MainWindow,
        tasks: TaskOwner,
        carry_out: Callable[[Wish], None],
        settled: Callable[[], None],
    ) -> None:
        """`settled` is called after something in the workspace was changed, to show it."""
        self._wizard: Wizard | None = None
        self._window = window
        self._tasks = tasks
        self._carry_out = carry_out
        self._settled = settled

    def run(self, workspace: Facade, wish: Wish) -> None:
        """Begin what was asked for."""
        match wish:
            case SyncNow():
                self._tasks.start("sync", self._sync(workspace))
            case Search(query=query) if query:
                self._tasks.start("search", self._search(workspace, query), replace=True)
            case ReadActivity(answered=answered):
                answered(workspace.activity())
            case Decide():
                self._tasks.start(f"decide on {wish.recommendation.id}", self._decide(workspace, wish))
            case ConfirmSprint(sprint_id=sprint_id):
                self._tasks.start(f"confirm {sprint_id}", workspace.confirm_sprint(sprint_id))
            case Requeue(job_id=job_id):
                self._tasks.start(f"requeue {job_id}", self._told(workspace.requeue(job_id), None))
            case PauseAlerts(until=until):
                self._tasks.start("pause alerts", self._told(workspace.pause_alerts(until), None))
            case _:
                self._run_account(workspace, wish)

    def _run_account(self, workspace: Facade, wish: Wish) -> None:
        match wish:
            case ChangeSetting(name=name, text=text, answered=answered):
                work = self._change(workspace, name, text)
                self._tasks.start(f"change {name}", self._told(work, answered), replace=True)
            case AddRepository(full_name=full_name, answered=answered):
                work = workspace.add_repository(full_name)
                self._tasks.start(f"add {full_name}", self._told(work, answered))
            case TestToken():
                self._tasks.start("test the token", self._test_token(workspace, wish), replace=True)
            case SaveToken(token=token, answered=answered):
                self._tasks.start("save the token", self._told(workspace.save_token(token), answered))
            case AskForToken(answered=answered):
                self._tasks.start("look for a token", self._ask_for_token(workspace, answered), replace=True)
            case SetUp():
                self._set_up(self._window.models)

    async def _told(self, work: Coroutine[Any, Any, None], answered: Answered | None) -> None:
        """Do it, and tell whoever asked how it went; without anybody to tell, the message bar says it."""
        try:
            await work
        except GalaxyError as error:
            if answered is None:
                raise
            answered(str(error))
        else:
            if answered is not None:
                answered("")
            self._settled()

    async def _sync(self, workspace: Facade) -> None:
        self._window.say_syncing(True)
        try:
            await workspace.refresh()
        finally:
            self._window.say_syncing(False)

    async def _search(self, workspace: Facade, query: str) -> None:
        found = await workspace.search(query)
        title = f"{words.count(len(found), 'place')} for “{query}”"
        self._window.open_claim(Claim(title, "In titles, texts and comments of what was collected.", found))

    async def _decide(self, workspace: Facade, wish: Decide) -> None:
        reason = ""
        if wish.verdict is Verdict.DISMISSED:
            asked = await ask_reason(self._window, wish.recommendation.summary)
            if asked is None:
                return
            reason = asked
        await workspace.decide(wish.recommendation.id, wish.verdict, reason, wish.until)
        said = {Verdict.ACCEPTED: "Accepted.", Verdict.DISMISSED: "Dismissed.", Verdict.SNOOZED: SNOOZED_WORDS}
        self._window.message.say(f"{said[wish.verdict]} {wish.recommendation.summary}", Tone.GOOD)

    async def _change(self, workspace: Facade, name: str, text: str) -> None:
        await workspace.change_setting(name, text)
        if name == "theme":
            self._window.look.choose(text)

    async def _test_token(self, workspace: Facade, wish: TestToken) -> None:
        wish.answered(await workspace.test_token(wish.token))

    async def _ask_for_token(self, workspace: Facade, answered: Callable[[bool | None], None]) -> None:
        answered(await asyncio.to_thread(workspace.has_token))

    def _set_up(self, models: tuple[ModelChoice, ...]) -> None:
        from galaxy_desktop.ui.wizard import Wizard  # noqa: PLC0415 - only who is new here needs it

        if self._wizard is not None:
            self._wizard.close()
            self._wizard.deleteLater()
        # Closing keeps it, for answers on their way to it may come later.
        self._wizard = Wizard(self._window, self._window.look, models)
        self._wizard.wished.connect(self._carry_out)
        self._wizard.open()

    def workspace_opened(self) -> None:
        """Another workspace is shown: what the welcome steps can offer may differ."""
        if self._wizard is not None and self._wizard.isVisible():
            self._wizard.ask()
