"""The outbox on the real store: what is approved survives a restart, and what was sent shows at once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest_asyncio

from galaxy_desktop.domain import change_making as wish
from galaxy_desktop.domain.sync import Page
from galaxy_desktop.domain.work import Label, Repository
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.store.database import Store
from tests.services.outbox_world import NOW, Trouble, World

REPOSITORY = Repository(id=1, full_name="o/r", url="https://github.com/o/r")


@pytest_asyncio.fixture
async def world(folder: DataFolder) -> AsyncIterator[World]:
    with Store.open(folder) as store:
        store.track("o/r").result()
        labels = (Label(repository_id=1, id=1, name="bug"), Label(repository_id=1, id=2, name="ui"))
        store.apply(Page(repository_id=1, records=(REPOSITORY, *labels), observed_at=NOW)).result()
        made = World(store=store)
        yield made
        await made.outbox.close()


async def test_every_kind_of_change_goes_through_the_store_and_back(world: World) -> None:
    changes = [
        wish.close(world.item(), NOW, reason="not_planned"),
        wish.retitle(world.item(), "Better", NOW),
        wish.rewrite(world.item(), "ä\n\n", NOW),
        wish.relabel(world.item(), NOW, add=["bug"]),
        wish.reassign(world.item(), NOW, add=["ada"]),
        wish.comment(world.item(), "hello", NOW),
        wish.new_issue(REPOSITORY, "New", "text", NOW, labels=["ui"]),
    ]
    assert [one.state for one in await world.sent(*changes)] == ["sent"] * 7
    item = world.item()
    assert (item.title, item.state_reason, item.labels) == ("Better", "not_planned", ("bug",))
    assert [person.login for person in item.assignees] == ["ada"]
    assert world.item(9).title == "New"
    assert world.outbox.item("issue:o/r#9") == world.item(9)
    assert len(world.outbox.changes()) == 7


async def test_what_was_approved_before_a_restart_is_sent_after_it(world: World) -> None:
    world.github.offline = True
    (waiting,) = await world.sent(wish.relabel(world.item(), NOW, add=["bug", "ui"]))
    await world.restarted()
    world.github.offline = False
    world.clock.now += timedelta(minutes=1)
    await world.sync()
    assert world.now(waiting.id).state == "sent"
    assert world.item().labels == ("bug", "ui")


async def test_an_answer_lost_before_a_restart_is_found_after_it(world: World) -> None:
    world.github.troubles = [Trouble(applied=True)]
    (seen,) = await world.shown(wish.comment(world.item(), "hello", NOW))
    await world.outbox.approve([seen])
    await world.restarted()
    await world.sync()
    assert (world.now(seen.change.id).state, world.github.said()) == ("sent", ["hello"])


async def test_every_step_is_in_the_audit_log(world: World) -> None:
    await world.sent(wish.close(world.item(), NOW))
    told = [entry.what for entry in reversed(world.store.audit_log())]
    assert [what for what in told if "change" in what] == [
        "change draft",
        "change of state approved",
        "change approved",
        "change sending",
        "change sent",
    ]


async def test_choices_come_from_what_is_stored(world: World) -> None:
    labels, milestones, people = world.outbox.choices("o/r")
    assert ([one.name for one in labels], milestones) == (["bug", "ui"], ())
    assert [one.login for one in people] == ["ada"]


async def test_a_sent_change_leaves_the_list_after_a_month(world: World) -> None:
    await world.sent(wish.close(world.item(), NOW))
    world.clock.now += timedelta(days=31)
    assert world.outbox.changes() == ()


async def test_what_was_sent_for_a_repository_that_was_forgotten_meanwhile_leaves_nothing(world: World) -> None:
    item = world.item()
    change = await world.outbox.draft(wish.close(item, NOW))
    assert world.store.forget_repository(1).result()[0] > 0
    await world.outbox._books.told(change, item)
    assert world.store.forget_repository(1).result()[0] == 0
