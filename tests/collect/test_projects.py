"""Boards: read whole when they moved, once for all repositories, and free while nothing moves."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from galaxy_desktop.collect.marks import planned_numbers
from galaxy_desktop.collect.projects import NO_PERMISSION, read_boards
from galaxy_desktop.collect.reading import note_of
from galaxy_desktop.domain.projects import Board
from galaxy_desktop.errors import BrokenAnswerError, NoAccessError
from tests.collect.fakes import NOW, FakeRepository, MemoryStore
from tests.collect.graph import GraphGitHub, Project, card, drained, reading_of

SPRINT = [("it1", "Sprint 1", "2026-05-04", 14)]
OVER = [("it0", "Sprint 0", "2026-04-20", 14)]
FIELDS = [
    {"__typename": "ProjectV2SingleSelectField", "id": "F2", "name": "Status", "dataType": "SINGLE_SELECT"},
    {"__typename": "ProjectV2Field", "id": "F3", "name": "Estimate", "dataType": "NUMBER"},
    {"__typename": "ProjectV2Field", "id": "F4", "name": "Budget", "dataType": "NUMBER"},
]


def values(iteration: str = "it1", status: str = "In progress", points: float = 3) -> dict[str, dict[str, Any]]:
    return {
        "Sprint": {"__typename": "ProjectV2ItemFieldIterationValue", "iterationId": iteration},
        "Status": {"__typename": "ProjectV2ItemFieldSingleSelectValue", "name": status},
        "Estimate": {"__typename": "ProjectV2ItemFieldNumberValue", "number": points},
        "Budget": {"__typename": "ProjectV2ItemFieldNumberValue", "number": 900},
    }


def github_with(*items: dict[str, Any]) -> GraphGitHub:
    """A GitHub with one board."""
    github = GraphGitHub(FakeRepository())
    github.projects = [Project(iterations=SPRINT, over=OVER, fields=FIELDS, items=list(items))]
    return github


def read(github: GraphGitHub, store: MemoryStore, **later: int) -> list[Board]:
    """One pass; returns the boards that were read in it."""
    github.queries.clear()
    github.log.clear()
    pages = drained(read_boards(reading_of(github, store, NOW + timedelta(**later))), store)
    return [record for page in pages for record in page.records if isinstance(record, Board)]


class Described(GraphGitHub):
    """Has the REST description of its boards too."""

    def _answer(self, path: str, query: dict[str, str], url: str) -> tuple[int, dict[str, str], str]:
        if path.startswith("/orgs/o/projectsV2/"):
            (found,) = [one for one in self.projects if path.endswith(f"/{one.number}")]
            return self._tagged({"number": found.number, "updated_at": found.updated}, {})
        return super()._answer(path, query, url)


def test_a_board_is_read_with_iterations_items_and_fields() -> None:
    (board,) = read(github_with(card(7, **values()), card(8, archived=True, **values("it0"))), MemoryStore())
    assert [(i.title, i.starts_on, i.days, i.completed) for i in board.iterations] == [
        ("Sprint 1", date(2026, 5, 4), 14, False),
        ("Sprint 0", date(2026, 4, 20), 14, True),
    ]
    first, second = board.items
    assert (first.repository_id, first.item_number, first.iteration_id) == (1, 7, "it1")
    assert (first.status, first.points, first.archived, second.archived) == ("In progress", 3.0, False, True)
    assert (board.owner, board.number, board.closed) == ("o", 1, False)


def test_drafts_and_hidden_items_are_left_out() -> None:
    draft = card(1, {"__typename": "DraftIssue", "title": "idea"})
    (board,) = read(github_with(draft, card(2, {}), card(3)), MemoryStore())
    assert [item.item_number for item in board.items] == [3]


def test_a_board_without_fields_still_has_its_items() -> None:
    github = GraphGitHub(FakeRepository())
    github.projects = [Project(items=[card(3)])]
    (board,) = read(github, MemoryStore())
    assert board.iterations == ()
    assert (board.items[0].iteration_id, board.items[0].points) == (None, None)


def test_250_items_are_three_pages() -> None:
    github = github_with(*(card(n, **values()) for n in range(1, 251)))
    (board,) = read(github, MemoryStore())
    assert len(board.items) == 250
    assert len(github.queries) == 5


def test_fewer_items_are_asked_where_github_does_not_get_it_done() -> None:
    github = github_with(*(card(n) for n in range(1, 120)))
    answered = github.graphql

    def graphql(query: str, variables: Any, *, entity: str = "") -> Any:
        if variables.get("first") == 100:
            raise BrokenAnswerError("502")
        return answered(query, variables, entity=entity)

    github.graphql = graphql
    (board,) = read(github, MemoryStore())
    assert len(board.items) == 119


def test_a_repository_without_boards_is_looked_at_once_a_week() -> None:
    github, store = GraphGitHub(FakeRepository()), MemoryStore()
    asked = []
    for days in (0, 1, 6, 8):
        read(github, store, days=days)
        asked.append(len(github.queries) + len(github.log))
    assert asked == [1, 0, 0, 1]


def test_a_board_at_rest_costs_304s_where_github_describes_it() -> None:
    github, store = Described(FakeRepository()), MemoryStore()
    github.projects = [Project(iterations=SPRINT)]
    read(github, store)
    read(github, store, minutes=1)
    assert read(github, store, minutes=30) == []
    assert [status for _, status in github.log] == [304]
    assert not github.queries


def test_a_board_that_moved_is_read_at_the_next_poll() -> None:
    github, store = Described(FakeRepository()), MemoryStore()
    github.projects = [Project(iterations=SPRINT)]
    read(github, store)
    read(github, store)
    github.projects[0].updated = "2026-05-06T11:00:00Z"
    github.projects[0].items = [card(7, **values())]
    (board,) = read(github, store, minutes=1)
    assert [item.item_number for item in board.items] == [7]
    assert read(github, store, minutes=2) == []


def test_elsewhere_one_question_every_ten_minutes_tells_whether_it_moved() -> None:
    github, store = github_with(card(7)), MemoryStore()
    read(github, store)
    asked = []
    for minutes in (5, 9, 10, 15, 20):
        github.projects[0].updated = "2026-05-06T11:00:00Z"
        read(github, store, minutes=minutes)
        asked.append(len(github.queries))
    assert asked == [0, 0, 3, 0, 1]


def test_a_token_without_the_permission_is_told_which_and_asked_again_later() -> None:
    github, store = github_with(), MemoryStore()
    github.hidden = True
    read(github, store)
    note = note_of(store.cursors[1, "boards"])
    assert note["why"] == NO_PERMISSION
    assert isinstance(note["absent"], str)
    read(github, store, minutes=59)
    assert not github.queries
    github.hidden = False
    assert len(read(github, store, days=1)) == 1
    assert "absent" not in note_of(store.cursors[1, "boards"])


def test_a_refusal_is_an_absence_too() -> None:
    github, store = github_with(), MemoryStore()
    github.broken = [NoAccessError("INSUFFICIENT_SCOPES")]
    assert read(github, store) == []
    assert note_of(store.cursors[1, "boards"])["why"] == NO_PERMISSION


def test_a_board_that_was_deleted_does_not_hide_the_others() -> None:
    github, store = github_with(card(7)), MemoryStore()
    github.projects.append(Project(id="PVT_2", number=2, iterations=SPRINT))
    read(github, store)
    for one in github.projects:
        one.updated = "2026-05-06T11:00:00Z"
    gone, github.projects = github.projects[0], github.projects[1:]
    assert [board.number for board in read(github, store, minutes=11)] == [2]
    assert gone.id in note_of(store.cursors[1, "boards"])["boards"]


class SharingStore(MemoryStore):
    """Knows what is stored of boards, as the real store does."""

    def board_updated_at(self, project_id: str) -> datetime | None:
        return next((one.updated_at for one in self.of_kind(Board) if one.id == project_id), None)

    def planned_items(self, repository_id: int, today: date) -> frozenset[int]:
        _ = today
        return frozenset(
            i.item_number for b in self.of_kind(Board) for i in b.items if i.repository_id == repository_id
        )


def test_a_board_that_another_repository_read_is_not_read_again() -> None:
    github, store = github_with(card(7, **values())), SharingStore()
    board_of_two = Project(iterations=SPRINT, fields=FIELDS, items=[card(7, **values())])
    github.projects = [board_of_two]
    read(github, store)
    store.cursors.clear()
    assert read(github, store) == []
    assert len(github.queries) == 1
    assert planned_numbers(reading_of(github, store)) == {7}


class KnowingStore(SharingStore):
    """Knows which repositories are here, too."""

    here = frozenset({1})

    def repository_ids(self) -> frozenset[int]:
        return self.here

    def board_holds(self, project_id: str, repository_id: int) -> bool:
        held = (item for one in self.of_kind(Board) if one.id == project_id for item in one.items)
        return any(item.repository_id == repository_id for item in held)


def of_second(number: int) -> dict[str, Any]:
    return card(
        number,
        {"__typename": "Issue", "number": number, "repository": {"databaseId": 2, "nameWithOwner": "o/two"}},
        **values(),
    )


def test_items_of_repositories_that_are_not_here_are_left_out_of_a_board() -> None:
    github, store = github_with(card(7, **values()), of_second(8)), KnowingStore()
    (board,) = read(github, store)
    assert [item.item_number for item in board.items] == [7]


def test_a_board_that_was_read_before_a_repository_came_is_read_once_more_for_it() -> None:
    github, store = github_with(of_second(8), card(7, **values())), KnowingStore()
    store.here = frozenset({2})
    read(github, store)
    store.here, store.cursors = frozenset({1, 2}), {}
    (board,) = read(github, store)
    assert sorted(item.item_number for item in board.items) == [7, 8]
    assert read(github, store) == []


def test_items_of_iterations_that_are_not_over_are_planned() -> None:
    github, store = github_with(card(7, **values()), card(8, **values("it0")), card(9)), MemoryStore()
    read(github, store)
    assert planned_numbers(reading_of(github, store, datetime(2026, 5, 17, tzinfo=UTC))) == {7}


def test_a_kill_before_a_board_was_stored_reads_it_again() -> None:
    github, store = github_with(card(7)), MemoryStore()
    store.apply(next(read_boards(reading_of(github, store))))
    assert len(read(github, store, minutes=1)) == 1
