"""The outbox as a person meets it: drafts, a difference to look at, approval as shown, conflicts, second thoughts."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
import pytest_asyncio

from galaxy_desktop.domain import change_making as wish
from galaxy_desktop.domain.changes import Change, ChangeState
from galaxy_desktop.domain.events import DraftsCompared
from galaxy_desktop.errors import WrongUseError
from galaxy_desktop.services.outbox import Outbox
from galaxy_desktop.ui.desks import OutboxDesk
from tests.services.outbox_world import NOW, Trouble, World


@pytest_asyncio.fixture
async def world() -> AsyncIterator[World]:
    made = World()
    yield made
    await made.outbox.close()


def later(minutes: float = 1) -> timedelta:
    return timedelta(minutes=minutes)


def test_the_outbox_has_the_face_that_the_window_asks_for() -> None:
    for name, wanted in inspect.getmembers(OutboxDesk, inspect.isfunction):
        if not name.startswith("_"):
            has = inspect.signature(getattr(Outbox, name)).parameters
            assert set(inspect.signature(wanted).parameters) <= set(has), name
            assert inspect.iscoroutinefunction(getattr(Outbox, name)) == inspect.iscoroutinefunction(wanted), name


async def test_a_draft_is_kept_and_never_sent_without_being_seen(world: World) -> None:
    await world.outbox.draft(wish.close(world.item(), NOW))
    await world.sync()
    assert [one.state for one in world.outbox.changes()] == ["draft"]
    assert world.github.writes == []


async def test_what_was_seen_and_approved_is_sent_and_the_screen_knows(world: World) -> None:
    (sent,) = await world.sent(wish.close(world.item(), NOW))
    assert world.github.writes == [("PATCH", "/7", {"state": "closed", "state_reason": "completed"})]
    assert (sent.state, sent.url, sent.error) == ("sent", "https://github.com/o/r/issues/7", "")
    assert not world.item().is_open
    assert world.states() == ["draft", "approved", "sending", "sent"]


async def test_a_comparison_shows_the_difference_and_when_github_was_asked(world: World) -> None:
    (seen,) = await world.shown(wish.retitle(world.item(), "Better", NOW))
    assert seen.lines == ("- Item 7", "+ Better")
    assert (seen.theirs, seen.merged, seen.conflict, seen.seen_at) == ("Item 7", "Better", "", NOW)


async def test_offline_it_is_compared_with_the_local_copy(world: World) -> None:
    world.github.offline = True
    seen = await world.shown(wish.retitle(world.item(), "Better", NOW), wish.close(world.item(8), NOW))
    assert [(one.lines[-1], one.seen_at) for one in seen] == [("+ Better", None), ("+ closed as completed", None)]
    assert world.github.asked == ["/repos/o/r"], "asking once is enough"


async def test_what_was_compared_offline_is_not_approved(world: World) -> None:
    world.github.offline = True
    seen = await world.shown(wish.retitle(world.item(), "Better", NOW))
    with pytest.raises(WrongUseError, match="o/r#7 was compared with the local copy only"):
        await world.outbox.approve(seen)
    await world.outbox.settled()
    assert world.now(seen[0].change.id).state == "draft"


async def test_drafts_are_compared_once_github_answers_again(world: World) -> None:
    world.outbox.disconnected()
    drafts = [await world.outbox.draft(wish.retitle(world.item(n), "Mine", NOW)) for n in (7, 8)]
    world.github.issues[7]["title"] = "Theirs"
    await world.sync()
    assert [world.now(one.id).state for one in drafts] == ["conflict", "draft"]
    assert world.now(drafts[0].id).theirs == "Theirs"
    assert [e for e in world.events if isinstance(e, DraftsCompared)] == [DraftsCompared(2, 1)]
    assert world.github.writes == []
    asked = len(world.github.asked)
    await world.sync()
    assert len(world.github.asked) == asked, "once is enough while GitHub goes on answering"


async def test_drafts_are_not_taken_for_compared_while_github_is_away(world: World) -> None:
    world.outbox.disconnected()
    draft = await world.outbox.draft(wish.retitle(world.item(), "Mine", NOW))
    world.github.issues[7]["title"] = "Theirs"
    world.github.offline = True
    await world.sync()
    assert [e for e in world.events if isinstance(e, DraftsCompared)] == []
    world.github.offline = False
    await world.sync()
    assert world.now(draft.id).state == "conflict"


async def test_drafts_of_an_earlier_start_are_compared_without_a_word(world: World) -> None:
    draft = await world.outbox.draft(wish.retitle(world.item(), "Mine", NOW))
    world.github.issues[7]["title"] = "Theirs"
    await world.restarted()
    await world.sync()
    assert world.now(draft.id).state == "conflict"
    assert [e for e in world.events if isinstance(e, DraftsCompared)] == []


async def test_a_conflict_can_be_worded_anew_against_what_github_has(world: World) -> None:
    draft = await world.outbox.draft(wish.retitle(world.item(), "Mine", NOW))
    world.github.issues[7]["title"] = "Theirs"
    (seen,) = await world.outbox.compare([draft.id])
    await world.outbox.edit(replace(seen.change, mine="Mine and theirs"))
    again = world.now(draft.id)
    assert (again.state, again.base, again.mine, again.error) == ("draft", "Theirs", "Mine and theirs", "")
    await world.outbox.approve(await world.outbox.compare([draft.id]))
    await world.outbox.settled()
    assert world.github.issues[7]["title"] == "Mine and theirs"


async def test_approved_and_then_cut_off_waits_without_using_up_attempts_and_is_sent_on_reconnect(world: World) -> None:
    world.github.offline = True
    (waiting,) = await world.sent(wish.retitle(world.item(), "Better", NOW))
    for _ in range(6):
        await world.sync()
    waiting = world.now(waiting.id)
    assert (waiting.state, waiting.attempts, waiting.sending_since) == ("approved", 0, None)
    assert waiting.error.startswith("GitHub cannot be reached")
    world.github.offline = False
    await world.sync()
    assert world.now(waiting.id).state == "sent"
    assert world.github.issues[7]["title"] == "Better"


async def test_what_moved_after_the_approval_becomes_a_conflict_and_is_not_sent(world: World) -> None:
    world.github.offline = True
    (waiting,) = await world.sent(wish.retitle(world.item(), "Mine", NOW))
    world.github.issues[7]["title"] = "Theirs"
    world.github.offline = False
    await world.sync()
    conflict = world.now(waiting.id)
    assert (conflict.state, conflict.theirs, conflict.approved_digest) == ("conflict", "Theirs", "")
    assert conflict.error == "o/r#7 changed after you approved this: it is now “Theirs”. Look at it again."
    assert world.github.writes == []
    assert [e.what for e in world.store.log] == ["change of title approved", "change of title expired"]


async def test_a_conflict_kept_as_mine_is_based_on_theirs_seen_again_and_sent(world: World) -> None:
    draft = await world.outbox.draft(wish.retitle(world.item(), "Mine", NOW))
    world.github.issues[7]["title"] = "Theirs"
    (seen,) = await world.outbox.compare([draft.id])
    assert seen.conflict.startswith("The title was changed meanwhile, from “Item 7” to “Theirs”.")
    with pytest.raises(WrongUseError, match="o/r#7 has a conflict: The title was changed"):
        await world.outbox.approve([seen])
    await world.outbox.resolve(draft.id, keep_mine=True)
    again = world.now(draft.id)
    assert (again.state, again.base, again.mine) == ("draft", "Theirs", "Mine")
    await world.outbox.approve(await world.outbox.compare([draft.id]))
    await world.outbox.settled()
    assert world.github.issues[7]["title"] == "Mine"


async def test_a_conflict_let_go_is_not_sent(world: World) -> None:
    draft = await world.outbox.draft(wish.retitle(world.item(), "Mine", NOW))
    world.github.issues[7]["title"] = "Theirs"
    await world.outbox.compare([draft.id])
    await world.outbox.resolve(draft.id, keep_mine=False)
    await world.sync()
    assert world.now(draft.id).state == "discarded"
    assert world.outbox.changes() == ()
    assert world.github.writes == []


async def test_a_conflict_that_dissolved_is_done(world: World) -> None:
    draft = await world.outbox.draft(wish.retitle(world.item(), "Mine", NOW))
    world.github.issues[7]["title"] = "Theirs"
    await world.outbox.compare([draft.id])
    world.github.issues[7]["title"] = "Mine"
    await world.outbox.resolve(draft.id, keep_mine=True)
    assert world.now(draft.id).state == "sent"
    assert world.github.writes == []


async def test_a_conflict_kept_as_mine_does_not_lose_their_other_lines(world: World) -> None:
    draft = await world.outbox.draft(wish.rewrite(world.item(), "MINE\n\nlast line", NOW))
    world.github.issues[7]["body"] = "theirs\n\nlast line\nand more"
    await world.outbox.compare([draft.id])
    await world.outbox.resolve(draft.id, keep_mine=True)
    assert world.now(draft.id).mine == "MINE\n\nlast line\nand more"


async def test_labels_that_moved_after_the_approval_are_looked_at_again_and_then_hold_together(world: World) -> None:
    world.github.offline = True
    (waiting,) = await world.sent(wish.relabel(world.item(), NOW, add=["bug"]))
    world.github.issues[7]["labels"] = [{"name": "ui"}]
    world.github.offline = False
    await world.sync()
    assert (world.now(waiting.id).state, world.github.writes) == ("conflict", [])
    (seen,) = await world.outbox.compare([waiting.id])
    assert (seen.change.state, seen.lines) == ("draft", ("+ bug", "  ui"))
    await world.outbox.approve([seen])
    await world.outbox.settled()
    assert world.item().labels == ("ui", "bug")


async def test_labels_of_two_people_hold_together(world: World) -> None:
    draft = await world.outbox.draft(wish.relabel(world.item(), NOW, add=["bug"]))
    world.github.issues[7]["labels"] = [{"name": "ui"}]
    (seen,) = await world.outbox.compare([draft.id])
    assert (seen.merged, seen.conflict) == (("bug", "ui"), "")
    await world.outbox.approve([seen])
    await world.outbox.settled()
    assert world.github.writes == [("POST", "/7/labels", {"labels": ["bug"]})]
    assert world.item().labels == ("ui", "bug")


async def test_one_label_takes_the_place_of_another(world: World) -> None:
    world.github.issues[7]["labels"] = [{"name": "ui"}, {"name": "bug"}]
    world.learn()
    await world.sent(wish.relabel(world.item(), NOW, add=["ready to ship"], remove=["ui"]))
    assert world.item().labels == ("bug", "ready to ship")


async def test_what_is_so_already_is_done_without_sending(world: World) -> None:
    world.github.issues[7]["state"] = "closed"
    (done,) = await world.sent(wish.close(world.item(), NOW))
    assert (done.state, done.error) == ("sent", "It was so already: nothing had to be sent.")
    assert world.github.writes == []


async def test_a_comment_says_that_the_item_was_closed_or_locked_and_is_sent(world: World) -> None:
    world.github.issues[7].update(state="closed", locked=True)
    (seen,) = await world.shown(wish.comment(world.item(), "hello", NOW))
    assert seen.lines == (
        "+ hello",
        "  It is locked: only people who may write to the repository can comment.",
        "  It was closed as completed meanwhile.",
    )
    await world.outbox.approve([seen])
    await world.outbox.settled()
    assert world.github.said() == ["hello"]


async def test_a_pull_request_is_closed_without_a_reason(world: World) -> None:
    world.github.issues[7]["pull_request"] = {"merged_at": None}
    world.learn()
    await world.sent(wish.close(world.item(), NOW))
    assert world.github.writes == [("PATCH", "/7", {"state": "closed"})]


async def test_a_new_issue_is_made_and_stored_with_its_number(world: World) -> None:
    repository = world.store.repositories()[0]
    change = wish.new_issue(repository, "New", "text", NOW, labels=["bug"], assignees=["ada"])
    (seen,) = await world.shown(change)
    assert seen.lines == ("+ Title: New", "+ Labels: bug", "+ Assignees: ada", "+ text")
    await world.outbox.approve([seen])
    await world.outbox.settled()
    made = world.now(change.id)
    assert (made.state, made.item_number, made.url) == ("sent", 9, "https://github.com/o/r/issues/9")
    assert world.item(9).title == "New"


@pytest.mark.parametrize(
    ("upset", "words"),
    [
        (lambda w: w.github.gone.update({7: 404}), "no longer shows o/r#7"),
        (lambda w: w.github.gone.update({7: 410}), "no longer shows o/r#7"),
        (lambda w: w.github.issues[7].update(repository_url="https://x/repos/o/other"), "was moved to o/other#7"),
        (lambda w: w.github.repository.update(archived=True), "archived and read-only"),
        (lambda w: w.github.labels.clear(), "has no label “bug” any more"),
        (
            lambda w: (w.github.issues[7].update(locked=True), w.github.repository.update(permissions={"push": False})),
            "locked and you may not write there",
        ),
    ],
)
async def test_an_item_that_cannot_be_changed_is_a_conflict_with_what_to_do(
    world: World, upset: object, words: str
) -> None:
    draft = await world.outbox.draft(wish.relabel(world.item(), NOW, add=["bug"]))
    upset(world)  # type: ignore[operator]
    (seen,) = await world.outbox.compare([draft.id])
    assert words in seen.conflict
    assert world.now(draft.id).state == "conflict"
    with pytest.raises(WrongUseError):
        await world.outbox.resolve(draft.id, keep_mine=True)


async def test_a_person_unknown_there_is_told_before_sending(world: World) -> None:
    (seen,) = await world.shown(wish.reassign(world.item(), NOW, add=["nobody"]))
    assert seen.conflict.startswith("nobody cannot be assigned in o/r.")


async def test_a_milestone_closed_meanwhile_is_told_before_sending(world: World) -> None:
    world.github.milestones[1]["state"] = "closed"
    world.store.names.append("x")
    repository = world.store.repositories()[0]
    change = replace(wish.new_issue(repository, "New", "", NOW), milestone=1)
    world.store.keep_change(change)
    (seen,) = await world.outbox.compare([change.id])
    assert seen.conflict == "The milestone “Sprint 1” was closed meanwhile. Choose an open one."


async def test_only_the_very_form_shown_can_be_approved(world: World) -> None:
    (seen,) = await world.shown(wish.retitle(world.item(), "Better", NOW))
    with pytest.raises(WrongUseError, match="not as it was shown"):
        await world.outbox.approve([replace(seen, lines=("+ something else",))])
    await world.restarted()
    with pytest.raises(WrongUseError, match="not as it was shown"):
        await world.outbox.approve([seen])
    assert world.github.writes == []


async def test_what_was_edited_after_it_was_shown_is_not_approved(world: World) -> None:
    (seen,) = await world.shown(wish.retitle(world.item(), "Better", NOW))
    await world.outbox.edit(replace(seen.change, mine="Best"))
    with pytest.raises(WrongUseError, match="not as it was shown"):
        await world.outbox.approve([seen])
    assert [e.what for e in world.store.log] == ["change of title edited"]


async def test_of_many_one_that_fails_leaves_the_others(world: World) -> None:
    seen = await world.shown(wish.close(world.item(), NOW), wish.close(world.item(8), NOW))
    await world.outbox.discard(seen[0].change.id, "not that one")
    with pytest.raises(WrongUseError, match="o/r#7 cannot be approved: it is discarded"):
        await world.outbox.approve(seen)
    await world.outbox.settled()
    assert [path for _, path, _ in world.github.writes] == ["/8"]
    assert world.store.log[0].after == "not that one"


async def test_a_second_wish_for_a_field_rewords_the_first(world: World) -> None:
    first = await world.outbox.draft(wish.relabel(world.item(), NOW, add=["bug"]))
    second = await world.outbox.draft(wish.relabel(world.item(), NOW + later(), add=["ui"]))
    assert (second.id, second.mine) == (first.id, ("bug", "ui"))
    await world.outbox.draft(wish.retitle(world.item(), "One", NOW))
    await world.outbox.draft(wish.retitle(world.item(), "Two", NOW + later()))
    assert sorted(str(one.mine) for one in world.outbox.changes()) == ["('bug', 'ui')", "Two"]


async def test_a_wish_taken_back_leaves_nothing(world: World) -> None:
    first = await world.outbox.draft(wish.relabel(world.item(), NOW, add=["bug"]))
    labelled = replace(world.item(), labels=("bug",))
    second = await world.outbox.draft(wish.relabel(labelled, NOW + later(), remove=["bug"]))
    assert (second.id, second.state) == (first.id, "discarded")
    assert world.outbox.changes() == ()


async def test_an_agent_does_not_reword_the_draft_of_a_person_but_a_person_that_of_an_agent(world: World) -> None:
    await world.outbox.draft(wish.retitle(world.item(), "Mine", NOW))
    with pytest.raises(WrongUseError, match="has a draft of user for this already"):
        await world.outbox.draft(wish.retitle(world.item(), "Better", NOW, who="pm"))
    await world.outbox.draft(wish.retitle(world.item(8), "Better", NOW, who="pm"))
    mine = await world.outbox.draft(wish.retitle(world.item(8), "Best", NOW))
    assert (mine.who, mine.mine) == ("user", "Best")


async def test_rewording_an_approved_change_ends_its_approval(world: World) -> None:
    world.github.offline = True
    (waiting,) = await world.sent(wish.relabel(world.item(), NOW, add=["bug"]))
    again = await world.outbox.draft(wish.relabel(world.item(), NOW + later(), add=["ui"]))
    assert (again.id, again.state, again.approved_digest) == (waiting.id, "draft", "")
    world.github.offline = False
    await world.sync()
    assert world.github.writes == []


async def test_several_comments_stay_several(world: World) -> None:
    for minutes in range(2):
        await world.outbox.draft(wish.comment(world.item(), "same words", NOW + later(minutes)))
    assert len(world.outbox.changes()) == 2


async def test_a_double_click_makes_one_change(world: World) -> None:
    change = wish.comment(world.item(), "hello", NOW)
    (sent,) = await world.sent(change)
    assert await world.outbox.draft(change) == sent
    assert len(world.outbox.changes()) == 1


async def test_a_parked_change_is_tried_again_as_it_was(world: World) -> None:
    world.github.troubles = [Trouble(status=403)]
    (parked,) = await world.sent(wish.close(world.item(), NOW))
    assert parked.state == "parked"
    await world.outbox.retry(parked.id)
    await world.outbox.settled()
    assert world.now(parked.id).state == "sent"


async def test_a_parked_change_can_be_edited_and_is_a_draft_again(world: World) -> None:
    world.github.troubles = [Trouble(status=422, body={"message": "no"})]
    (parked,) = await world.sent(wish.retitle(world.item(), "Bad", NOW))
    edited = await world.outbox.edit(replace(parked, mine="Good"))
    assert (edited.state, edited.mine, edited.error, edited.attempts) == ("draft", "Good", "", 0)


async def test_what_may_have_been_sent_cannot_be_edited(world: World) -> None:
    world.github.troubles = [Trouble()] * 4
    world.github.troubles += [Trouble(status=502)] * 4
    (parked,) = await world.sent(wish.comment(world.item(), "hello", NOW))
    with pytest.raises(WrongUseError, match="Nobody knows yet whether GitHub took"):
        await world.outbox.edit(replace(parked, mine="other"))
    await world.outbox.discard(parked.id)


@pytest.mark.parametrize("state", [ChangeState.APPROVED, ChangeState.SENT, ChangeState.SENDING])
async def test_what_is_approved_or_sent_cannot_be_edited(world: World, state: ChangeState) -> None:
    change = replace(wish.retitle(world.item(), "Better", NOW), state=state)
    world.store.keep_change(change)
    with pytest.raises(WrongUseError, match=f"o/r#7 cannot be edited now: it is {state}"):
        await world.outbox.edit(replace(change, mine="Best"))


@pytest.mark.parametrize(("state", "words"), [(ChangeState.SENDING, "at this moment"), (ChangeState.SENT, "already")])
async def test_what_is_sent_cannot_be_discarded(world: World, state: ChangeState, words: str) -> None:
    change = replace(wish.retitle(world.item(), "Better", NOW), state=state)
    world.store.keep_change(change)
    with pytest.raises(WrongUseError, match=words):
        await world.outbox.discard(change.id)


async def test_asking_for_what_does_not_fit_is_refused_in_words(world: World) -> None:
    draft = await world.outbox.draft(wish.close(world.item(), NOW))
    with pytest.raises(WrongUseError, match="not parked: it is draft"):
        await world.outbox.retry(draft.id)
    with pytest.raises(WrongUseError, match="no conflict: it is draft"):
        await world.outbox.resolve(draft.id, keep_mine=True)
    with pytest.raises(WrongUseError, match="not there any more"):
        await world.outbox.compare(["unknown"])


async def test_choices_are_what_the_repository_has(world: World) -> None:
    labels, milestones, people = world.outbox.choices("O/R")
    assert [one.name for one in labels] == ["bug", "ui", "ready to ship"]
    assert (milestones, [one.login for one in people]) == ((), ["ada", "grace"])
    with pytest.raises(WrongUseError, match="not tracked"):
        world.outbox.choices("o/other")


async def test_an_item_is_found_by_its_evidence_id(world: World) -> None:
    assert world.outbox.item("issue:o/r#7") == world.item()
    assert world.outbox.item("pr:O/R#8") == world.item(8)
    assert [world.outbox.item(one) for one in ("issue:o/x#7", "issue:o/r#99", "milestone:o/r#7")] == [None] * 3
    assert [one.full_name for one in world.outbox.repositories()] == ["o/r"]


async def test_a_change_of_an_agent_is_sent_only_after_a_person_approved_it(world: World) -> None:
    change: Change = wish.close(world.item(), NOW, who="pm")
    (sent,) = await world.sent(change)
    assert (sent.who, sent.approved_by) == ("pm", "user")


async def test_a_new_token_is_used_from_the_next_call(world: World) -> None:
    await world.shown(wish.close(world.item(), NOW))
    world.outbox.token_changed()
    await world.shown(wish.close(world.item(8), NOW))
    assert world.github.closed == 1
