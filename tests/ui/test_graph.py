"""The layout of the dependency graph, and what it shows."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from galaxy_desktop.domain.facts import EdgeKind
from galaxy_desktop.ui.graph.layout import place, without_cycles
from galaxy_desktop.ui.graph.picture import (
    MOST_NODES,
    Link,
    Node,
    cycle_sentence,
    cycles_of,
    links_of,
    node_of,
    picture_of,
)
from galaxy_desktop.ui.graph.scene import GraphView, LinkItem, NodeItem
from galaxy_desktop.ui.theme import Look, Tone
from galaxy_desktop.ui.view import View
from tests.ui.samples import API, APP, WEB, edges

NODES = st.lists(st.sampled_from("abcdefghij"), unique=True, min_size=1)
EDGES = st.lists(st.tuples(st.sampled_from("abcdefghij"), st.sampled_from("abcdefghij")), max_size=25)
EVERY = frozenset(EdgeKind)


@settings(deadline=None, max_examples=60)
@given(NODES, EDGES)
def test_every_node_gets_a_place_and_no_two_the_same(nodes: list[str], links: list[tuple[str, str]]) -> None:
    places = place(nodes, links)
    assert set(places) == set(nodes)
    assert len({(p.layer, p.row) for p in places.values()}) == len(nodes)


@settings(deadline=None, max_examples=60)
@given(NODES, EDGES)
def test_edges_lead_to_the_right_once_cycles_are_turned(nodes: list[str], links: list[tuple[str, str]]) -> None:
    known = [(a, b) for a, b in dict.fromkeys(links) if a != b and {a, b} <= set(nodes)]
    places = place(nodes, links)
    for source, target in without_cycles(nodes, known):
        assert places[source].layer < places[target].layer


@settings(deadline=None, max_examples=30)
@given(NODES, EDGES)
def test_the_same_graph_is_always_drawn_the_same_way(nodes: list[str], links: list[tuple[str, str]]) -> None:
    assert place(nodes, links) == place(nodes, links)


def test_a_chain_is_a_line() -> None:
    places = place("abc", [("a", "b"), ("b", "c")])
    assert [places[n].layer for n in "abc"] == [0, 1, 2]
    assert len({places[n].row for n in "abc"}) == 1


def test_two_pairs_do_not_cross() -> None:
    places = place(["a", "b", "x", "y"], [("a", "y"), ("b", "x")])
    assert (places["a"].row < places["b"].row) == (places["y"].row < places["x"].row)


def test_an_empty_graph_has_no_places() -> None:
    assert place([], []) == {}


def test_edges_that_hold_work_up_come_first_and_say_so(view: View) -> None:
    links = links_of(view, EVERY, only_open=False)
    assert links[0].critical
    assert links[0].holding
    assert links[0].sentence == "api#17 blocks web#41, critical"


def test_closed_work_is_hidden_unless_asked_for(view: View) -> None:
    touching = [k for k in links_of(view, EVERY, only_open=True) if k.edge.source_id == f"issue:{API}#12"]
    assert touching == []
    assert len(links_of(view, EVERY, only_open=False)) == len(edges())


def test_kinds_can_be_switched_off(view: View) -> None:
    assert {k.relation for k in links_of(view, frozenset({EdgeKind.CLOSES}), only_open=False)} == {"closes"}


def test_a_blocked_item_names_what_it_waits_for(view: View) -> None:
    node = node_of(view, f"issue:{WEB}#41")
    assert (node.state, node.tone) == ("Blocked by api#17", Tone.BAD)


def test_an_item_of_an_untracked_repository_says_so(view: View) -> None:
    node = node_of(view, "external:issue:payco/gateway#3")
    assert node.external
    assert node.state == "Not tracked"


def test_a_closed_item_is_done(view: View) -> None:
    assert node_of(view, f"issue:{API}#12").state == "Done"


def test_a_cycle_is_named_once_in_order(view: View) -> None:
    assert len(cycles_of(view)) == 1
    said = cycle_sentence(cycles_of(view)[0])
    assert said == "In a circle: web#44 → api#23 → web#44. None of them can be finished first."


def test_too_large_a_graph_says_how_much_is_left_out(view: View) -> None:
    edge = edges()[0]
    many = [
        Link(replace(edge, source_id=f"issue:{API}#{n}", target_id=f"issue:{API}#{n + 1}"), "blocks", False, False)
        for n in range(MOST_NODES + 20)
    ]
    picture = picture_of(view, many)
    assert len(picture.nodes) == MOST_NODES
    assert picture.left_out == 21


def graph(look: Look, view: View, qtbot: QtBot) -> tuple[GraphView, list[Node], list[Link]]:
    """The drawn graph, and what was opened in it."""
    nodes: list[Node] = []
    links: list[Link] = []
    drawn = GraphView(look, nodes.append, links.append)
    qtbot.addWidget(drawn)
    drawn.resize(900, 600)
    drawn.draw(picture_of(view, links_of(view, EVERY, only_open=False)))
    return drawn, nodes, links


def test_every_node_and_edge_is_drawn(look: Look, view: View, qtbot: QtBot) -> None:
    drawn, _, _ = graph(look, view, qtbot)
    items = drawn.scene().items()
    assert sum(isinstance(i, LinkItem) for i in items) == len(edges())
    assert {i.node.name for i in items if isinstance(i, NodeItem)} >= {"api#17", "gateway#3"}


def test_news_without_change_leaves_the_drawing_alone(look: Look, view: View, qtbot: QtBot) -> None:
    drawn, _, _ = graph(look, view, qtbot)
    before = set(map(id, drawn.scene().items()))
    drawn.zoom(1.2)
    scale = drawn.transform().m11()
    drawn.draw(picture_of(view, links_of(view, EVERY, only_open=False)))
    assert drawn.transform().m11() == scale
    assert len(before) == len(drawn.scene().items())


def test_a_click_on_a_card_opens_it(look: Look, view: View, qtbot: QtBot) -> None:
    drawn, nodes, _ = graph(look, view, qtbot)
    drawn.show()
    item = next(i for i in drawn.scene().items() if isinstance(i, NodeItem) and i.node.name == "web#41")
    drawn.fit()
    at = drawn.mapFromScene(item.sceneBoundingRect().center())
    from PySide6.QtCore import Qt

    qtbot.mouseClick(drawn.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert [n.name for n in nodes] == ["web#41"]


def test_zoom_stays_within_reason(look: Look, view: View, qtbot: QtBot) -> None:
    drawn, _, _ = graph(look, view, qtbot)
    for _ in range(40):
        drawn.zoom(1.3)
    assert drawn.transform().m11() <= 2.0
    for _ in range(80):
        drawn.zoom(0.7)
    assert drawn.transform().m11() >= 0.25


def test_the_long_name_is_there_whole_on_hover(look: Look, view: View, qtbot: QtBot) -> None:
    drawn, _, _ = graph(look, view, qtbot)
    tips = [i.toolTip() for i in drawn.scene().items() if isinstance(i, NodeItem)]
    assert any(APP.rpartition("/")[2] in tip for tip in tips)
