"""Killed at every point, answered or not, applied or not: after the restart it happened exactly once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from galaxy_desktop.domain import change_making as wish
from galaxy_desktop.domain.changes import Change
from tests.services.outbox_world import NOW, Trouble, World

MAKE: dict[str, Callable[[World], Change]] = {
    "comment": lambda w: wish.comment(w.item(), "hello", NOW),
    "new issue": lambda w: wish.new_issue(w.store.repositories()[0], "New", "text", NOW),
    "close": lambda w: wish.close(w.item(), NOW),
    "labels": lambda w: wish.relabel(w.item(), NOW, add=["bug"], remove=["ui"]),
    "assignees": lambda w: wish.reassign(w.item(), NOW, add=["ada"], remove=["grace"]),
    "text": lambda w: wish.rewrite(w.item(), "new text", NOW),
}
EFFECTS: dict[str, Callable[[World], object]] = {
    "comment": lambda w: w.github.said(),
    "new issue": lambda w: [row["title"] for row in w.github.issues.values()],
    "close": lambda w: w.github.issues[7]["state"],
    "labels": lambda w: [one["name"] for one in w.github.issues[7]["labels"]],
    "assignees": lambda w: [one["login"] for one in w.github.issues[7]["assignees"]],
    "text": lambda w: w.github.issues[7]["body"],
}
ONCE = {
    "comment": ["hello"],
    "new issue": ["Item 7", "Item 8", "New"],
    "close": "closed",
    "labels": ["bug"],
    "assignees": ["ada"],
    "text": "new text",
}
ANSWERS = {
    "answered": Trouble(applied=True, status=0),
    "applied, then dropped": Trouble(applied=True),
    "dropped before": Trouble(),
    "applied, then 502": Trouble(applied=True, status=502),
    "unavailable": Trouble(status=503),
}


def world_of() -> World:
    world = World()
    world.github.issues[7].update(labels=[{"name": "ui"}], assignees=[world.github.person("grace")])
    world.learn()
    return world


async def approved(world: World, change: Change) -> str:
    """Approved while offline, so that nothing was sent yet."""
    world.github.offline = True
    (waiting,) = await world.sent(change)
    world.github.offline = False
    return waiting.id


async def brought_to_an_end(world: World) -> None:
    """Left alone until nothing waits; what was parked after too many tries is tried again by a person."""
    await world.sync()
    for change in world.outbox.changes():
        if change.state == "parked":
            await world.outbox.retry(change.id)
    await world.outbox.settled()
    await world.outbox.close()


async def after_kills(kind: str, kills: list[int], troubles: list[Trouble]) -> tuple[World, str]:
    """The world after a program that was killed at these points was started again and left alone."""
    world = world_of()
    change_id = await approved(world, MAKE[kind](world))
    world.github.troubles = list(troubles)
    for points in kills:
        world.fuse.left = points
        await world.sync()
        await world.restarted()
    await brought_to_an_end(world)
    return world, change_id


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
@pytest.mark.parametrize("kind", MAKE)
def test_killed_once_at_each_point_it_happens_exactly_once(kind: str, answer: Trouble) -> None:
    for point in range(40):
        world, change_id = asyncio.run(after_kills(kind, [point], [answer]))
        assert (point, world.now(change_id).state, EFFECTS[kind](world)) == (point, "sent", ONCE[kind])


@given(
    kind=st.sampled_from(sorted(MAKE)),
    kills=st.lists(st.integers(0, 30), max_size=4),
    answers=st.lists(st.sampled_from(sorted(ANSWERS)), max_size=3),
)
@settings(max_examples=60)
def test_killed_again_and_again_it_happens_exactly_once(kind: str, kills: list[int], answers: list[str]) -> None:
    world, change_id = asyncio.run(after_kills(kind, kills, [ANSWERS[answer] for answer in answers]))
    assert (world.now(change_id).state, EFFECTS[kind](world)) == ("sent", ONCE[kind])


@given(kills=st.lists(st.integers(0, 30), max_size=4), answers=st.lists(st.sampled_from(sorted(ANSWERS)), max_size=4))
@settings(max_examples=25)
def test_equal_comments_are_each_made_once(kills: list[int], answers: list[str]) -> None:
    async def run() -> World:
        world = world_of()
        world.github.offline = True
        for number in range(3):
            await world.sent(replace(MAKE["comment"](world), id=str(number)))
        world.github.offline = False
        world.github.troubles = [ANSWERS[answer] for answer in answers]
        for points in kills:
            world.fuse.left = points
            await world.sync()
            await world.restarted()
        await brought_to_an_end(world)
        return world

    world = asyncio.run(run())
    assert world.github.said() == ["hello"] * 3
    assert len({one.url for one in world.outbox.changes()}) == 3


@given(
    first=st.integers(0, 20),
    second=st.integers(0, 20),
    moved=st.sampled_from(["Theirs", "Mine", "Item 7"]),
)
@settings(max_examples=40)
def test_what_somebody_else_does_between_kills_is_never_overwritten(first: int, second: int, moved: str) -> None:
    async def run() -> tuple[World, Change]:
        world = world_of()
        change_id = await approved(world, wish.retitle(world.item(), "Mine", NOW))
        for points in (first, second):
            world.fuse.left = points
            await world.sync()
            await world.restarted()
            world.github.issues[7]["title"] = moved
        await world.sync()
        await world.outbox.close()
        return world, world.now(change_id)

    world, change = asyncio.run(run())
    title = world.github.issues[7]["title"]
    assert title in (moved, "Mine")
    if moved == "Theirs":
        assert title == "Theirs"
        assert change.state in ("conflict", "sent")
