"""Rings, chains, blocked items."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from galaxy_desktop.domain.facts import Dependency, EdgeKind
from galaxy_desktop.features import graph


def _edge(source: str, target: str, kind: EdgeKind = EdgeKind.BLOCKS) -> Dependency:
    return Dependency(
        source_id=f"issue:o/r#{source}", target_id=f"issue:o/r#{target}", kind=kind, source="text", confidence=0.9
    )


def _numbers(ring: tuple[str, ...]) -> str:
    return "".join(i.partition("#")[2] for i in ring)


@pytest.mark.parametrize(
    ("edges", "rings"),
    [
        ("", []),
        ("12 23", []),
        ("12 21", ["12"]),
        ("23 31 12", ["123"]),
        ("12 21 34 43", ["12", "34"]),
        ("12 23 31 21", ["12", "123"]),
    ],
)
def test_rings_begin_with_their_smallest_item_and_are_sorted(edges: str, rings: list[str]) -> None:
    assert [_numbers(ring) for ring in graph.cycles([_edge(*pair) for pair in edges.split()])] == rings


def test_only_blocking_edges_make_a_ring() -> None:
    assert graph.cycles([_edge("1", "2"), _edge("2", "1", EdgeKind.MENTIONS)]) == ()


@given(st.lists(st.tuples(st.integers(1, 6), st.integers(1, 6)).filter(lambda p: p[0] != p[1]), max_size=14))
@settings(deadline=None, max_examples=100)
def test_every_ring_is_closed_and_the_order_of_edges_does_not_matter(pairs: list[tuple[int, int]]) -> None:
    edges = [_edge(str(a), str(b)) for a, b in pairs]
    rings = graph.cycles(edges)
    known = {(e.source_id, e.target_id) for e in edges}
    for ring in rings:
        assert ring[0] == min(ring)
        assert all(step in known for step in zip(ring, ring[1:] + ring[:1], strict=True))
    assert graph.cycles(edges[::-1]) == rings
    assert len(rings) <= len(known)


@pytest.mark.parametrize(
    ("edges", "ends", "chain"),
    [
        ("", "3", "3"),
        ("12 23", "3", "123"),
        ("12 23", "2", "12"),
        ("13 23 12", "3", "123"),
        ("12 21 23", "3", "123"),
        ("45", "1", "1"),
    ],
)
def test_depth_is_the_longest_chain_that_ends_in_the_sprint(edges: str, ends: str, chain: str) -> None:
    found = graph.depth([_edge(*pair) for pair in edges.split()], [f"issue:o/r#{n}" for n in ends])
    assert _numbers(found) == chain


def _features(space: Any) -> dict[str, Any]:
    view = space.view()
    active = graph.active_edges(view)
    return {f.name: f for f in graph.features(view, active, graph.cycles(active))}


def test_an_item_is_blocked_only_while_its_blocker_is_open(space: Any) -> None:
    space.issue(1, "Blocked by #2 and #3")
    space.issue(2, closed=space.ago(1))
    space.issue(3, milestone_number=None)
    found = _features(space)
    assert found["blocked_items"].value == 1
    assert found["blocking_edges"].value == 1
    assert found["dependency_depth"].value == 2
    assert found["blocked_items"].evidence[0].quote == "Blocked by #2 and #3"


def test_external_items_are_shown_but_do_not_block(space: Any) -> None:
    space.issue(1, "Blocked by x/y#3")
    found = _features(space)
    assert found["blocked_items"].value == 0
    assert found["cross_repository_edges"].value == 1


def test_mentions_are_no_dependencies_across_repositories(space: Any) -> None:
    space.issue(1, "See x/y#3")
    assert _features(space)["cross_repository_edges"].value == 0


def test_two_items_that_wait_for_each_other_are_a_ring(space: Any) -> None:
    space.issue(1, "Blocked by #2")
    space.issue(2, "Blocked by #1")
    found = _features(space)
    assert found["cycles"].value == 1
    assert {e.id for e in found["cycles"].evidence} == {"issue:o/r#1", "issue:o/r#2"}


def test_without_items_the_graph_has_no_data(space: Any) -> None:
    assert {f.value for f in _features(space).values()} == {None}
