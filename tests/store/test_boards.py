"""Boards are replaced whole, and the store knows since when an item is in its iteration."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from galaxy_desktop.collect.marks import KnowsBoards, KnowsRepositories
from galaxy_desktop.store.database import Store

NUMBERS = itertools.count()


def look(store: Store, make: Any, *boards: Any) -> None:
    for board in boards:
        store.apply(make.page(board)).result()


def since(store: Store) -> dict[int, datetime | None]:
    return {item.item_number: item.since for board in store.snapshot().boards for item in board.items}


def test_a_board_comes_back_as_it_was(filled: Store, make: Any) -> None:
    board = make.board({1: "A", 2: None})
    look(filled, make, board)
    assert filled.snapshot().boards == (board,)


def test_what_left_a_board_is_told_by_its_absence(filled: Store, make: Any) -> None:
    look(filled, make, make.board({1: "A", 2: "A"}), make.board({2: "A"}, seen=1), make.board({1: "A"}, seen=0.5))
    (board,) = filled.snapshot().boards
    assert [item.item_number for item in board.items] == [2]
    assert board.observed_at == make.hour(1)


def test_an_item_that_was_on_two_pages_is_there_once(filled: Store, make: Any) -> None:
    (item,) = make.board({1: "A"}).items
    moved = replace(item, iteration_id="B", updated_at=make.hour(1))
    for order in ((item, moved), (moved, item)):
        look(filled, make, replace(make.board(), items=order))
        assert filled.snapshot().boards[0].items == (moved,)


def test_a_board_without_an_item_of_a_tracked_repository_is_left_out(filled: Store, make: Any) -> None:
    board = make.board({1: "A"})
    foreign = tuple(replace(item, repository_id=7) for item in board.items)
    look(filled, make, replace(board, items=foreign))
    assert filled.snapshot().boards == ()


def test_items_there_at_the_first_look_have_no_since(filled: Store, make: Any) -> None:
    look(filled, make, make.board({1: "A"}), make.board({1: "A"}, seen=1))
    assert since(filled) == {1: None}


def test_an_item_that_came_later_is_there_since_it_was_first_seen(filled: Store, make: Any) -> None:
    look(filled, make, make.board({1: "A"}), make.board({1: "A", 2: "A"}, seen=1), make.board({1: "A", 2: "A"}, seen=2))
    assert since(filled) == {1: None, 2: make.hour(1)}


def test_a_move_is_seen_at_the_first_look_after_it(filled: Store, make: Any) -> None:
    look(filled, make, *(make.board({1: "A" if n < 2 else "B"}, seen=n) for n in range(5)))
    assert since(filled) == {1: make.hour(2)}


def test_an_item_that_came_back_is_there_since_its_return(filled: Store, make: Any) -> None:
    look(filled, make, *(make.board({1: name}, seen=n) for n, name in enumerate(["A", "A", "B", "A", "A"])))
    assert since(filled) == {1: make.hour(3)}


def test_no_iteration_is_a_place_too(filled: Store, make: Any) -> None:
    look(filled, make, make.board({1: None}), make.board({1: "A"}, seen=1), make.board({1: None}, seen=2))
    assert since(filled) == {1: make.hour(2)}


def test_a_look_that_comes_late_counts_where_it_belongs(filled: Store, make: Any) -> None:
    look(filled, make, make.board({1: "A"}, seen=0), make.board({1: "B"}, seen=4), make.board({1: "B"}, seen=2))
    assert since(filled) == {1: make.hour(2)}


def told_by_the_rule(places: list[str | None]) -> int | None:
    """The look from which on the item is where it is now; none when that is the first."""
    first = max((n + 1 for n, place in enumerate(places) if place != places[-1]), default=0)
    return first or None


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), places=st.lists(st.sampled_from([None, "A", "B"]), min_size=1, max_size=6))
def test_since_is_the_same_whatever_the_order_of_looks(
    filled: Store, make: Any, data: st.DataObject, places: list[str | None]
) -> None:
    number = f"P{next(NUMBERS)}"
    boards = [replace(make.board({1: place}, seen=n), id=number) for n, place in enumerate(places)]
    boards = [replace(b, iterations=tuple(replace(i, project_id=number) for i in b.iterations)) for b in boards]
    look(filled, make, *data.draw(st.permutations(boards + boards[:2])))
    (board,) = (one for one in filled.snapshot().boards if one.id == number)
    expected = told_by_the_rule(places)
    assert board.items[0].since == (None if expected is None else make.hour(expected))


def test_pruning_old_looks_moves_no_since(filled: Store, make: Any) -> None:
    look(filled, make, *(make.board({1: "A" if n < 5 else "B", 2: "A"}, seen=n) for n in range(10)))
    before = since(filled)
    removed = filled.prune(make.hour(0) + timedelta(days=200)).result()
    assert (removed, since(filled)) == (7, before)


def test_readers_learn_what_is_stored_of_a_board(filled: Store, make: Any) -> None:
    board = make.board({1: "A", 2: None, 3: "B"})
    over = replace(board.iterations[0], id="B", completed=True)
    look(filled, make, replace(board, iterations=(*(one for one in board.iterations if one.id == "A"), over)))
    repository_id, last = board.items[0].repository_id, board.iterations[0].last_day
    assert filled.board_updated_at(board.id) == board.updated_at
    assert filled.board_updated_at("PVT_other") is None
    assert filled.planned_items(repository_id, last) == {1}
    assert filled.planned_items(repository_id, last + timedelta(days=1)) == frozenset()
    assert isinstance(filled, KnowsBoards)
    assert isinstance(filled, KnowsRepositories)
    assert filled.repository_ids() == {repository_id}
    assert [filled.board_holds(board.id, number) for number in (repository_id, 99)] == [True, False]
