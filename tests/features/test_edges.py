"""Dependency edges: sources, confidence, quoted words, and which of several edges stays."""

from __future__ import annotations

from typing import Any

import pytest

from galaxy_desktop.domain.evidence import EVIDENCE_ID
from galaxy_desktop.domain.facts import Dependency, EdgeKind
from galaxy_desktop.domain.repository_facts import ItemRef, LinkKind
from galaxy_desktop.features.compute import compute
from galaxy_desktop.features.edges import dependency_edges


def _edges(space: Any, kind: EdgeKind | None = None, **given: Any) -> list[Dependency]:
    found = dependency_edges(space.snapshot(), **given)
    return [e for e in found if kind is None or e.kind is kind]


def _pairs(edges: list[Dependency]) -> list[tuple[str, str]]:
    return [(e.source_id, e.target_id) for e in edges]


@pytest.mark.parametrize(
    "body",
    [
        "Fixes #2",
        "closes: #2",
        "This PR resolves o/r#2.",
        "Fixed https://github.com/o/r/issues/2",
        "A change.\n\nCloses #2\n",
        "and FIX #2",
    ],
)
def test_a_closing_keyword_of_a_pull_request_closes_the_issue(space: Any, body: str) -> None:
    space.pull(1, body)
    space.issue(2)
    (edge,) = _edges(space)
    assert (edge.source_id, edge.target_id, edge.kind) == ("pr:o/r#1", "issue:o/r#2", EdgeKind.CLOSES)
    assert (edge.source, edge.confidence) == ("closing keyword", 0.95)


@pytest.mark.parametrize(
    "body",
    [
        "This does not fix #2",
        "Doesn't close #2",
        "Does this fix #2?",
        "If this fixes #2 I will be glad",
        "This might fix #2",
        "Hotfix #2",
        "fixes the crash in #2",
        "`fixes #2`",
        "<!-- Fixes #2 -->",
        "> Fixes #2",
    ],
)
def test_what_only_sounds_like_closing_stays_a_mention_at_most(space: Any, body: str) -> None:
    space.pull(1, body)
    space.issue(2)
    assert _edges(space, EdgeKind.CLOSES) == []


def test_only_the_reference_right_after_the_keyword_is_closed(space: Any) -> None:
    space.pull(1, "Fixes #2, #3")
    space.issue(2)
    space.issue(3)
    assert _pairs(_edges(space, EdgeKind.CLOSES)) == [("pr:o/r#1", "issue:o/r#2")]
    assert _pairs(_edges(space, EdgeKind.MENTIONS)) == [("pr:o/r#1", "issue:o/r#3")]


def test_neither_issues_nor_comments_close_anything_and_pull_requests_are_not_closed(space: Any) -> None:
    space.issue(1, "Fixes #2")
    space.issue(2)
    pull = space.pull(3, "Fixes #4")
    space.pull(4)
    space.comment(pull, "Fixes #2")
    assert _edges(space, EdgeKind.CLOSES) == []


def test_a_keyword_in_a_title_counts_less_than_one_in_the_description(space: Any) -> None:
    space.pull(1, title="Fix #2: crash")
    space.issue(2)
    assert [e.confidence for e in _edges(space)] == [0.8]


def test_a_task_list_of_an_issue_makes_it_a_parent(space: Any) -> None:
    space.issue(1, "- [ ] #2\n- [x] o/s#3 done\n- [ ] write docs for #4\n- #5")
    for number in (2, 4, 5):
        space.issue(number)
    space.pull(3, repository="o/s")
    found = _edges(space, EdgeKind.PARENT)
    assert _pairs(found) == [("issue:o/r#1", "issue:o/r#2"), ("issue:o/r#1", "pr:o/s#3")]
    assert {e.source for e in found} == {"task list"}


def test_a_checklist_of_a_pull_request_contains_nothing(space: Any) -> None:
    space.pull(1, "- [x] #2")
    space.issue(2)
    assert [e.kind for e in _edges(space)] == [EdgeKind.MENTIONS]


def test_a_plain_reference_is_a_mention_with_low_confidence(space: Any) -> None:
    space.issue(1, "See #2, and again #2.")
    space.issue(2)
    (edge,) = _edges(space)
    assert (edge.kind, edge.source, edge.confidence) == (EdgeKind.MENTIONS, "cross-reference", 0.3)


def test_a_mention_is_left_out_where_something_stronger_connects_the_two(space: Any) -> None:
    item = space.issue(1, "Blocked by #2. As said in #2, it is hard.")
    space.issue(2)
    space.comment(item, "see #2")
    assert [e.kind for e in _edges(space)] == [EdgeKind.BLOCKS]


def test_the_surest_of_several_edges_stays(space: Any) -> None:
    item = space.issue(1)
    space.issue(2)
    space.comment(item, "This needs #2")
    assert [e.confidence for e in _edges(space)] == [0.75]
    space.comment(item, "Blocked by #2")
    assert [e.confidence for e in _edges(space)] == [0.85]
    space.link(item, LinkKind.BLOCKED_BY, ItemRef("o/r", 2))
    assert [e.confidence for e in _edges(space)] == [1.0]


def test_native_dependencies_need_no_text(space: Any) -> None:
    item = space.issue(1)
    space.link(item, LinkKind.BLOCKED_BY, ItemRef("X/y", 9, "Bring the API"), ItemRef("o/r", 1))
    (edge,) = _edges(space)
    assert edge.evidence[0].quote == "o/r#1 is blocked by X/y#9: Bring the API"
    assert (edge.source_id, edge.target_id, edge.source) == ("external:issue:x/y#9", "issue:o/r#1", "native")


def test_a_later_denial_takes_back_an_earlier_claim(space: Any) -> None:
    item = space.issue(1, "Blocked by #2")
    space.issue(2)
    space.comment(item, "No longer blocked by #2!", days_ago=2)
    assert _edges(space, EdgeKind.BLOCKS) == []
    space.comment(item, "Ah, still blocked by #2", days_ago=1)
    assert _pairs(_edges(space, EdgeKind.BLOCKS)) == [("issue:o/r#2", "issue:o/r#1")]


def test_items_of_repositories_that_are_not_tracked_are_external(space: Any) -> None:
    space.issue(1, "Blocked by X/Lib#9 and https://github.com/x/lib/pull/9")
    (edge,) = _edges(space)
    assert (edge.source_id, edge.target_id) == ("external:issue:x/lib#9", "issue:o/r#1")
    assert edge.crosses_repositories


def test_tracked_repositories_are_found_whatever_the_case(space: Any) -> None:
    space.issue(1, "Blocked by O/S#2")
    space.issue(2, repository="o/s")
    assert _pairs(_edges(space)) == [("issue:o/s#2", "issue:o/r#1")]


def test_no_edge_to_itself_nor_to_what_does_not_exist(space: Any) -> None:
    space.issue(1, "Blocked by #1, o/r#1, #99 and o/s#1. See https://github.com/o/r/issues/1")
    assert _edges(space) == []


def test_the_evidence_quotes_the_words_and_names_where_they_stand(space: Any) -> None:
    item = space.issue(1, "First line.\nIt is late. This is blocked by #2 since May. More.")
    space.issue(2)
    (edge,) = _edges(space)
    assert edge.evidence[0].id == "issue:o/r#1"
    assert edge.evidence[0].quote.startswith("This is blocked by #2 since May.")
    assert edge.evidence[0].quote in item.body
    comment = space.comment(item, "blocked by #3")
    space.issue(3)
    assert _edges(space)[-1].evidence[0].id == comment.evidence_id


def test_an_event_of_a_cross_reference_is_a_mention(space: Any) -> None:
    item = space.issue(1)
    space.pull(2)
    space.event(item, "cross-referenced", 1, "https://github.com/o/r/pull/2")
    (edge,) = _edges(space)
    assert (edge.source_id, edge.target_id, edge.kind) == ("pr:o/r#2", "issue:o/r#1", EdgeKind.MENTIONS)
    assert edge.evidence[0].kind == "event"


def test_edges_do_not_depend_on_the_order_of_records(space: Any) -> None:
    item = space.issue(1, "Blocked by #2")
    space.issue(2, "See #3")
    space.pull(3, "Fixes #1")
    space.comment(item, "needs #3")
    first = dependency_edges(space.snapshot())
    space.items.reverse()
    space.comments.reverse()
    assert dependency_edges(space.snapshot()) == first


HOSTILE = [
    "\ue0010\ue002 blocks \ue001999\ue002 and #2",
    "blocked by" + " " * 60_000 + "x",
    "blocked by" + "*" * 60_000 + "x",
    "needs #2 " * 7_000,
    "- #2\n" * 12_000,
    "`" * 60_000,
    "`a" * 30_000,
    "<pre>" * 12_000,
    "<!--" * 15_000,
    "> " * 30_000,
    "\n" * 60_000,
    "given when " * 6_000,
    "a/" * 30_000 + "#2",
    "#2" * 30_000,
    "not, " * 12_000 + "blocked by #2",
    "is currently still " * 3_000 + "blocked by #2",
    "[" * 60_000,
]


@pytest.mark.parametrize("body", HOSTILE, ids=[repr(b[:12]) for b in HOSTILE])
def test_a_hostile_text_neither_breaks_nor_stops_the_reader(space: Any, body: str, now: Any) -> None:
    space.issue(1, body)
    space.issue(2)
    sprint = space.sprint()
    found = compute(space.snapshot(), sprint, now)
    assert len(found.items) == 2
    assert not any("999" in e.target_id for e in found.edges)


def test_a_sub_issue_is_a_part_of_its_parent_across_repositories(space: Any) -> None:
    parent = space.issue(1)
    space.issue(2, repository="o/s")
    space.link(parent, LinkKind.SUB_ISSUE, ItemRef("O/S", 2))
    (edge,) = _edges(space)
    assert (edge.source_id, edge.target_id, edge.kind) == ("issue:o/r#1", "issue:o/s#2", EdgeKind.PARENT)
    assert (edge.source, edge.confidence) == ("native", 1.0)


def test_a_link_to_a_number_that_a_tracked_repository_does_not_have_is_dropped(space: Any) -> None:
    item = space.issue(1)
    space.link(item, LinkKind.BLOCKED_BY, ItemRef("o/s", 77))
    assert not _edges(space)


def test_links_of_an_item_that_is_not_stored_are_ignored(space: Any) -> None:
    item = space.issue(1)
    space.items.clear()
    space.link(item, LinkKind.BLOCKED_BY, ItemRef("x/y", 9))
    assert not _edges(space)


# --- messages of commits


def test_a_closing_keyword_in_a_commit_closes_the_issue_a_little_less_surely(space: Any) -> None:
    space.issue(2)
    pull = space.pull(1)
    listed = space.pushed(pull, "Start", "Handle empty input\n\nFixes #2")
    (edge,) = _edges(space)
    assert (edge.source_id, edge.target_id, edge.kind) == ("pr:o/r#1", "issue:o/r#2", EdgeKind.CLOSES)
    assert (edge.source, edge.confidence) == ("closing keyword", 0.9)
    (words,) = edge.evidence
    assert (words.id, words.kind, words.quote) == (f"commit:o/r@{listed.commits[1].sha}", "commit", "Fixes #2")
    assert EVIDENCE_ID.match(words.id)


def test_the_description_says_it_more_surely_than_a_commit_and_takes_it_back(space: Any) -> None:
    for number in (2, 3):
        space.issue(number)
    pull = space.pull(1, "Fixes #2. This does not depend on #3.")
    space.pushed(pull, "Fixes #2", "Depends on #3")
    assert [(e.target_id, e.confidence, e.evidence[0].kind) for e in _edges(space, EdgeKind.CLOSES)] == [
        ("issue:o/r#2", 0.95, "pr")
    ]
    assert _edges(space, EdgeKind.BLOCKS) == []


@pytest.mark.parametrize(
    "message", ["Merge pull request #2 from x", "Merge branch dev, fixes #2", 'Revert "Fixes #2"', "See #2"]
)
def test_merges_reverts_and_bare_references_of_commits_say_nothing(space: Any, message: str) -> None:
    space.issue(2)
    space.pushed(space.pull(1), message)
    assert _edges(space) == []


def test_a_commit_that_waits_for_something_says_so(space: Any) -> None:
    space.issue(2)
    space.pushed(space.pull(1), "Use the new client\n\nBlocked by #2")
    assert _pairs(_edges(space, EdgeKind.BLOCKS)) == [("issue:o/r#2", "pr:o/r#1")]
