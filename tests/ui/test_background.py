"""Tasks, throttle and bridge: how news and work cross between background and screen."""

from __future__ import annotations

import asyncio
import threading

import pytest
from pytestqt.qtbot import QtBot

from galaxy_desktop.domain.events import Event, TaskFailed
from galaxy_desktop.errors import CancelledByUserError, OfflineError
from galaxy_desktop.ui.bridge import Bridge
from galaxy_desktop.ui.tasks import TaskOwner
from galaxy_desktop.ui.throttle import Throttle
from tests.ui.fakes import FakeWorkspace

NEWS = TaskFailed("sync", "The network is gone.")


async def forever() -> None:
    """Wait until somebody cancels."""
    await asyncio.Event().wait()


async def failing(error: Exception) -> None:
    """Fail."""
    raise error


@pytest.fixture
def complaints() -> list[str]:
    return []


async def test_a_foreseen_failure_is_shown_as_its_sentence(complaints: list[str]) -> None:
    owner = TaskOwner(complaints.append)
    owner.start("sync", failing(OfflineError("GitHub cannot be reached.")))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert complaints == ["GitHub cannot be reached."]


async def test_a_bug_is_logged_and_admitted(complaints: list[str], caplog: pytest.LogCaptureFixture) -> None:
    owner = TaskOwner(complaints.append)
    owner.start("sync", failing(ZeroDivisionError("secret detail")))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert "secret detail" in caplog.text
    assert complaints
    assert "secret detail" not in complaints[0]


async def test_what_the_user_cancelled_is_silent(complaints: list[str]) -> None:
    owner = TaskOwner(complaints.append)
    owner.start("write", failing(CancelledByUserError()))
    owner.start("wait", forever())
    owner.cancel("wait")
    await owner.stop()
    assert complaints == []


async def test_a_name_runs_once_unless_it_replaces(complaints: list[str]) -> None:
    owner = TaskOwner(complaints.append)
    assert owner.start("search", forever())
    assert not owner.start("search", forever())
    assert owner.start("search", forever(), replace=True)
    assert owner.names == ("search",)
    await owner.stop()


async def test_after_the_stop_nothing_starts_and_nothing_runs(complaints: list[str]) -> None:
    owner = TaskOwner(complaints.append)
    owner.start("wait", forever())
    await owner.stop()
    assert owner.names == ()
    assert not owner.start("late", forever())


async def test_a_task_that_stops_its_owner_does_not_wait_for_itself(complaints: list[str]) -> None:
    owner = TaskOwner(complaints.append)
    done = asyncio.Event()

    async def stop_all() -> None:
        await owner.stop()
        done.set()

    owner.start("stop", stop_all())
    await asyncio.wait_for(done.wait(), 2)


def test_the_first_of_a_burst_is_shown_at_once_and_the_last_one_lands(qtbot: QtBot) -> None:
    shown: list[int] = []
    throttle: Throttle[int] = Throttle(shown.append, pace_ms=20)
    for number in range(50):
        throttle.push(number)
    assert shown == [0]
    qtbot.waitUntil(lambda: shown[-1] == 49, timeout=5000)
    assert shown == [0, 49]


def test_a_quiet_throttle_shows_at_once_again(qtbot: QtBot) -> None:
    shown: list[int] = []
    throttle: Throttle[int] = Throttle(shown.append, pace_ms=1)
    throttle.push(1)
    qtbot.waitUntil(lambda: not throttle._timer.isActive(), timeout=5000)
    throttle.push(2)
    assert shown == [1, 2]


def test_the_bridge_carries_the_events_of_one_workspace_at_a_time(qtbot: QtBot) -> None:
    bridge, first, second = Bridge(), FakeWorkspace(), FakeWorkspace()
    heard: list[Event] = []
    bridge.news.connect(heard.append)
    bridge.listen_to(first)
    bridge.listen_to(second)
    first.publish(NEWS)
    second.publish(NEWS)
    bridge.fall_silent()
    assert heard == [NEWS]
    assert second.listeners == []


def test_an_event_from_another_thread_arrives_on_the_qt_thread(qtbot: QtBot) -> None:
    bridge = Bridge()
    where: list[threading.Thread] = []
    bridge.news.connect(lambda _event: where.append(threading.current_thread()), type=bridge_connection())
    worker = threading.Thread(target=bridge.publish, args=(NEWS,))
    worker.start()
    qtbot.waitUntil(lambda: bool(where), timeout=5000)
    worker.join()
    assert where == [threading.main_thread()]


def bridge_connection() -> object:
    """A lambda has no thread of its own, so the queue has to be asked for."""
    from PySide6.QtCore import Qt

    return Qt.ConnectionType.QueuedConnection
