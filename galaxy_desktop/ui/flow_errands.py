"""What the Flow page asks of the workspace: one reading at a time, of which the newest wish wins, and files."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from galaxy_desktop.errors import GalaxyError
from galaxy_desktop.ui.facade import Facade
from galaxy_desktop.ui.flow_wishes import FlowWish, ReadFlow, SaveFlow
from galaxy_desktop.ui.main_window import MainWindow
from galaxy_desktop.ui.sync_dialogs import ask_where_to_save
from galaxy_desktop.ui.tasks import TaskOwner
from galaxy_desktop.ui.theme import Tone

if TYPE_CHECKING:
    from galaxy_desktop.domain.flow import FlowReport

logger = logging.getLogger(__name__)

READING = "read the flow"
NO_FLOW = "This workspace cannot show its flow yet. Try again in a moment."
BUG = "The flow could not be computed; the details are in the log."


@runtime_checkable
class ShowsFlow(Protocol):
    """A workspace that can compute its flow: `services.workspace.Workspace`."""

    async def flow(self, sprint_id: str = "") -> FlowReport:
        """The report of a sprint, of the first one for ""; computed off the thread of the window."""
        ...


@runtime_checkable
class ShowsPastFlow(Protocol):
    """A workspace that can compute how its flow was."""

    async def flow_then(self, sprint_id: str, moment: datetime) -> FlowReport:
        """The report of a sprint as it was at a moment."""
        ...


class FlowErrands:
    """Runs the wishes of the Flow page."""

    def __init__(self, window: MainWindow, tasks: TaskOwner) -> None:
        self._window = window
        self._tasks = tasks
        self._wanted: ReadFlow | None = None

    def run(self, workspace: Facade, wish: FlowWish) -> None:
        """Begin what was asked for."""
        if isinstance(wish, SaveFlow):
            self._tasks.start(f"save {wish.name}", self._save(wish))
        elif isinstance(workspace, ShowsFlow):
            self._wanted = wish
            self._tasks.start(READING, self._read(workspace))
        else:
            wish.failed(NO_FLOW)

    def let_go(self) -> None:
        """The workspace is about to stop: what is read of it now will not be shown."""
        self._wanted = None
        self._tasks.cancel(READING)

    async def _read(self, workspace: ShowsFlow) -> None:
        while self._wanted is not None:
            wish, self._wanted = self._wanted, None
            try:
                report = await _report(workspace, wish)
            except GalaxyError as error:
                wish.failed(str(error))
            except Exception:
                wish.failed(BUG)
                raise
            else:
                if self._wanted is None:
                    wish.answered(report)

    async def _save(self, wish: SaveFlow) -> None:
        path = await ask_where_to_save(self._window, wish.title, wish.name, wish.kind)
        if path is None:
            return
        try:
            wish.write(path)
        except OSError as error:
            raise GalaxyError(
                f"{path} could not be written: {error.strerror or error}. Choose another place."
            ) from error
        self._window.message.say(f"Saved to {path}.", Tone.GOOD)


async def _report(workspace: ShowsFlow, wish: ReadFlow) -> FlowReport:
    """The flow of now, or of the moment that is looked at."""
    if wish.past is not None and isinstance(workspace, ShowsPastFlow):
        return await workspace.flow_then(wish.sprint_id, wish.past)
    return await workspace.flow(wish.sprint_id)
