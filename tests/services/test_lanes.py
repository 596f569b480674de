"""Scarce things are used one at a time; every task has an owner, a name, a cancel and a reader of its error."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Iterator

import pytest

from galaxy_desktop.errors import BrokenAnswerError, CancelledByUserError, OfflineError
from galaxy_desktop.services import lanes
from galaxy_desktop.services.lanes import CallThread, Lane, TaskOwner, log_error, pause, raise_if_stopped


async def fail(error: Exception) -> None:
    raise error


@pytest.fixture
def calls() -> Iterator[CallThread]:
    """A thread for calls, ended after the test."""
    thread = CallThread("test-calls")
    yield thread
    thread.close()


async def test_the_error_of_a_task_nobody_awaits_is_read() -> None:
    heard: list[tuple[str, str]] = []
    owner = TaskOwner(lambda name, error: heard.append((name, str(error))))
    task = owner.start(fail(ValueError("bad")), "work")
    await asyncio.wait((task,))
    await asyncio.sleep(0)
    assert heard == [("work", "bad")]
    assert owner.names == ()


async def test_closing_cancels_what_runs_and_reports_nothing() -> None:
    heard: list[str] = []
    owner = TaskOwner(lambda name, error: heard.append(name))
    task = owner.start(asyncio.Event().wait(), "waits for ever")
    await asyncio.sleep(0)
    assert owner.names == ("waits for ever",)
    await owner.close()
    assert task.cancelled()
    assert heard == []


async def test_stopping_is_no_failure() -> None:
    heard: list[str] = []
    owner = TaskOwner(lambda name, error: heard.append(name))
    await asyncio.wait((owner.start(fail(CancelledByUserError("stop")), "work"),))
    await asyncio.sleep(0)
    assert heard == []


def test_a_bug_is_logged_with_its_traceback_and_a_known_failure_as_a_sentence(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    log_error("sync", OfflineError("No way there."))
    log_error("sync", KeyError("x"))
    assert [(r.levelname, bool(r.exc_info)) for r in caplog.records] == [("INFO", False), ("ERROR", True)]


async def test_jobs_of_a_lane_run_one_after_the_other() -> None:
    lane, order, gate = Lane("store"), [], asyncio.Event()

    async def job(number: int) -> None:
        order.append(f"{number} begins")
        await gate.wait()
        order.append(f"{number} ends")

    both = asyncio.gather(lane.run(lambda: job(1)), lane.run(lambda: job(2)))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert (order, lane.waiting) == (["1 begins"], 2)
    gate.set()
    await both
    assert order == ["1 begins", "1 ends", "2 begins", "2 ends"]


async def test_a_failed_job_leaves_the_lane_open() -> None:
    lane = Lane("store")
    with pytest.raises(ValueError, match="bad"):
        await lane.run(lambda: fail(ValueError("bad")))
    assert await lane.run(lambda: asyncio.sleep(0, "done")) == "done"


async def test_calls_run_in_one_thread_of_their_own(calls: CallThread) -> None:
    names = {await calls.run(lambda: threading.current_thread().name, within=5) for _ in range(3)}
    assert names == {"test-calls"}


async def test_the_error_of_a_call_reaches_who_asked(calls: CallThread) -> None:
    with pytest.raises(ZeroDivisionError):
        await calls.run(lambda: 1 // 0, within=5)


async def test_a_call_that_hangs_is_given_up_and_the_next_one_works(calls: CallThread) -> None:
    hangs = threading.Event()
    with pytest.raises(BrokenAnswerError, match="too slow"):
        await calls.run(lambda: hangs.wait(10), within=0.01, sentence="too slow")
    assert await calls.run(lambda: "works", within=5) == "works"
    hangs.set()


async def test_a_call_is_left_as_soon_as_somebody_stops(calls: CallThread, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "LOOK_S", 0.001)
    hangs, stop = threading.Event(), threading.Event()
    stop.set()
    with pytest.raises(CancelledByUserError):
        await calls.run(lambda: hangs.wait(10), within=10, stop=stop)
    hangs.set()


async def test_cancelling_who_waits_does_not_wait_for_the_call(calls: CallThread) -> None:
    loop, hangs, begun = asyncio.get_running_loop(), threading.Event(), asyncio.Event()

    def call() -> None:
        loop.call_soon_threadsafe(begun.set)
        hangs.wait(10)

    task = loop.create_task(calls.run(call, within=10))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    hangs.set()


async def test_a_call_that_did_not_begin_is_never_made(calls: CallThread) -> None:
    hangs, made = threading.Event(), []
    first = asyncio.get_running_loop().create_task(calls.run(lambda: hangs.wait(10), within=10))
    second = asyncio.get_running_loop().create_task(calls.run(lambda: made.append(1), within=10))
    await asyncio.sleep(0)
    second.cancel()
    await asyncio.wait((second,))
    hangs.set()
    await first
    assert await calls.run(lambda: "after", within=5) == "after"
    assert made == []


async def test_a_pause_ends_when_somebody_stops() -> None:
    stop = threading.Event()
    stop.set()
    with pytest.raises(CancelledByUserError):
        await pause(3600, stop)
    await pause(0)
    raise_if_stopped(None)
