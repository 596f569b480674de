"""A GitHub in memory whose world changes while it is read, with what is awkward about the real one.

Moments have whole seconds. Changes of milestones, labels and people move no item's `updated_at`. Pull requests are
among the issues. Lists shift under a reader's feet, deletions leave no trace, and every page has an ETag of its own.
A change is a name and two numbers, which are taken modulo what there is: any list of changes makes sense.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

START = datetime(2026, 5, 4, 9, tzinfo=UTC)
Row = dict[str, Any]
WEB = "https://github.com"


def stamp(moment: datetime | None) -> str | None:
    """As GitHub writes it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


@dataclass
class Item:
    """An issue, or a pull request where `head` is set; people, labels and milestones by their numbers."""

    number: int
    title: str
    author: int
    created: datetime
    updated: datetime
    head: str = ""
    closed: datetime | None = None
    merged: datetime | None = None
    assignee: int | None = None
    labels: set[int] = field(default_factory=set)
    milestone: int | None = None
    reviews: list[Row] = field(default_factory=list)


@dataclass
class Note:
    """A comment."""

    id: int
    item: int
    author: int
    body: str
    created: datetime
    updated: datetime


@dataclass
class Plan:
    """A milestone."""

    number: int
    title: str
    due: datetime | None
    created: datetime
    updated: datetime
    closed: datetime | None = None


class World:
    """What is true on GitHub, and `now` by GitHub's clock."""

    def __init__(self) -> None:
        self.now = START
        self.name = "o/r"
        self.users: dict[int, str | None] = {1: "ada", 2: "bob", 3: "cyd"}
        self.labels: dict[int, str] = {1: "bug", 2: "docs"}
        self.plans: dict[int, Plan] = {1: Plan(1, "v1", START + timedelta(days=20), START, START)}
        self.items: dict[int, Item] = {}
        self.notes: dict[int, Note] = {}
        self.events: list[Row] = []
        self.moved: dict[int, int] = {}
        self.last_plan = 1
        self._last = 0

    def change(self, name: str, a: int, b: int) -> None:
        """Let something happen: `name` is one of `CHANGES`."""
        CHANGES[name](self, a, b)

    def next_id(self) -> int:
        """Every new thing is greater than all before."""
        self._last += 1
        return self._last

    def some_item(self, a: int, *, pull: bool | None = None) -> Item | None:
        """An item, perhaps of one kind only."""
        found = [i for i in self.items.values() if pull is None or bool(i.head) == pull]
        return found[a % len(found)] if found else None

    def happened(self, item: Item, kind: str, actor: int, **more: Any) -> None:
        """An event of an item, which counts as a change of it."""
        item.updated = self.now
        row = {"id": self.next_id(), "event": kind, "created_at": stamp(self.now), "item": item.number, "actor": actor}
        self.events.append({**row, **more})

    # --- rows as GitHub sends them

    def person(self, number: int | None) -> Row | None:
        """Somebody, or nothing where the account was deleted."""
        login = self.users.get(number) if number else None
        return {"id": number, "login": login} if login else None

    def issue_row(self, item: Item) -> Row:
        """A row of /issues."""
        row = {
            "id": 10_000 + item.number,
            "number": item.number,
            "title": item.title,
            "body": None,
            "state": "closed" if item.closed else "open",
            "user": self.person(item.author),
            "assignees": [self.person(item.assignee)] if item.assignee else [],
            "labels": [{"id": n, "name": self.labels[n]} for n in sorted(item.labels)],
            "milestone": self.plan_row(self.plans[item.milestone]) if item.milestone else None,
            "created_at": stamp(item.created),
            "updated_at": stamp(item.updated),
            "closed_at": stamp(item.closed),
            "comments": sum(note.item == item.number for note in self.notes.values()),
            "repository_url": f"https://api.github.com/repos/{self.name}",
            "html_url": f"{WEB}/{self.name}/{'pull' if item.head else 'issues'}/{item.number}",
        }
        return {**row, "pull_request": {"merged_at": stamp(item.merged)}, "draft": False} if item.head else row

    def pull_row(self, item: Item) -> Row:
        """A row of /pulls."""
        row = {k: v for k, v in self.issue_row(item).items() if k not in ("pull_request", "comments", "repository_url")}
        head = {"head": {"sha": item.head}, "base": {"ref": "main"}, "requested_reviewers": []}
        return {**row, **head, "merged_at": stamp(item.merged)}

    def plan_row(self, plan: Plan) -> Row:
        """A row of /milestones."""
        return {
            "id": 500 + plan.number,
            "number": plan.number,
            "title": plan.title,
            "description": None,
            "open_issues": sum(i.milestone == plan.number and not i.closed for i in self.items.values()),
            "closed_issues": sum(i.milestone == plan.number and i.closed is not None for i in self.items.values()),
            "state": "closed" if plan.closed else "open",
            "due_on": stamp(plan.due),
            "created_at": stamp(plan.created),
            "updated_at": stamp(plan.updated),
            "closed_at": stamp(plan.closed),
            "html_url": f"{WEB}/{self.name}/milestone/{plan.number}",
        }

    def note_row(self, note: Note) -> Row:
        """A row of /issues/comments."""
        return {
            "id": note.id,
            "issue_url": f"https://api.github.com/repos/{self.name}/issues/{note.item}",
            "user": self.person(note.author),
            "body": note.body,
            "created_at": stamp(note.created),
            "updated_at": stamp(note.updated),
            "html_url": f"{WEB}/{self.name}/issues/{note.item}#issuecomment-{note.id}",
        }

    def event_row(self, event: Row) -> Row:
        """A row of /issues/events."""
        row = {k: v for k, v in event.items() if k != "item"}
        return {**row, "actor": self.person(event["actor"]), "issue": {"number": event["item"]}, "commit_id": None}


def _new_item(world: World, a: int, b: int, *, pull: bool) -> None:
    number = world.next_id()
    milestone = list(world.plans)[b % len(world.plans)] if world.plans and b % 2 else None
    head = f"sha{number}" if pull else ""
    author = 1 + a % 3
    world.items[number] = Item(number, f"Item {number}", author, world.now, world.now, head, milestone=milestone)


def _edit(world: World, a: int, b: int) -> None:
    if item := world.some_item(a):
        old, item.title = item.title, f"Title {world.next_id()}"
        world.happened(item, "renamed", 1 + b % 3, rename={"from": old, "to": item.title})


def _close(world: World, a: int, b: int) -> None:
    if item := world.some_item(a):
        item.closed = None if item.closed and not item.merged else item.closed or world.now
        world.happened(item, "closed" if item.closed else "reopened", 1 + b % 3)


def _merge(world: World, a: int, b: int) -> None:
    item = world.some_item(a, pull=True)
    if item and not item.merged:
        item.merged = item.closed = world.now
        world.happened(item, "merged", 1 + b % 3)


def _push(world: World, a: int, _b: int) -> None:
    if item := world.some_item(a, pull=True):
        item.head, item.updated = f"sha{world.next_id()}", world.now


def _review(world: World, a: int, b: int) -> None:
    if item := world.some_item(a, pull=True):
        item.updated = world.now
        number = world.next_id()
        url = f"{WEB}/{world.name}/pull/{item.number}#pullrequestreview-{number}"
        row = {"id": number, "state": "APPROVED", "body": "", "submitted_at": stamp(world.now), "html_url": url}
        item.reviews.append({**row, "author": 1 + b % 3})


def _label(world: World, a: int, b: int) -> None:
    item = world.some_item(a)
    if item and world.labels:
        label = list(world.labels)[b % len(world.labels)]
        item.labels ^= {label}
        kind = "labeled" if label in item.labels else "unlabeled"
        world.happened(item, kind, 1 + b % 3, label={"name": world.labels[label]})


def _assign(world: World, a: int, b: int) -> None:
    if item := world.some_item(a):
        item.assignee = (None, 1, 2, 3)[b % 4]
        item.updated = world.now


def _plan(world: World, a: int, b: int) -> None:
    item = world.some_item(a)
    if item is None:
        return
    choices = [None, *world.plans]
    item.milestone = choices[b % len(choices)]
    title = world.plans[item.milestone].title if item.milestone else "some"
    world.happened(item, "milestoned" if item.milestone else "demilestoned", 1, milestone={"title": title})


def _comment(world: World, a: int, b: int) -> None:
    if item := world.some_item(a):
        number = world.next_id()
        world.notes[number] = Note(number, item.number, 1 + b % 3, f"Remark {number}", world.now, world.now)
        item.updated = world.now


def _edit_comment(world: World, a: int, _b: int) -> None:
    if world.notes:
        note = list(world.notes.values())[a % len(world.notes)]
        note.body, note.updated = f"Remark {world.next_id()}", world.now


def _delete_comment(world: World, a: int, _b: int) -> None:
    if world.notes:
        del world.notes[list(world.notes)[a % len(world.notes)]]


def _delete_item(world: World, a: int, _b: int) -> None:
    if item := world.some_item(a):
        del world.items[item.number]
        world.notes = {n: note for n, note in world.notes.items() if note.item != item.number}
        world.events = [event for event in world.events if event["item"] != item.number]


def _transfer_item(world: World, a: int, b: int) -> None:
    """Moved to another repository, which the lists here do not tell."""
    item = world.some_item(a, pull=False)
    if item:
        world.moved[item.number] = world.next_id()
        _delete_item(world, list(world.items).index(item.number), b)


def _new_plan(world: World, _a: int, _b: int) -> None:
    world.last_plan += 1
    number = world.last_plan
    world.plans[number] = Plan(number, f"v{number}", None, world.now, world.now)


def _some_plan(world: World, a: int) -> Plan | None:
    return list(world.plans.values())[a % len(world.plans)] if world.plans else None


def _rename_plan(world: World, a: int, _b: int) -> None:
    if plan := _some_plan(world, a):
        plan.title, plan.updated = f"plan {world.next_id()}", world.now


def _move_plan(world: World, a: int, b: int) -> None:
    if plan := _some_plan(world, a):
        plan.due, plan.updated = START + timedelta(days=b % 40), world.now


def _close_plan(world: World, a: int, _b: int) -> None:
    if plan := _some_plan(world, a):
        plan.closed, plan.updated = None if plan.closed else world.now, world.now


def _delete_plan(world: World, a: int, _b: int) -> None:
    if plan := _some_plan(world, a):
        del world.plans[plan.number]
        for item in world.items.values():
            item.milestone = None if item.milestone == plan.number else item.milestone


def _new_label(world: World, _a: int, _b: int) -> None:
    number = world.next_id()
    world.labels[number] = f"label {number}"


def _rename_label(world: World, a: int, _b: int) -> None:
    if world.labels:
        world.labels[list(world.labels)[a % len(world.labels)]] = f"label {world.next_id()}"


def _delete_label(world: World, a: int, _b: int) -> None:
    if world.labels:
        gone = list(world.labels)[a % len(world.labels)]
        del world.labels[gone]
        for item in world.items.values():
            item.labels.discard(gone)


def _rename_user(world: World, a: int, _b: int) -> None:
    if world.users[1 + a % 3]:
        world.users[1 + a % 3] = f"login{world.next_id()}"


def _delete_user(world: World, a: int, _b: int) -> None:
    world.users[1 + a % 3] = None


def _rename_repository(world: World, _a: int, _b: int) -> None:
    world.name = f"o/r{world.next_id()}"


def _time(world: World, a: int, _b: int) -> None:
    world.now += timedelta(seconds=(1, 2, 59, 119, 121, 600, 86_400)[a % 7])


CHANGES: Mapping[str, Callable[[World, int, int], None]] = {
    "new issue": lambda world, a, b: _new_item(world, a, b, pull=False),
    "new pull request": lambda world, a, b: _new_item(world, a, b, pull=True),
    "edit": _edit,
    "close or reopen": _close,
    "merge": _merge,
    "push": _push,
    "review": _review,
    "label": _label,
    "assign": _assign,
    "plan": _plan,
    "comment": _comment,
    "edit comment": _edit_comment,
    "delete comment": _delete_comment,
    "delete item": _delete_item,
    "transfer item": _transfer_item,
    "new milestone": _new_plan,
    "rename milestone": _rename_plan,
    "move milestone": _move_plan,
    "close milestone": _close_plan,
    "delete milestone": _delete_plan,
    "new label": _new_label,
    "rename label": _rename_label,
    "delete label": _delete_label,
    "rename user": _rename_user,
    "delete user": _delete_user,
    "rename repository": _rename_repository,
    "time": _time,
}
