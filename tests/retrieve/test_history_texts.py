"""Bugs with their resolutions, deployments and accepted actions as texts: what each says, and whom it cites for what."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from galaxy_desktop.domain.evidence import EVIDENCE_ID, Evidence
from galaxy_desktop.domain.findings import Effort, FollowUp, Intervention, Progress
from galaxy_desktop.domain.history import closes, is_bug, past_deployments, resolved_bugs, undoes
from galaxy_desktop.domain.repository_facts import Deployment, PullCommit, PullCommits
from galaxy_desktop.domain.sprints import Snapshot
from galaxy_desktop.domain.work import ItemKind, Review, State
from galaxy_desktop.retrieve.columns import Wanted
from galaxy_desktop.retrieve.history_texts import history_groups
from galaxy_desktop.retrieve.index import Index
from galaxy_desktop.retrieve.texts import Text, groups_of


@pytest.fixture
def snapshot(make: SimpleNamespace) -> Snapshot:
    """A bug that a reviewed pull request fixed, and two deployments, the first with that fix."""
    seen = make.seen
    bug = replace(
        make.item(1, "Login fails on slow phones", "It shows nothing."), labels=("bug",), state=State.CLOSED,
        closed_at=seen + timedelta(days=1),
    )  # fmt: skip
    pull = replace(
        make.item(5, "Raise the timeout", "Fixes #1. Ten seconds."), kind=ItemKind.PULL_REQUEST, state=State.CLOSED,
        merged_at=seen + timedelta(days=1), url="https://github.example/o/r/pull/5",
    )  # fmt: skip
    review = Review(
        repository_id=1, repository="o/r", id=3, item_number=5, author=None, verdict="changes_requested",
        body="Five seconds are not enough.", submitted_at=seen, url="https://github.example/o/r/pull/5#r3", observed_at=seen,
    )  # fmt: skip
    step = PullCommit(sha="c0ffee1234", message="Wait ten seconds", author=None, authored_at=seen, committed_at=seen)
    steps = PullCommits(repository_id=1, repository="o/r", item_number=5, commits=(step,), total=1, observed_at=seen)
    told = {"repository_id": 1, "repository": "o/r", "environment": "production", "observed_at": seen, "ref": "main"}
    first = Deployment(
        id=8, sha="aa11", state="success", created_at=seen, updated_at=seen, url="https://github.example/d/8", **told
    )  # fmt: skip
    later = replace(first, id=9, sha="bb22", created_at=seen + timedelta(days=2), updated_at=seen + timedelta(days=2))
    return Snapshot(items=(bug, pull), reviews=(review,), pull_commits=(steps,), deployments=(first, later))


def texts(snapshot: Snapshot, *follow_ups: FollowUp) -> dict[str, Text]:
    return {text.id: text for group in history_groups(snapshot, follow_ups) for text in group.texts()}


def cited(text: Text) -> dict[str, str]:
    """Each line of a text by the evidence that it belongs to."""
    ends = [part.start for part in text.parts[1:]] + [len(text.body) + 1]
    return {part.evidence_id: text.body[part.start : end - 1] for part, end in zip(text.parts, ends, strict=True)}


def test_a_bug_is_told_with_its_resolution_and_every_line_has_its_evidence(snapshot: Snapshot) -> None:
    text = texts(snapshot)["issue:o/r#1/resolution"]
    assert text.title == "Bug “Login fails on slow phones” was fixed by “Raise the timeout”"
    assert (text.kind, text.evidence_id) == ("bug", "pr:o/r#5")
    told = cited(text)
    assert told["issue:o/r#1"].startswith("The bug o/r#1 “Login fails on slow phones” was reported")
    assert "Five seconds are not enough." in told["review:o/r#3"]
    assert told["commit:o/r@c0ffee1234"].endswith("Wait ten seconds")
    assert all(EVIDENCE_ID.match(one) for one in told)
    assert all(part.url for part in text.parts)


def test_a_deployment_carries_what_was_merged_since_the_one_before_it(snapshot: Snapshot) -> None:
    text = texts(snapshot)["deployment:o/r#9"]
    assert text.title == "Deployment of “main” to “production” on 2026-05-03: it ended with success"
    assert cited(text)["pr:o/r#5"] == "It carried o/r#5 “Raise the timeout”."


def test_a_hotfix_after_a_deployment_is_told_with_it(snapshot: Snapshot, make: SimpleNamespace) -> None:
    hasty = replace(make.commit("dd33", "Hotfix: empty carts"), committed_at=make.seen + timedelta(days=3))
    text = texts(replace(snapshot, commits=(hasty,)))["deployment:o/r#9"]
    assert text.title.endswith("and a revert or hotfix followed")
    assert "commit:o/r@dd33" in cited(text)
    assert text.changed_at >= hasty.committed_at, "it was not known before"


def test_a_deployment_without_a_result_is_not_told(snapshot: Snapshot) -> None:
    running = replace(snapshot, deployments=tuple(replace(one, state="") for one in snapshot.deployments))
    assert past_deployments(running) == ()


def followed(make: SimpleNamespace, **more: object) -> FollowUp:
    act = Intervention(
        id="review@1", recommendation_id="review", sprint_id="s", sprint_title="Sprint 27", kind="review_pull_request",
        summary="Review o/r#5.", item_ids=("pr:o/r#5",), effort=Effort.SMALL, accepted_at=make.seen, done_by=make.seen.date(),
        done_when="", probability=0.54, promised=0.09, due_on=None, planned_days=None, before=(),
        evidence=(Evidence("pr:o/r#5", "pr", "u", "Raise the timeout", make.seen),),
    )  # fmt: skip
    found = FollowUp(
        intervention=act, progress=Progress.DONE, sentence="Done on Sat 2 May; P moved +6.", done_at=make.seen,
        probability=0.61, without=0.55, seen=0.06, helped=True,
    )  # fmt: skip
    return replace(found, **more)


def test_an_accepted_action_tells_p_before_and_after_and_whether_it_helped(make: SimpleNamespace) -> None:
    (text,) = texts(Snapshot(), followed(make)).values()
    assert text.title == "Accepted action “Review o/r#5” in Sprint 27: it was done and helped"
    assert "P was 54 % when it was accepted, 61 % when it was done, 55 % without it at that moment." in text.body
    assert (text.kind, text.repository) == ("intervention", "o/r")


def test_an_action_that_was_taken_back_is_not_told(make: SimpleNamespace) -> None:
    assert texts(Snapshot(), followed(make, progress=Progress.WITHDRAWN)) == {}


def test_a_question_for_a_fix_finds_the_story_and_filters_by_kind(snapshot: Snapshot, index: Index) -> None:
    index.update([*groups_of(snapshot, ()), *history_groups(snapshot)])
    found = index.search("how was the login on phones fixed", 3)
    quotes = [one.evidence.quote for one in found]
    assert "Bug “Login fails on slow phones” was fixed by “Raise the timeout”" in quotes, "beside the bug itself"
    kinds = {one.text.kind for one in index.search("login", 9, Wanted(kinds=frozenset({"bug"})))}
    assert kinds == {"bug"}


def test_a_story_is_indexed_again_when_something_is_added_to_it(snapshot: Snapshot, index: Index) -> None:
    index.update(history_groups(snapshot))
    assert index.update(history_groups(snapshot)) == 0
    more = replace(snapshot.reviews[0], id=4, body="Now it is fine.")
    assert index.update(history_groups(replace(snapshot, reviews=(*snapshot.reviews, more)))) == 1


def test_a_bug_is_told_by_label_and_without_labels_by_its_title(make: SimpleNamespace) -> None:
    assert is_bug(make.item(1, "Crash on start"))
    assert is_bug(replace(make.item(1, "Odd colors"), labels=("type: bug",)))
    assert not is_bug(replace(make.item(1, "Crash course"), labels=("docs",)))
    assert not is_bug(make.item(1, "Add an export"))


def test_a_bug_nobody_says_anything_about_has_no_story(snapshot: Snapshot) -> None:
    assert resolved_bugs(replace(snapshot, items=snapshot.items[:1])) == ()


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("Fixes #12", ("o/r#12",)),
        ("closes: a/b#7 and fixes #8", ("a/b#7", "o/r#8")),
        ("Resolved https://github.com/A/B/issues/9.", ("a/b#9",)),
        ("prefixes #12, see #13", ()),
    ],
)
def test_githubs_own_words_close_an_issue(words: str, found: tuple[str, ...]) -> None:
    assert closes(words, "o/r") == found


def test_reverts_and_hotfixes_are_told_by_their_first_line() -> None:
    assert all(undoes(words) for words in ("Revert “x”", "hotfix for carts", "Roll back the cache", "hot-fix"))
    assert not undoes("Add a converter\n\nThis is no revert")


@given(st.text())
def test_no_text_breaks_the_reading_of_closing_words(words: str) -> None:
    assert all("#" in one for one in closes(words, "o/r"))
