"""GitHub's OpenAPI document against our readers: what they ask is declared there, and its examples become records."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

from galaxy_desktop.collect import records
from galaxy_desktop.collect.checks import GIVEN_UP
from galaxy_desktop.collect.marks import mark_of
from galaxy_desktop.domain.work import Repository
from tests.collect.everything import github_of, read_everything
from tests.collect.fakes import NOW, FakeGitHub, MemoryStore

REPO = Repository(id=1296269, full_name="octocat/Hello-World", url="https://github.com/octocat/Hello-World")
SHA = "6dcb09b5b57875f334f61aebed695e2e4193db5e"
ROOT = "/repos/{owner}/{repo}"
Convert = Callable[[Mapping[str, Any]], Any]

EXAMPLES: dict[str, tuple[str, Convert]] = {
    f"{ROOT}/commits/{{ref}}/check-runs": ("check_runs", lambda row: records.check_run(row, SHA, REPO, NOW)),
    f"{ROOT}/commits/{{ref}}/status": ("statuses", lambda row: records.commit_status(row, SHA, REPO, NOW)),
    f"{ROOT}/issues/{{issue_number}}/dependencies/blocked_by": ("", records.item_ref),
    f"{ROOT}/issues/{{issue_number}}/sub_issues": ("", records.item_ref),
    f"{ROOT}/releases": ("", lambda row: records.release(row, REPO, NOW)),
    f"{ROOT}/deployments": ("", lambda row: records.deployment(row, "success", REPO, NOW)),
    f"{ROOT}/deployments/{{deployment_id}}/statuses": ("", lambda row: row["state"]),
    f"{ROOT}/branches": ("", lambda row: (row["name"], row["commit"]["sha"], row.get("protected", False))),
    f"{ROOT}/actions/runs": ("workflow_runs", lambda row: records.run(row, REPO, NOW)),
    f"{ROOT}/issues/events": ("", lambda row: records.event({**row, "event": "closed"}, REPO, NOW)),
    f"{ROOT}/pulls/{{pull_number}}/commits": ("", records.pull_commit),
    f"{ROOT}/pulls": ("", lambda row: records.item(row, REPO, NOW)),
    f"{ROOT}/issues": ("", lambda row: records.item(row, REPO, NOW)),
    f"{ROOT}/commits": ("", lambda row: records.commit(row, REPO, NOW)),
}


@pytest.fixture(scope="module")
def document(openapi_file: Path) -> dict[str, Any]:
    """The whole document."""
    found: dict[str, Any] = json.loads(openapi_file.read_text(encoding="utf-8"))
    return found


def looked_up(document: Mapping[str, Any], node: Any) -> Any:
    """The node, or what it refers to."""
    while isinstance(node, Mapping) and "$ref" in node:
        target: Any = document
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        node = target
    return node


@pytest.mark.parametrize("path", EXAMPLES)
def test_githubs_own_example_becomes_records(document: dict[str, Any], path: str) -> None:
    answer = looked_up(document, document["paths"][path]["get"]["responses"]["200"])
    examples = answer["content"]["application/json"]["examples"].values()
    field, convert = EXAMPLES[path]
    bodies = [looked_up(document, one)["value"] for one in examples]
    rows = [row for body in bodies for row in (body[field] if field else body)]
    assert rows
    assert all(converted is not None for converted in records.converted(rows, convert))


def test_a_timelines_cross_reference_has_the_fields_we_read(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    found = schemas["timeline-cross-referenced-event"]["properties"]
    issue = looked_up(document, found["source"]["properties"]["issue"])["properties"]
    assert {"event", "actor", "created_at", "source"} <= set(found)
    assert {"number", "repository", "repository_url"} <= set(issue)


def test_a_pull_request_counts_its_commits(document: dict[str, Any]) -> None:
    schema = document["components"]["schemas"]["pull-request"]
    assert schema["properties"]["commits"]["type"] == "integer"
    assert "commits" in schema["required"]


def test_rows_of_issues_tell_how_many_links_there_are(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    summary = looked_up(document, schemas["issue"]["properties"]["issue_dependencies_summary"])["properties"]
    parts = looked_up(document, schemas["issue"]["properties"]["sub_issues_summary"])["properties"]
    row = {"number": 1, "state": "open", "updated_at": "2026-01-01T00:00:00Z"}
    row |= {"issue_dependencies_summary": dict.fromkeys(summary, 2), "sub_issues_summary": dict.fromkeys(parts, 3)}
    mark = mark_of(row)
    assert mark is not None
    assert (mark.blocked_by, mark.sub_issues) == (2, 3)


@pytest.mark.parametrize("kind", ["sub_issue", "parent_issue", "blocked_by", "blocking"])
def test_events_between_items_name_the_other_one(document: dict[str, Any], kind: str) -> None:
    schemas = document["components"]["schemas"]
    fields = schemas[f"{kind.replace('_', '-')}-added-issue-event"]["properties"]
    assert {"repository", "number"} <= set(looked_up(document, fields[kind])["properties"])
    other = {"repository": {"full_name": "o/x"}, "number": 4}
    row = {"id": 1, "event": f"{kind}_added", "issue": {"number": 2}, "created_at": "2026-01-01T00:00:00Z", kind: other}
    found = records.event(row, REPO, NOW)
    assert found is not None
    assert found.subject == "o/x#4"


def test_everything_that_is_asked_is_declared(document: dict[str, Any]) -> None:
    github = github_of(FakeGitHub)
    for later in (timedelta(0), GIVEN_UP):
        read_everything(github, MemoryStore(), NOW + later)
    asked = {url for url, _ in github.log}
    assert len(asked) > len(EXAMPLES)
    assert [url for url in asked if not _declared(document, url)] == []


def _declared(document: dict[str, Any], url: str) -> bool:
    path, _, query = url.partition("&")
    for template, methods in document["paths"].items():
        shape = re.sub(r"\\{[a-z_]+\\}", "[^/]+", re.escape(template))
        if "get" in methods and re.fullmatch(shape, path):
            known = {looked_up(document, one)["name"] for one in methods["get"].get("parameters", [])}
            if {name for name, _ in parse_qsl(query)} <= known:
                return True
    return False
