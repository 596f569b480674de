"""The outbox against a GitHub that takes writes: drafted offline, somebody else meanwhile, conflicts, real kills."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from galaxy_desktop.collect import records
from galaxy_desktop.collect.budget import Budget
from galaxy_desktop.collect.github_client import GitHub
from galaxy_desktop.domain import change_making as wish
from galaxy_desktop.domain.changes import Change
from galaxy_desktop.domain.sync import Page
from galaxy_desktop.domain.work import Repository, WorkItem
from galaxy_desktop.errors import OfflineError
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.services import clock
from galaxy_desktop.services.outbox import Outbox
from galaxy_desktop.store.database import Store
from tests.contracts.node import Emulate, NodeTools, emulate_server, free_port, prism_server

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "tests" / "contracts" / "outbox_program.py"


class Team:
    """What other people do on GitHub, past the program."""

    def __init__(self, emulate: Emulate, url: str = "") -> None:
        self.emulate = emulate
        self.base = f"{url or emulate.url}/repos/{emulate.repository}"

    def ask(self, method: str, tail: str, body: Any = None, *, token: str = "") -> Any:
        """One request with another token."""
        headers = {"Authorization": f"Bearer {token or self.emulate.token}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + tail, data=data, method=method, headers=headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read() or b"null")

    def issue(self, number: int) -> Any:
        return self.ask("GET", f"/issues/{number}")

    def said(self, number: int) -> list[str]:
        return [row["body"] for row in self.ask("GET", f"/issues/{number}/comments")]


class Desk:
    """A profile with a store, the program on it, and a network that can be pulled."""

    def __init__(self, emulate: Emulate, folder: Path, team: Team, url: str = "") -> None:
        self.emulate, self.team, self.folder = emulate, team, DataFolder(folder)
        self.url = url or emulate.url
        self.online = True
        self.store = Store.open(self.folder)
        self.outbox = Outbox(self.store, self.connect, clock.now)

    def connect(self) -> GitHub:
        if not self.online:
            raise OfflineError("GitHub cannot be reached.")
        return GitHub(self.url, self.emulate.token, Budget(clock.now), clock.now)

    def pull_the_plug(self, *, online: bool = False) -> None:
        self.online = online
        self.outbox.token_changed()

    def learn(self) -> Repository:
        """A small sync: the repository, its labels, milestones and issues."""
        now = clock.now()
        self.store.track(self.emulate.repository).result()
        repository = records.repository(self.team.ask("GET", ""))
        rows: list[Any] = [repository]
        rows += [records.label(row, repository) for row in self.team.ask("GET", "/labels")]
        rows += [records.milestone(row, repository, now) for row in self.team.ask("GET", "/milestones")]
        rows += [records.item(row, repository, now) for row in self.team.ask("GET", "/issues?state=all")]
        self.store.apply(Page(repository_id=repository.id, records=tuple(rows), observed_at=now)).result()
        return repository

    def item(self, number: int = 1) -> WorkItem:
        found = self.outbox.item(f"issue:{self.emulate.repository}#{number}")
        assert found is not None
        return found

    async def approved(self, *changes: Change) -> list[str]:
        """Drafted and looked at while GitHub answers, which approving needs; then approved, plugged in or not."""
        kept = [await self.outbox.draft(change) for change in changes]
        online = self.online
        self.pull_the_plug(online=True)
        seen = await self.outbox.compare([change.id for change in kept])
        self.pull_the_plug(online=online)
        await self.outbox.approve(seen)
        return [change.id for change in kept]

    async def sync(self) -> None:
        self.pull_the_plug(online=True)
        self.outbox.reconnected()
        await self.outbox.settled()

    def now(self, change_id: str) -> Change:
        found = self.store.change(change_id)
        assert found is not None
        return found

    async def close(self) -> None:
        await self.outbox.close()
        self.store.close()


def prepared(team: Team) -> None:
    """Two issues, two labels, a milestone; ada is known there."""
    for name in ("bug", "ready to ship"):
        team.ask("POST", "/labels", {"name": name, "color": "ff0000"})
    team.ask("POST", "/milestones", {"title": "Sprint 1"})
    team.ask("POST", "/issues", {"title": "First", "body": "one\n\ntwo", "assignees": ["ada"]})
    team.ask("POST", "/issues", {"title": "Second", "body": "text", "assignees": ["ada"]})


@pytest_asyncio.fixture
async def desk(emulate: Emulate, tmp_path: Path) -> AsyncIterator[Desk]:
    team = Team(emulate)
    prepared(team)
    made = Desk(emulate, tmp_path / "profile", team)
    made.learn()
    yield made
    await made.close()


async def test_approved_then_cut_off_is_sent_on_reconnect(desk: Desk) -> None:
    desk.pull_the_plug()
    (change_id,) = await desk.approved(wish.close(desk.item(), clock.now(), reason="not_planned"))
    desk.outbox.reconnected()
    await desk.outbox.settled()
    assert desk.now(change_id).state == "approved"
    assert desk.team.issue(1)["state"] == "open"
    await desk.sync()
    assert desk.now(change_id).state == "sent"
    assert (desk.team.issue(1)["state"], desk.team.issue(1)["state_reason"]) == ("closed", "not_planned")
    assert not desk.item().is_open


async def test_somebody_else_changes_it_meanwhile_conflict_resolve_send(desk: Desk) -> None:
    desk.pull_the_plug()
    (change_id,) = await desk.approved(wish.retitle(desk.item(), "Mine", clock.now()))
    desk.team.ask("PATCH", "/issues/1", {"title": "Theirs"})
    await desk.sync()
    assert (desk.now(change_id).state, desk.now(change_id).theirs) == ("conflict", "Theirs")
    assert desk.team.issue(1)["title"] == "Theirs"
    await desk.outbox.resolve(change_id, keep_mine=True)
    (seen,) = await desk.outbox.compare([change_id])
    assert seen.lines == ("- Theirs", "+ Mine")
    await desk.outbox.approve([seen])
    await desk.outbox.settled()
    assert desk.team.issue(1)["title"] == "Mine"


async def test_a_text_and_labels_are_merged_with_what_somebody_else_did(desk: Desk) -> None:
    body = wish.rewrite(desk.item(), "ONE\n\ntwo", clock.now())
    labels = wish.relabel(desk.item(), clock.now(), add=["bug"])
    desk.team.ask("PATCH", "/issues/1", {"body": "one\n\ntwo\nthree"})
    desk.team.ask("POST", "/issues/1/labels", {"labels": ["ready to ship"]})
    await desk.approved(body, labels)
    await desk.outbox.settled()
    issue = desk.team.issue(1)
    assert issue["body"] == "ONE\n\ntwo\nthree"
    assert sorted(one["name"] for one in issue["labels"]) == ["bug", "ready to ship"]
    assert desk.item().labels


async def test_an_item_that_is_locked_says_so_and_one_that_is_gone_is_a_conflict(desk: Desk) -> None:
    desk.team.ask("PUT", "/issues/1/lock", {"lock_reason": "resolved"})
    draft = await desk.outbox.draft(wish.comment(desk.item(), "hello", clock.now()))
    (seen,) = await desk.outbox.compare([draft.id])
    assert "  It is locked: only people who may write to the repository can comment." in seen.lines
    ghost = replace(desk.item(2), number=99)
    desk.store.apply(Page(repository_id=ghost.repository_id, records=(ghost,))).result()
    draft = await desk.outbox.draft(wish.close(ghost, clock.now()))
    (seen,) = await desk.outbox.compare([draft.id])
    assert seen.conflict.startswith("GitHub no longer shows octo/hello#99")


async def test_every_request_keeps_githubs_contract(node_tools: NodeTools, tmp_path: Path) -> None:
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with (
        emulate_server(node_tools, tmp_path, base_url=address) as emulate,
        prism_server(node_tools, node_tools.requests_document, emulate.url, port=port) as prism,
    ):
        team = Team(emulate)
        prepared(team)
        desk = Desk(emulate, tmp_path / "profile", team, address)
        repository = desk.learn()
        now = clock.now()
        await desk.approved(
            wish.retitle(desk.item(), "Better", now),
            wish.rewrite(desk.item(), "new", now),
            wish.relabel(desk.item(), now, add=["bug", "ready to ship"]),
            wish.reassign(desk.item(), now, remove=["ada"]),
            wish.plan(desk.item(), 1, now),
            wish.comment(desk.item(), "hello", now),
            wish.close(desk.item(2), now),
            wish.new_issue(repository, "New", "text", now, labels=["bug"], assignees=["ada"], milestone=1),
        )
        await desk.outbox.settled()
        assert [(one.kind, one.state, one.error) for one in desk.outbox.changes() if one.state != "sent"] == []
        second = [
            wish.relabel(desk.item(), now, remove=["ready to ship"]),
            wish.reassign(desk.item(), now, add=["ada"]),
        ]
        await desk.approved(*second, wish.plan(desk.item(), None, now), wish.reopen(desk.item(2), now))
        await desk.outbox.settled()
        assert [(one.kind, one.error) for one in desk.outbox.changes() if one.state != "sent"] == []
        issue = team.issue(1)
        assert (issue["title"], issue["body"], issue["milestone"]) == ("Better", "new", None)
        assert [one["name"] for one in issue["labels"]] == ["bug"]
        assert team.said(1) == ["hello"]
        assert (team.issue(3)["title"], team.issue(3)["milestone"]["number"]) == ("New", 1)
        await desk.close()
        assert prism.violations() == []
        assert "delete /repos/octo/hello/issues/1/labels/ready%20to%20ship" in prism.requests()


def run(desk: Desk, death: str) -> int:
    """The program in a process of its own, until it ends or is gone."""
    words = [sys.executable, str(PROGRAM), desk.url, desk.emulate.token, str(desk.folder.root), death]
    return subprocess.run(words, cwd=ROOT, check=False, timeout=120).returncode


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_killed_between_sending_and_recording_everything_happens_once(desk: Desk, moment: str) -> None:
    desk.team.ask("POST", "/issues/1/labels", {"labels": ["ready to ship"]})
    repository = desk.learn()
    desk.pull_the_plug()
    now = clock.now()
    ids = await desk.approved(
        wish.comment(desk.item(), "same words", now),
        wish.new_issue(repository, "New", "text", now),
        wish.close(desk.item(2), now),
        wish.relabel(desk.item(), now, add=["bug"], remove=["ready to ship"]),
    )
    ids += await desk.approved(wish.comment(desk.item(), "same words", clock.now()))
    await desk.close()
    deaths = [run(desk, f"send:1:{moment}") for _ in range(6)]
    assert deaths == [-9] * 6
    assert run(desk, "none") == 0
    desk.store = Store.open(desk.folder)
    assert [desk.now(one).state for one in ids] == ["sent"] * 5
    assert desk.team.said(1) == ["same words", "same words"]
    titles = [row["title"] for row in desk.team.ask("GET", "/issues?state=all")]
    assert sorted(titles) == ["First", "New", "Second"]
    assert (desk.team.issue(2)["state"], [one["name"] for one in desk.team.issue(1)["labels"]]) == ("closed", ["bug"])
    desk.outbox = Outbox(desk.store, desk.connect, clock.now)
    assert {one.state for one in desk.outbox.changes()} == {"sent"}
    assert desk.item(3).title == "New"
