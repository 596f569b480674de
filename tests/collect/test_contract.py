"""What we believe of GitHub, asked of our fake and of the stand-in alike: the fake must not drift from it."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from galaxy_desktop.collect.answers import GitHubLike, GoneError
from galaxy_desktop.collect.budget import Budget
from galaxy_desktop.collect.github_client import GitHub
from galaxy_desktop.errors import NoAccessError, TokenRejectedError
from tests.collect.conftest import STAND_IN
from tests.collect.fakes import (
    NOW,
    FakeGitHub,
    FakeRepository,
    Fault,
    as_issue,
    at,
    comment,
    event,
    issue,
    milestone,
    pull,
)

ROWS = 105


class World:
    """One GitHub with one repository of 105 issues and 2 pull requests, and the means to upset it."""

    def __init__(self, github: GitHubLike, control: Callable[..., None]) -> None:
        self.github = github
        self.control = control

    def pages(self, tail: str, **parameters: str | int) -> list[Any]:
        """Every row of a list by page numbers."""
        rows: list[Any] = []
        page = 1
        while True:
            answer = self.github.get(f"/repos/o/r{tail}", {**parameters, "per_page": 100, "page": page})
            rows += answer.rows
            if "next" not in answer.links:
                return rows
            page += 1


def rows() -> dict[str, list[dict[str, Any]]]:
    pulls = [pull(200, 300), pull(201, 301, state="closed", merged_at=at(301), closed_at=at(301))]
    issues = [issue(n) for n in range(1, ROWS + 1)]
    issues[4] = issue(5, milestone=milestone(1), user=None, body=None)
    return {
        "issues": issues,
        "pulls": pulls,
        "comments": [comment(n, n, n) for n in range(1, 8)],
        "milestones": [milestone(1)],
        "labels": [{"id": 1, "name": "bug"}],
        "events": [event(n, "milestoned", item=5, milestone={"title": "v1"}) for n in range(1, 4)],
    }


def fake_world() -> World:
    github = FakeGitHub(FakeRepository(**rows()))

    def control(what: str) -> None:
        if what == "rename":
            github.repositories[0].name, github.repositories[0].old_names = "o/new", ("o/r",)
        elif what == "disable":
            github.repositories[0].has_issues = False
        else:
            github.faults.append(Fault(".", status=401))

    return World(github, control)


def corpus(folder: Path) -> Path:
    """The same rows as files of the stand-in."""
    place = folder / "o__r"
    place.mkdir(parents=True)
    world = rows()
    world["issues"] = world["issues"] + [as_issue(row) for row in world["pulls"]]
    for name, lines in world.items():
        text = "".join(json.dumps(line) + "\n" for line in lines)
        (place / f"{name}.jsonl").write_text(text, encoding="utf-8")
    described = FakeRepository().description() | {"created_at": at(0), "pushed_at": at(0), "owner": {"id": 1}}
    (place / "repo.json").write_text(json.dumps(described), encoding="utf-8")
    return folder


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture(scope="module")
def stand_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a stand-in that serves our rows."""
    if not STAND_IN.exists():
        pytest.skip("the stand-in GitHub (../shared/stand_in) is not here")
    port = free_port()
    folder = corpus(tmp_path_factory.mktemp("corpus"))
    command = [sys.executable, str(STAND_IN), "--corpus", str(folder), "--port", str(port), "--at", at(10_000)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        _until_it_listens(port)
        yield f"http://127.0.0.1:{port}"
        process.terminate()


def _until_it_listens(port: int) -> None:
    """Knock until the process that was just started opens; it says its first words before it does."""
    for _ in range(1000):
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.01)
    raise AssertionError("the stand-in did not start")


@pytest.fixture(params=["fake", "stand-in"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    """Our fake, then the stand-in through the real client."""
    if request.param == "fake":
        yield fake_world()
        return
    base = request.getfixturevalue("stand_in")

    def control(what: str) -> None:
        bodies: dict[str, tuple[str, dict[str, Any]]] = {
            "rename": ("rename", {"from": "o/r", "to": "o/new"}),
            "disable": ("set", {"disabled": ["o/r"]}),
            "revoke": ("set", {"revoked": ["t"]}),
        }
        path, body = bodies[what]
        _post(f"{base}/_control/{path}", body)

    client = GitHub(base, "t", Budget(lambda: NOW), lambda: NOW)
    yield World(client, control)
    client.close()
    _post(f"{base}/_control/reset", {})


def _post(url: str, body: dict[str, Any]) -> None:
    data = json.dumps(body).encode()
    with suppress(urllib.error.HTTPError), urllib.request.urlopen(urllib.request.Request(url, data)) as answer:
        answer.read()


def test_a_list_asked_again_under_its_etag_is_304(world: World) -> None:
    first = world.github.get("/repos/o/r/labels", {"per_page": 100, "page": 1})
    again = world.github.get("/repos/o/r/labels", {"per_page": 100, "page": 1}, first.etag)
    assert first.etag
    assert again.not_modified


def test_issues_hold_the_pull_requests_marked_as_such(world: World) -> None:
    found = world.pages("/issues", state="all", sort="updated", direction="asc")
    marked = {row["number"]: row["pull_request"]["merged_at"] for row in found if "pull_request" in row}
    assert len(found) == ROWS + 2
    assert marked == {200: None, 201: at(301)}


def test_changes_come_oldest_first_and_since_is_inclusive(world: World) -> None:
    found = world.pages("/issues", state="all", sort="updated", direction="asc", since=at(100))
    assert [row["number"] for row in found] == [100, 101, 102, 103, 104, 105, 200, 201]


def test_pulls_come_newest_change_first(world: World) -> None:
    found = world.pages("/pulls", state="all", sort="updated", direction="desc")
    assert [row["number"] for row in found] == [201, 200]


def test_events_come_newest_first(world: World) -> None:
    assert [row["id"] for row in world.pages("/issues/events")] == [3, 2, 1]


def test_items_of_a_milestone_can_be_asked(world: World) -> None:
    assert [row["number"] for row in world.pages("/issues", milestone=1, state="all")] == [5]


def test_comments_can_be_asked_since(world: World) -> None:
    found = world.pages("/issues/comments", sort="updated", direction="asc", since=at(6))
    assert [row["id"] for row in found] == [6, 7]


def test_an_old_name_leads_to_the_same_id(world: World) -> None:
    world.control("rename")
    (found,) = world.github.get("/repos/o/r").rows
    assert (found["id"], found["full_name"]) == (1, "o/new")
    assert len(world.pages("/issues", state="all")) == ROWS + 2


def test_disabled_issues_are_gone_as_a_list(world: World) -> None:
    world.control("disable")
    with pytest.raises(GoneError):
        world.pages("/issues", state="all")
    assert world.pages("/labels")


def test_a_revoked_token_is_rejected(world: World) -> None:
    world.control("revoke")
    with pytest.raises(TokenRejectedError, match="token"):
        world.pages("/labels")


def test_what_is_not_there_is_no_access(world: World) -> None:
    with pytest.raises(NoAccessError, match="o/none"):
        world.github.get("/repos/o/none")


def test_runs_are_found_inside_the_object_that_counts_them(world: World) -> None:
    assert world.pages("/actions/runs") == []
