"""Sending: every fault has its fate, writes keep their distance and their order, and nothing is sent twice."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
import pytest_asyncio

from galaxy_desktop.domain import change_making as wish
from galaxy_desktop.domain.changes import ChangeState
from galaxy_desktop.services.outbox_sending import next_due
from tests.services.outbox_world import NOW, Trouble, World


@pytest_asyncio.fixture
async def world() -> AsyncIterator[World]:
    made = World()
    yield made
    await made.outbox.close()


DROPPED = Trouble()
DROPPED_AFTER = Trouble(applied=True)
UNAVAILABLE = Trouble(status=502)


async def test_a_broken_answer_is_tried_again_after_1_4_and_16_seconds_then_parked(world: World) -> None:
    world.github.troubles = [UNAVAILABLE] * 9
    (parked,) = await world.sent(wish.retitle(world.item(), "Better", NOW))
    assert (parked.state, parked.attempts) == ("parked", 4)
    assert parked.error == "Tried 4 times without success. GitHub has trouble (status 502)."
    assert world.clock.now - NOW == timedelta(seconds=22), "whole seconds of looking, at least 1 + 4 + 16"
    assert len(world.github.troubles) == 5


async def test_reading_that_breaks_counts_like_writing_that_breaks(world: World) -> None:
    seen = await world.shown(wish.retitle(world.item(), "Better", NOW))
    world.github.reading_troubles = [UNAVAILABLE] * 9
    await world.outbox.approve(seen)
    await world.outbox.settled()
    assert world.now(seen[0].change.id).state == "parked"
    assert (len(world.github.reading_troubles), world.github.writes) == (5, [])


async def test_what_may_pass_passes(world: World) -> None:
    world.github.troubles = [UNAVAILABLE, DROPPED]
    (sent,) = await world.sent(wish.retitle(world.item(), "Better", NOW))
    assert (sent.state, sent.error, sent.attempts) == ("sent", "", 3)
    assert len(world.github.writes) == 1


@pytest.mark.parametrize("status", [403, 404, 410, 422, 451])
async def test_a_final_no_is_parked_at_once_with_its_sentence(world: World, status: int) -> None:
    world.github.troubles = [Trouble(status=status, body={"message": "No."})]
    (parked,) = await world.sent(wish.retitle(world.item(), "Better", NOW))
    assert (parked.state, parked.attempts, parked.sending_since) == ("parked", 1, None)
    assert parked.error
    assert world.clock.slept == []


async def test_a_limit_is_waited_for_and_uses_up_no_attempt(world: World) -> None:
    world.github.troubles = [Trouble(status=403, headers={"retry-after": "300"})] * 6
    (sent,) = await world.sent(wish.retitle(world.item(), "Better", NOW))
    assert (sent.state, sent.attempts) == ("sent", 1)
    assert timedelta(seconds=6 * 300) < world.clock.now - NOW < timedelta(seconds=6 * 305)


async def test_a_rejected_token_leaves_everything_approved(world: World) -> None:
    world.github.troubles = [Trouble(status=401)]
    later = NOW + timedelta(seconds=1)
    first, second = await world.sent(wish.close(world.item(), NOW), wish.close(world.item(8), later))
    assert (first.state, second.state, first.attempts) == ("approved", "approved", 0)
    assert first.error.startswith("GitHub rejected the token")
    await world.sync()
    assert world.now(first.id).state == world.now(second.id).state == "sent"


async def test_a_connection_that_never_came_about_is_no_attempt(world: World) -> None:
    world.github.troubles = [Trouble(offline=True)]
    (waiting,) = await world.sent(wish.comment(world.item(), "hello", NOW))
    assert (waiting.state, waiting.attempts, waiting.sending_since) == ("approved", 0, None)
    await world.sync()
    assert world.github.said() == ["hello"]


async def test_a_rename_between_look_and_write_is_found_out_by_id(world: World) -> None:
    seen = await world.shown(wish.comment(world.item(), "hello", NOW))
    world.github.name = "o/new"
    world.github.issues[7]["repository_url"] = "https://api.github.com/repos/o/new"
    world.github.asked.clear()
    await world.outbox.approve(seen)
    await world.outbox.settled()
    sent = world.now(seen[0].change.id)
    assert (sent.state, sent.repository, world.github.said()) == ("sent", "o/new", ["hello"])


@pytest.mark.parametrize("trouble", [DROPPED_AFTER, Trouble(applied=True, status=502)])
async def test_an_answer_that_was_lost_does_not_make_a_second_comment(world: World, trouble: Trouble) -> None:
    world.github.troubles = [trouble]
    (sent,) = await world.sent(wish.comment(world.item(), "hello", NOW))
    assert (sent.state, sent.url) == ("sent", "https://github.com/o/r/issues/7#c1")
    assert world.github.said() == ["hello"]


async def test_an_answer_that_was_lost_does_not_make_a_second_issue(world: World) -> None:
    world.github.troubles = [DROPPED_AFTER]
    (sent,) = await world.sent(wish.new_issue(world.store.repositories()[0], "New", "text", NOW))
    assert (sent.state, sent.item_number, len(world.github.issues)) == ("sent", 9, 3)


async def test_an_answer_that_was_lost_is_not_blamed_on_somebody_else(world: World) -> None:
    world.github.troubles = [DROPPED_AFTER]
    (sent,) = await world.sent(wish.close(world.item(), NOW))
    assert (sent.state, sent.error) == ("sent", "")
    assert len(world.github.writes) == 1


@pytest.mark.parametrize("ahead", [-7200.0, 0.0, 7200.0])
async def test_looking_goes_by_githubs_clock(ahead: float) -> None:
    world = World(ahead=ahead)
    world.github.say(7, "hello", by="octo")
    world.clock.now += timedelta(minutes=5)
    world.github.troubles = [DROPPED_AFTER]
    (sent,) = await world.sent(wish.comment(world.item(), "hello", NOW))
    assert (sent.url, world.github.said()) == ("https://github.com/o/r/issues/7#c2", ["hello", "hello"])
    await world.outbox.close()


async def test_two_equal_comments_are_two_comments(world: World) -> None:
    world.github.troubles = [DROPPED_AFTER, DROPPED_AFTER]
    wanted = [wish.comment(world.item(), "ping", NOW + timedelta(seconds=n)) for n in range(2)]
    first, second = await world.sent(*wanted)
    assert world.github.said() == ["ping", "ping"]
    assert first.url != second.url


async def test_the_same_words_of_somebody_else_are_not_ours(world: World) -> None:
    world.github.troubles = [DROPPED]
    seen = await world.shown(wish.comment(world.item(), "+1", NOW))
    world.github.say(7, "+1", by="ada")
    await world.outbox.approve(seen)
    await world.outbox.settled()
    assert world.github.said() == ["+1", "+1"]


async def test_labels_done_by_half_are_finished_and_not_taken_for_a_conflict(world: World) -> None:
    world.github.issues[7]["labels"] = [{"name": "ui"}]
    world.learn()
    world.github.troubles = [Trouble(applied=True, status=0), DROPPED]
    (sent,) = await world.sent(wish.relabel(world.item(), NOW, add=["bug"], remove=["ui"]))
    assert (sent.state, world.item().labels) == ("sent", ("bug",))
    assert [verb for verb, _, _ in world.github.writes] == ["POST", "DELETE"]


async def test_labels_done_by_half_and_then_refused_say_so_and_go_on_after_a_retry(world: World) -> None:
    world.github.issues[7]["labels"] = [{"name": "ui"}]
    world.learn()
    world.github.troubles = [Trouble(applied=True, status=0), Trouble(status=403)]
    (parked,) = await world.sent(wish.relabel(world.item(), NOW, add=["bug"], remove=["ui"]))
    assert parked.state == "parked"
    await world.outbox.retry(parked.id)
    await world.outbox.settled()
    assert (world.now(parked.id).state, world.item().labels) == ("sent", ("bug",))


async def test_a_label_that_somebody_adds_at_the_same_moment_survives(world: World) -> None:
    seen = await world.shown(wish.relabel(world.item(), NOW, add=["bug"]))
    whole = world.github.send

    def send(*asked: object) -> object:
        world.github.issues[7]["labels"].append({"name": "ui"})
        return whole(*asked)  # type: ignore[arg-type]

    world.github.send = send  # type: ignore[method-assign, assignment]
    await world.outbox.approve(seen)
    await world.outbox.settled()
    assert world.item().labels == ("ui", "bug")


async def test_what_github_silently_leaves_out_is_said(world: World) -> None:
    world.github.assignable.discard("ada")
    (parked,) = await world.sent(wish.reassign(world.item(), NOW, add=["ada"]))
    assert parked.state == "parked"
    assert parked.error == "GitHub left out: assignees. The token's owner may not set that in o/r."


async def test_a_new_issue_whose_labels_were_left_out_is_made_and_says_so(world: World) -> None:
    whole = world.github.open
    world.github.open = lambda *a, **k: whole(*a, **{**k, "labels": []})  # type: ignore[method-assign]
    repository = world.store.repositories()[0]
    (sent,) = await world.sent(wish.new_issue(repository, "New", "", NOW, labels=["bug"]))
    assert (sent.state, sent.item_number) == ("sent", 9)
    assert sent.error.startswith("GitHub left out: labels.")


async def test_writes_are_at_least_a_second_apart(world: World) -> None:
    world.github.issues[7]["labels"] = [{"name": "ui"}]
    world.learn()
    moments = []
    whole = world.github.send

    def send(*asked: object) -> object:
        moments.append(world.clock.now)
        return whole(*asked)  # type: ignore[arg-type]

    world.github.send = send  # type: ignore[method-assign, assignment]
    change = wish.relabel(world.item(), NOW, add=["bug"], remove=["ui"])
    await world.sent(change, wish.close(world.item(8), NOW), wish.comment(world.item(8), "x", NOW))
    assert [b - a for a, b in itertools.pairwise(moments)] == [timedelta(seconds=1)] * 3


async def test_changes_of_one_item_arrive_in_the_order_of_their_making(world: World) -> None:
    world.github.troubles = [UNAVAILABLE, UNAVAILABLE]
    wanted = [
        wish.comment(world.item(), "done, closing", NOW),
        wish.close(world.item(), NOW + timedelta(seconds=1)),
        wish.close(world.item(8), NOW + timedelta(seconds=2)),
    ]
    await world.sent(*reversed(wanted))
    paths = [path for _, path, _ in world.github.writes]
    assert paths.index("/7/comments") < paths.index("/7")


async def test_of_one_moment_what_is_said_is_said_before_it_is_closed(world: World) -> None:
    item = world.item()
    await world.sent(wish.close(item, NOW), wish.comment(item, "done", NOW), wish.retitle(item, "Better", NOW))
    assert [path for _, path, _ in world.github.writes] == ["/7", "/7/comments", "/7"]
    assert world.github.writes[0][2] == {"title": "Better"}


async def test_a_parked_change_does_not_hold_up_the_others(world: World) -> None:
    world.github.troubles = [Trouble(status=403)]
    parked, sent = await world.sent(
        wish.comment(world.item(), "hello", NOW), wish.close(world.item(), NOW + timedelta(seconds=1))
    )
    assert (parked.state, sent.state) == ("parked", "sent")


async def test_what_is_discarded_while_it_is_compared_is_not_sent(world: World) -> None:
    (seen,) = await world.shown(wish.close(world.item(), NOW))
    world.github.offline = True
    await world.outbox.approve([seen])
    await world.outbox.settled()
    world.github.offline = False
    whole = world.github.get

    def get(*asked: object) -> object:
        kept = world.now(seen.change.id)
        world.store.kept[kept.id] = replace(kept, state=ChangeState.DISCARDED)
        return whole(*asked)  # type: ignore[arg-type]

    world.github.get = get  # type: ignore[method-assign, assignment]
    await world.sync()
    assert world.github.writes == []


async def test_closing_the_program_ends_sending_between_two_writes(world: World) -> None:
    world.github.troubles = [UNAVAILABLE] * 9
    seen = await world.shown(wish.close(world.item(), NOW))
    await world.outbox.approve(seen)
    await world.outbox.close()
    assert world.now(seen[0].change.id).state in ("approved", "sending")
    await world.sync()
    assert world.now(seen[0].change.id).state in ("approved", "sending"), "nothing starts after the end"


def test_the_oldest_of_an_item_goes_first_and_the_others_wait_for_it() -> None:
    world = World()
    first = replace(wish.comment(world.item(), "one", NOW), next_try_at=NOW + timedelta(seconds=5))
    second, other = wish.close(world.item(), NOW), wish.close(world.item(8), NOW)
    assert next_due([], NOW) is None
    assert next_due([first, second], NOW) is None
    assert next_due([first, second, other], NOW) is other
    assert next_due([first, second, other], NOW + timedelta(seconds=5)) is first
