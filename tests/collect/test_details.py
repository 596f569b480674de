"""What only a single pull request tells: asked for few, once a version, and never again where it is not offered."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from galaxy_desktop.collect import nodes
from galaxy_desktop.collect.details import NEWEST, read_details
from galaxy_desktop.collect.graphql import pulls_query
from galaxy_desktop.collect.reading import Reading
from galaxy_desktop.collect.records import stamp
from galaxy_desktop.domain.repository_facts import PullCommits
from galaxy_desktop.domain.work import Commit, Person, Repository, Review, WorkItem
from galaxy_desktop.errors import BrokenAnswerError
from tests.collect.fakes import NOW, FakeGitHub, FakeRepository, Fault, MemoryStore, at, pull, pull_commit
from tests.collect.graph import GraphGitHub, drained, reading_of

DAY = 1440
REPO = Repository(id=1, full_name="o/r", url="https://github.com/o/r")
Ask = Callable[[], list[str]]


@pytest.fixture
def ask(github: FakeGitHub, reading: Reading, store: MemoryStore) -> Ask:
    """Ask for details, store them, and tell which single things were asked."""

    def run() -> list[str]:
        github.log.clear()
        for page in read_details(reading):
            store.apply(page)
        return [url.partition("/pulls/")[2].partition("&")[0] for url, _ in github.log if "/pulls/" in url]

    return run


def offer(github: FakeGitHub, number: int) -> None:
    review: dict[str, Any] = {"id": 70 + number, "state": "APPROVED", "user": None, "body": "", "html_url": "u"}
    details = github.repositories[0].details
    details[f"/pulls/{number}/files"] = [{"filename": "a.py"}, {"filename": "b.py"}]
    details[f"/pulls/{number}/reviews"] = [review | {"submitted_at": at(1)}]
    details[f"/pulls/{number}/commits"] = [pull_commit("a", 1), pull_commit("b", 2)]


def each(*numbers: int) -> list[str]:
    """Everything that is asked of these pull requests."""
    return [f"{number}{part}" for number in numbers for part in ("", "/files", "/reviews", "/commits")]


def test_size_files_reviews_and_commits_are_stored(github: FakeGitHub, store: MemoryStore, ask: Ask) -> None:
    github.repositories[0].pulls = [pull(1, additions=5, deletions=2)]
    offer(github, 1)
    assert ask() == each(1)
    (item,) = store.of_kind(WorkItem)
    assert (item.additions, item.deletions, item.files) == (5, 2, ("a.py", "b.py"))
    assert [review.verdict for review in store.of_kind(Review)] == ["approved"]
    (commits,) = store.of_kind(PullCommits)
    assert [(one.sha, one.author, stamp(one.committed_at)) for one in commits.commits] == [
        ("a", Person(1, "dev1"), at(1)),
        ("b", Person(1, "dev1"), at(2)),
    ]
    assert store.of_kind(Commit) == []


def test_a_quiet_repository_costs_304s_only(github: FakeGitHub, ask: Ask) -> None:
    github.repositories[0].pulls = [pull(1)]
    offer(github, 1)
    ask()
    assert ask() == []
    assert {status for _, status in github.log} == {304}


def test_only_what_changed_is_asked_again(github: FakeGitHub, ask: Ask) -> None:
    github.repositories[0].pulls = [pull(1), pull(2)]
    offer(github, 1)
    offer(github, 2)
    ask()
    github.repositories[0].pulls[0] = pull(1, 9)
    assert ask() == each(1)


def test_what_several_in_a_row_are_refused_is_not_offered(github: FakeGitHub, store: MemoryStore, ask: Ask) -> None:
    github.repositories[0].pulls = [pull(n) for n in (1, 2, 3, 4)]
    assert ask() == [*each(4, 3, 2), "1"]
    assert [item.files for item in store.of_kind(WorkItem)] == [None] * 4
    assert store.of_kind(PullCommits) == []
    github.repositories[0].pulls[0] = pull(1, 9)
    assert ask() == ["1"]


def test_one_that_hides_its_files_does_not_switch_the_files_off(
    github: FakeGitHub, store: MemoryStore, ask: Ask
) -> None:
    github.repositories[0].pulls = [pull(n) for n in (1, 2, 3)]
    for number in (1, 2, 3):
        offer(github, number)
    github.faults.append(Fault("/pulls/3/files", times=1, status=404))
    assert ask() == each(3, 2, 1)
    assert {item.number: item.files for item in store.of_kind(WorkItem)} == {
        3: None, 2: ("a.py", "b.py"), 1: ("a.py", "b.py"),
    }  # fmt: skip


def test_a_kill_in_the_middle_loses_no_details(
    github: FakeGitHub, reading: Reading, store: MemoryStore, ask: Ask
) -> None:
    github.repositories[0].pulls = [pull(n) for n in (1, 2, 3)]
    store.apply(next(read_details(reading)))
    assert [number for number in ask() if "/" not in number] == ["2", "1"]


def test_a_deleted_pull_request_is_gone(github: FakeGitHub, store: MemoryStore, ask: Ask) -> None:
    github.repositories[0].pulls = [pull(1)]
    github.faults.append(Fault("/pulls/1$", status=410))
    ask()
    assert store.gone == {"pr:o/r#1"}


def test_one_that_may_not_be_seen_is_no_error(github: FakeGitHub, store: MemoryStore, ask: Ask) -> None:
    github.repositories[0].pulls = [pull(1), pull(2)]
    github.faults.append(Fault("/pulls/2$", status=404))
    ask()
    assert [item.number for item in store.of_kind(WorkItem)] == [1]
    assert ask() == []


def test_old_pull_requests_are_left_alone_unless_a_sprint_has_them(
    github: FakeGitHub, store: MemoryStore, ask: Ask
) -> None:
    fresh, old = pull(1, 100 * DAY), pull(2, 10 * DAY)
    planned = pull(3, 20 * DAY, milestone={"number": 1, "state": "open"})
    over = pull(4, 20 * DAY, milestone={"number": 2, "state": "closed"})
    github.repositories[0].pulls = [fresh, planned, over, old]
    ask()
    assert sorted(item.number for item in store.of_kind(WorkItem)) == [1, 3]


def test_few_are_asked_however_many_are_open(github: FakeGitHub, store: MemoryStore, ask: Ask) -> None:
    github.repositories[0].pulls = [pull(n, 1000 - n) for n in range(1, 80)]
    ask()
    assert sorted(item.number for item in store.of_kind(WorkItem)) == list(range(1, NEWEST + 1))


def test_without_open_pull_requests_nothing_is_asked(ask: Ask) -> None:
    assert ask() == []


def test_a_change_in_the_very_second_of_the_answer_is_met_by_the_next_read(
    github: FakeGitHub, store: MemoryStore, ask: Ask
) -> None:
    github.repositories[0].pulls = [pull(1, updated_at="2026-05-06T12:00:00Z")]  # now, by GitHub's clock
    offer(github, 1)
    ask()
    github.repositories[0].details["/pulls/1/files"].append({"filename": "c.py"})
    assert ask() == each(1)
    (item,) = store.of_kind(WorkItem)
    assert item.files == ("a.py", "b.py", "c.py")


# --- commits


def world(*commits: dict[str, Any], **more: Any) -> FakeRepository:
    """One pull request with these commits."""
    found = FakeRepository(pulls=[pull(1, additions=1, deletions=1, **more)])
    found.details = {"/pulls/1/files": [], "/pulls/1/reviews": [], "/pulls/1/commits": list(commits)}
    return found


def commits_of(github: FakeGitHub) -> list[PullCommits]:
    store = MemoryStore()
    drained(read_details(reading_of(github, store)), store)
    return store.of_kind(PullCommits)


def test_both_ways_give_the_same_commits() -> None:
    rows = [
        pull_commit("b", 5),
        pull_commit("a", 2, author=None),
        pull_commit("c", 5, author={"id": 9, "login": "robot[bot]", "type": "Bot"}),
    ]
    rest, graph = (commits_of(kind(world(*rows))) for kind in (FakeGitHub, GraphGitHub))
    assert rest == graph
    assert [(one.sha, one.author.login if one.author else None) for one in graph[0].commits] == [
        ("b", "dev1"),
        ("a", None),
        ("c", "robot[bot]"),
    ]


def test_graphql_needs_no_request_more_for_commits() -> None:
    github = GraphGitHub(world(pull_commit("a")))
    commits_of(github)
    assert (github.asked_graphql("pull requests"), github.asked("/pulls/1")) == (1, [])


def test_more_commits_than_one_answer_holds_are_read_through_rest() -> None:
    github = GraphGitHub(world(*(pull_commit(f"{n:040x}", n) for n in range(101))))
    (found,) = commits_of(github)
    assert (len(found.commits), found.total) == (101, 101)
    assert github.asked("/pulls/1/commits")


def test_of_a_very_long_pull_request_it_is_known_how_much_is_not_listed() -> None:
    """GitHub lists 250 at most, and its description counts them all."""
    github = FakeGitHub(world(*(pull_commit(f"{n:040x}", n) for n in range(250)), commits=300))
    (found,) = commits_of(github)
    assert (len(found.commits), found.total) == (250, 300)
    assert len(github.asked("/pulls/1/commits")) == 3


def test_a_commit_that_a_force_push_dropped_is_in_the_list_no_more(
    github: FakeGitHub, store: MemoryStore, ask: Ask
) -> None:
    github.repositories[0] = world(pull_commit("a"), pull_commit("b"))
    ask()
    github.repositories[0] = world(pull_commit("c"), updated_at=at(9))
    ask()
    (found,) = store.of_kind(PullCommits)
    assert [one.sha for one in found.commits] == ["c"]


@pytest.mark.parametrize("kind", [FakeGitHub, GraphGitHub])
def test_versions_that_were_asked_without_commits_are_asked_once_more(kind: type[FakeGitHub]) -> None:
    github, store = kind(world(pull_commit("a"))), MemoryStore()
    drained(read_details(reading_of(github, store)), store)
    cursor = store.cursors[1, "details"]
    note = {key: value for key, value in json.loads(cursor.note).items() if key != "facts"}
    store.cursors[1, "details"] = replace(cursor, note=json.dumps(note))
    asked = []
    for _ in range(3):
        store.records.clear()
        drained(read_details(reading_of(github, store)), store)
        asked.append(len(store.of_kind(PullCommits)))
    assert asked == [1, 0, 0]


def test_an_update_of_the_program_that_is_killed_goes_on_where_it_was() -> None:
    github, store = FakeGitHub(FakeRepository(pulls=[pull(n) for n in (1, 2, 3)])), MemoryStore()
    for number in (1, 2, 3):
        offer(github, number)
    drained(read_details(reading_of(github, store)), store)
    cursor = store.cursors[1, "details"]
    note = {key: value for key, value in json.loads(cursor.note).items() if key != "facts"}
    store.cursors[1, "details"] = replace(cursor, note=json.dumps(note))
    store.apply(next(iter(read_details(reading_of(github, store)))))
    github.log.clear()
    drained(read_details(reading_of(github, store)), store)
    assert not github.asked("/pulls/3")
    assert len(github.asked("/commits")) == 2


def test_a_token_that_may_not_read_commits_is_asked_without_them() -> None:
    """GraphQL then gives nothing of a pull request, and REST refuses that one list."""

    class Narrow(GraphGitHub):
        def graphql(self, query: str, variables: Mapping[str, Any], *, entity: str = "graphql") -> Mapping[str, Any]:
            if "pullCommits" in query:
                self.queries.append((entity, variables))
                return {"repository": {}}
            return super().graphql(query, variables, entity=entity)

    numbers = range(1, 4)
    github, store = Narrow(FakeRepository(pulls=[pull(n) for n in numbers])), MemoryStore()
    for number in numbers:
        offer(github, number)
        del github.repositories[0].details[f"/pulls/{number}/commits"]
    drained(read_details(reading_of(github, store)), store)
    github.log.clear()
    github.repositories[0].pulls = [pull(n, 9, additions=7, deletions=1) for n in numbers]
    drained(read_details(reading_of(github, store)), store)
    assert github.asked("/pulls/") == []
    assert {item.additions for item in store.of_kind(WorkItem)} == {7}
    assert store.of_kind(PullCommits) == []


def test_commits_that_may_not_be_seen_are_not_taken_for_none() -> None:
    """Nodes that are hidden come as null, and only the count gives them away."""
    node: dict[str, Any] = {"number": 1, "commits": {"totalCount": 2, "nodes": [None, None], "pageInfo": {}}}
    with pytest.raises(nodes.CutOffError):
        nodes.commits(node, REPO, NOW)


def test_a_commit_without_its_fields_is_a_broken_answer(github: FakeGitHub, store: MemoryStore, ask: Ask) -> None:
    github.repositories[0] = world({"sha": "a", "commit": {"message": 5}})
    with pytest.raises(BrokenAnswerError):
        ask()
    assert store.of_kind(PullCommits) == []


def test_a_question_without_commits_does_not_mention_them() -> None:
    assert "ommits" in pulls_query([1])
    assert "ommits" not in pulls_query([1], commits=False)
