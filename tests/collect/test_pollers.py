"""What pollers of GitHub get wrong: the table in the docs names a test for each, and the few that no other file has."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta, timezone
from pathlib import Path
from urllib.parse import parse_qsl

import pytest

from galaxy_desktop.collect.records import moment, stamp
from galaxy_desktop.collect.sync import RepositoryReader
from tests.collect.fakes import NOW, FakeGitHub, FakeRepository, MemoryStore, comment, event, issue, milestone, pull

ROOT = Path(__file__).resolve().parents[2]
POINTS = 17
Read = Callable[[], RepositoryReader]


def _rows() -> list[str]:
    text = (ROOT / "docs" / "collection.md").read_text(encoding="utf-8")
    section = text.split("\n## What pollers get wrong, and where it is tested\n")[1].split("\n## ", maxsplit=1)[0]
    return [line for line in section.splitlines() if re.match(r"\| \d+\. ", line)]


def test_each_of_the_seventeen_points_has_its_row() -> None:
    assert [int(re.findall(r"\d+", row)[0]) for row in _rows()] == list(range(1, POINTS + 1))


@pytest.mark.parametrize("row", _rows(), ids=lambda row: row.split(".")[0].strip("| "))
def test_the_tests_that_the_table_names_exist(row: str) -> None:
    named = set(re.findall(r"`(test_\w+)`", row))
    sources = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    assert named
    assert {name for name in named if f"def {name}(" not in sources} == set()


@pytest.fixture
def world(github: FakeGitHub) -> FakeRepository:
    """One of everything, over several pages."""
    found = github.repositories[0]
    found.issues = [issue(n, n * 5, milestone={"number": 1}) for n in range(1, 9)]
    found.pulls = [pull(20, 60)]
    found.comments = [comment(1, 1, 3)]
    found.events = [event(n) for n in range(1, 6)]
    found.milestones = [milestone(1)]
    return found


def _asked(github: FakeGitHub) -> list[tuple[str, dict[str, str]]]:
    return [(url.partition("&")[0], dict(parse_qsl(url.partition("&")[2]))) for url, _ in github.log]


def test_every_moment_that_is_asked_for_is_utc(world: FakeRepository, github: FakeGitHub, read_all: Read) -> None:
    read_all()
    read_all()
    moments = [query["since"] for _, query in _asked(github) if "since" in query]
    assert moments
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", text) for text in moments)
    east = NOW.astimezone(timezone(timedelta(hours=2)))
    assert moment(stamp(east)) == NOW


def test_lists_that_ignore_since_are_never_asked_with_it(
    world: FakeRepository, github: FakeGitHub, read_all: Read
) -> None:
    read_all()
    read_all()
    with_since = {path.removeprefix("/repos/o/r") for path, query in _asked(github) if "since" in query}
    assert with_since <= {"/issues", "/issues/comments", "/pulls/comments", "/commits"}


def test_a_later_read_of_one_issue_costs_one_request(
    world: FakeRepository, github: FakeGitHub, store: MemoryStore, read_all: Read
) -> None:
    read_all()
    read_all()
    github.log.clear()
    world.issues[0] = {**world.issues[0], "title": "New", "updated_at": "2026-02-01T00:00:00Z"}
    read_all()
    answered = [url for url, status in github.log if status == 200]
    assert len(answered) == 1
    assert "since=" in answered[0]


def test_repository_events_are_never_asked(world: FakeRepository, github: FakeGitHub, read_all: Read) -> None:
    read_all()
    assert [path for path, _ in _asked(github) if path == "/repos/o/r/events"] == []


def test_an_empty_repository_is_no_error(github: FakeGitHub, store: MemoryStore, read_all: Read) -> None:
    assert read_all().issues_disabled == ""
    assert [page for page in store.pages if page.gone] == []
