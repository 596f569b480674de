"""Every GraphQL question we send, against GitHub's published schema: valid, within its limits, and answered by it."""

from __future__ import annotations

from pathlib import Path

import pytest
from graphql import GraphQLSchema, build_schema, get_named_type, parse, validate
from graphql.language import FieldNode, IntValueNode, SelectionSetNode, print_ast

from galaxy_desktop.collect import checks, details, graphql, timeline
from galaxy_desktop.collect.checks import read_checks
from galaxy_desktop.collect.details import read_details
from galaxy_desktop.collect.projects import read_boards
from galaxy_desktop.domain.projects import Board
from galaxy_desktop.domain.work import WorkItem
from tests.collect import graph
from tests.collect.fakes import FakeRepository, MemoryStore, pull
from tests.collect.graph import GraphGitHub, Project, card, drained, reading_of

SHAS = [f"{n:040x}" for n in range(checks.BATCH)]
QUESTIONS = {
    "pull requests": graphql.pulls_query(range(1, details.BATCH + 1)),
    "pull requests without commits": graphql.pulls_query(range(1, details.BATCH + 1), commits=False),
    "checks": graphql.rollups_query(SHAS),
    "timelines": graphql.mentions_query(range(1, timeline.BATCH + 1)),
    "commits": graphql.HISTORY,
    "deployments": graphql.DEPLOYMENTS,
    "boards": graphql.BOARDS,
    "board stamps": graphql.BOARD_STAMPS,
    "board fields": graphql.BOARD_FIELDS,
    "board items": graphql.BOARD_ITEMS,
}
MOST_NODES = 500_000
HUNDRED = 100


@pytest.fixture(scope="module")
def schema(graphql_schema_file: Path) -> GraphQLSchema:
    """GitHub's own schema; it breaks small rules of the language, so its own soundness is not checked."""
    text = graphql_schema_file.read_text(encoding="utf-8")
    return build_schema(text, assume_valid=True, assume_valid_sdl=True)


@pytest.mark.parametrize("topic", QUESTIONS)
def test_github_would_accept_the_question(schema: GraphQLSchema, topic: str) -> None:
    assert [error.message for error in validate(schema, parse(QUESTIONS[topic]))] == []


@pytest.mark.parametrize("topic", QUESTIONS)
def test_the_schema_that_tests_run_on_is_a_part_of_githubs(topic: str) -> None:
    assert [error.message for error in validate(graph.own_schema(), parse(QUESTIONS[topic]))] == []


def test_every_field_of_our_schema_has_githubs_type(schema: GraphQLSchema) -> None:
    wrong = []
    for name, kind in graph.own_schema().type_map.items():
        theirs = schema.type_map.get(name)
        for field_name, field in getattr(kind, "fields", {}).items():
            known = getattr(theirs, "fields", {}).get(field_name)
            if theirs and not name.startswith("__") and known is None:
                wrong.append(f"{name}.{field_name}")
            elif known is not None and get_named_type(known.type).name in graph.own_schema().type_map:
                same = get_named_type(known.type).name == get_named_type(field.type).name
                wrong += [] if same or f"{name}.{field_name}" in RENAMED else [f"{name}.{field_name}: {known.type}"]
    assert wrong == []


RENAMED = {"ProjectV2.owner"}
"""GitHub's type of it is an interface that organizations and users share; ours is theirs in short."""


def nodes_of(selection: SelectionSetNode | None, times: int, fragments: dict[str, SelectionSetNode]) -> int:
    """How many nodes GitHub counts for a selection that is asked `times` times."""
    total = 0
    for one in selection.selections if selection else ():
        if isinstance(one, FieldNode):
            asked = [a for a in one.arguments or () if a.name.value == "first"]
            first = 1
            if asked:
                value = asked[0].value
                first = int(value.value) if isinstance(value, IntValueNode) else HUNDRED
                total += times * first
            total += nodes_of(one.selection_set, times * first, fragments)
        elif hasattr(one, "name"):
            total += nodes_of(fragments[one.name.value], times, fragments)
        else:
            total += nodes_of(one.selection_set, times, fragments)
    return total


@pytest.mark.parametrize("topic", QUESTIONS)
def test_no_question_comes_near_githubs_limit_of_nodes(topic: str) -> None:
    document = parse(QUESTIONS[topic])
    fragments = {d.name.value: d.selection_set for d in document.definitions if d.kind == "fragment_definition"}
    (question,) = [d for d in document.definitions if d.kind == "operation_definition"]
    assert 0 <= nodes_of(question.selection_set, 1, fragments) < MOST_NODES / 10, print_ast(document)


def lists_of(selection: SelectionSetNode | None, fragments: dict[str, SelectionSetNode]) -> int:
    """How many lists GitHub has to look up for a selection in which no list is inside another."""
    total = 0
    for one in selection.selections if selection else ():
        if isinstance(one, FieldNode):
            total += any(argument.name.value == "first" for argument in one.arguments or ())
        inside = one.selection_set if hasattr(one, "selection_set") else fragments[one.name.value]
        total += lists_of(inside, fragments)
    return total


def test_a_full_question_for_pull_requests_costs_one_point() -> None:
    """GitHub counts one point for 100 lists, rounded: with one pull request more it would be two."""
    for pulls, points in ((details.BATCH, 1), (details.BATCH + 1, 2)):
        document = parse(graphql.pulls_query(range(1, pulls + 1)))
        fragments = {d.name.value: d.selection_set for d in document.definitions if d.kind == "fragment_definition"}
        assert (lists_of(document.definitions[0].selection_set, fragments) + 50) // 100 == points


def test_the_readers_understand_answers_of_githubs_own_schema(schema: GraphQLSchema) -> None:
    world = FakeRepository(pulls=[pull(1, user=None), pull(2)])
    run = {"id": 3, "name": "ci", "status": "completed", "conclusion": "success", "started_at": None}
    world.details["/commits/sha1/check-runs"] = {"check_runs": [run | {"completed_at": "2026-01-01T00:00:00Z"}]}
    github, store = GraphGitHub(world, schema=schema), MemoryStore()
    github.projects = [Project(iterations=[("i", "Sprint 1", "2026-05-04", 14)], items=[card(2)])]
    for read in (read_details, read_checks, read_boards):
        drained(read(reading_of(github, store)), store)
    assert {item.number for item in store.of_kind(WorkItem)} == {1, 2}
    assert [item.item_number for board in store.of_kind(Board) for item in board.items] == [2]
    assert not [url for url in github.asked("/pulls/") if "files" in url]
