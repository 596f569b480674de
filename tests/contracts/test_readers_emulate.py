"""The readers through the real client, a checking proxy and an emulated GitHub that has no GraphQL and no ETags."""

from __future__ import annotations

import json
import urllib.request
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from galaxy_desktop.collect.budget import Budget
from galaxy_desktop.collect.github_client import GitHub
from galaxy_desktop.collect.reading import Reading
from galaxy_desktop.domain.repository_facts import BranchList, Check, CheckSource, PullCommits, Release
from galaxy_desktop.domain.work import Commit, ItemEvent, Repository, Review, WorkItem
from galaxy_desktop.domain.work import ItemKind as Kind
from tests.collect.everything import READERS
from tests.collect.fakes import MemoryStore
from tests.collect.graph import drained
from tests.contracts.node import Emulate, NodeTools, emulate_server, free_port, prism_server


def now() -> datetime:
    return datetime.now(UTC)


def write(server: Emulate, path: str, method: str = "POST", **body: Any) -> Any:
    """A write of somebody else, past the proxy."""
    request = urllib.request.Request(
        f"{server.url}/repos/{server.repository}{path}",
        json.dumps(body).encode(),
        {"Authorization": f"token {server.token}", "Content-Type": "application/json"},
        method=method,
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def filled(server: Emulate) -> str:
    """A pull request of a branch with a review and checks, an issue of a milestone, a release; returns the head."""
    with urllib.request.urlopen(f"{server.url}/repos/{server.repository}/git/ref/heads/main", timeout=30) as answer:
        main = json.load(answer)["object"]["sha"]
    write(server, "/git/refs", ref="refs/heads/topic", sha=main)
    text = b64encode(b"new").decode()
    made = write(server, "/contents/new.txt", "PUT", message="Add a file", content=text, branch="topic")
    head = str(made["commit"]["sha"])
    milestone = write(server, "/milestones", title="v1")["number"]
    write(server, "/issues", title="A bug", milestone=milestone)
    pull = write(server, "/pulls", title="A topic", head="topic", base="main", body="Fixes #1")["number"]
    write(server, f"/pulls/{pull}/reviews", event="COMMENT", body="Looks fine")
    write(server, "/check-runs", name="tests", head_sha=head, status="completed", conclusion="success")
    write(server, "/releases", tag_name="v0.1", name="First")
    return head


@pytest.fixture
def read(node_tools: NodeTools, tmp_path: Path) -> Iterator[tuple[MemoryStore, list[str]]]:
    """What is stored after reading everything twice, and every request that was made."""
    port, store = free_port(), MemoryStore()
    address = f"http://127.0.0.1:{port}"
    with (
        emulate_server(node_tools, tmp_path, base_url=address) as server,
        prism_server(node_tools, node_tools.requests_document, server.url, port=port) as proxy,
    ):
        filled(server)
        asked: list[str] = []
        client = GitHub(proxy.url, server.token, Budget(now), now, observe=lambda one: asked.append(one.path))
        (row,) = client.get(f"/repos/{server.repository}").rows
        repository = Repository(id=row["id"], full_name=server.repository, url=row["html_url"])
        reading = Reading(client, store, repository, now)
        for _ in range(2):
            for reader in READERS.values():
                drained(reader(reading), store)
        client.close()
        assert proxy.violations() == []
        yield store, asked


def test_every_reader_reads_a_real_server_within_githubs_contract(read: tuple[MemoryStore, list[str]]) -> None:
    store, asked = read
    (pull,) = [item for item in store.of_kind(WorkItem) if item.kind is Kind.PULL_REQUEST]
    assert (pull.files, pull.body, bool(pull.head_sha)) == ((), "Fixes #1", True)
    assert [review.verdict for review in store.of_kind(Review)] == ["commented"]
    assert [listed.commits[-1].sha for listed in store.of_kind(PullCommits)] == [pull.head_sha]
    assert {check.source for check in store.of_kind(Check)} == {CheckSource.RUN}
    assert [branch.name for one in store.of_kind(BranchList) for branch in one.branches] == ["main", "topic"]
    assert [release.tag for release in store.of_kind(Release)] == ["v0.1"]
    assert store.of_kind(Commit)
    assert not store.of_kind(ItemEvent)
    assert asked.count("/graphql") == len(("boards", "commits", "details", "checks", "timeline"))
