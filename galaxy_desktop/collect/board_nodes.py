"""GraphQL's projects turned into boards: which fields count, and what an item of a board becomes. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from galaxy_desktop.collect.records import moment
from galaxy_desktop.domain.projects import Board, BoardItem, Iteration

Node = Mapping[str, Any]

ITERATION_NAMES = ("iteration", "sprint", "cycle")
POINT_NAMES = ("story points", "points", "estimate", "size", "effort")
STATUS_NAME = "status"
NO_FIELD = "\u2205"
"""Asked for where a board lacks a field: GitHub answers null for a name that no field has."""


@dataclass(frozen=True, slots=True)
class Fields:
    """The names of those fields of a board that we read, and its iterations."""

    iteration: str
    status: str
    points: str
    iterations: tuple[Node, ...]
    completed: tuple[Node, ...]


def fields_of(project: Node) -> Fields:
    """The fields that count: of several that hold iterations or numbers, the one with the usual name."""
    nodes = [node for node in (project.get("fields") or {}).get("nodes") or () if node and node.get("name")]
    iteration = _usual([n for n in nodes if n["__typename"] == "ProjectV2IterationField"], ITERATION_NAMES, first=True)
    points = _usual([n for n in nodes if n.get("dataType") == "NUMBER"], POINT_NAMES)
    status = _usual([n for n in nodes if n["__typename"] == "ProjectV2SingleSelectField"], (STATUS_NAME,))
    configuration = (iteration or {}).get("configuration") or {}
    return Fields(
        iteration=iteration["name"] if iteration else NO_FIELD,
        status=status["name"] if status else NO_FIELD,
        points=points["name"] if points else NO_FIELD,
        iterations=tuple(configuration.get("iterations") or ()),
        completed=tuple(configuration.get("completedIterations") or ()),
    )


def _usual(nodes: Sequence[Node], names: Sequence[str], *, first: bool = False) -> Node | None:
    """The node with the first of these names that one has; any at all with `first`."""
    by_name = {str(node["name"]).strip().lower(): node for node in reversed(nodes)}
    found = next((by_name[name] for name in names if name in by_name), None)
    return found or (nodes[0] if first and nodes else None)


def board(project: Node, fields: Fields, items: Iterable[BoardItem], at: datetime) -> Board:
    """The whole board."""
    iterations = [*((node, False) for node in fields.iterations), *((node, True) for node in fields.completed)]
    return Board(
        id=project["id"],
        number=project["number"],
        owner=(project.get("owner") or {}).get("login") or "",
        title=project["title"],
        url=project["url"],
        closed=bool(project["closed"]),
        updated_at=moment(project["updatedAt"]),
        iterations=tuple(_iteration(node, project, done, at) for node, done in iterations),
        items=tuple(items),
        observed_at=at,
    )


def _iteration(node: Node, project: Node, completed: bool, at: datetime) -> Iteration:
    return Iteration(
        id=node["id"],
        project_id=project["id"],
        project_title=project["title"],
        title=node["title"],
        starts_on=date.fromisoformat(node["startDate"]),
        days=node["duration"],
        completed=completed,
        url=project["url"],
        observed_at=at,
    )


def item(node: Node) -> BoardItem | None:
    """An item of a board, or `None` for a draft and for one that the token may not see."""
    content = node.get("content") or {}
    repository = (content.get("repository") or {}).get("databaseId")
    if not content.get("number") or not repository:
        return None
    points = (node.get("points") or {}).get("number")
    return BoardItem(
        id=node["id"],
        repository_id=repository,
        item_number=content["number"],
        iteration_id=(node.get("iteration") or {}).get("iterationId"),
        status=(node.get("status") or {}).get("name"),
        points=float(points) if points is not None else None,
        updated_at=moment(node["updatedAt"]),
        archived=bool(node.get("isArchived")),
    )


def planned(found: Board, repository_id: int, today: date) -> list[int]:
    """The items of one repository in iterations of this board that are not over."""
    going = {one.id for one in found.iterations if not one.completed and one.last_day >= today}
    numbers = {
        one.item_number
        for one in found.items
        if one.repository_id == repository_id and one.iteration_id in going and not one.archived
    }
    return sorted(numbers)
