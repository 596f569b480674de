"""Finding the lines of tracked repositories: never one too few, whatever tool wrote the file."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from galaxy_desktop.collect.archive.scan import MOST_NAMED, Scanner, Wanted
from tests.collect.archive_events import REPO, REPO_ID, event, line, pull

OTHER = (REPO_ID * 10, "else/where")


def _scanned(block: bytes, **wanted: Any) -> tuple[list[int], Scanner]:
    scanner = Scanner("hour", Wanted(**wanted))
    return [number for number, _ in scanner.hits(block)], scanner


def _escaped(text: str) -> str:
    """The same JSON with names in every spelling JSON allows."""
    return text.replace("/", "\\/").replace("rocket", "r\\u006fcket")


ways = st.sampled_from(
    [
        line,
        lambda row: json.dumps(row).encode(),
        lambda row: json.dumps(row, sort_keys=True, separators=(",", ":")).encode(),
        lambda row: _escaped(json.dumps(row, separators=(",", ":"))).encode(),
        lambda row: line({"payload": row["payload"], **row}),
        lambda row: line({**row, "id": int(row["id"])}),
        lambda row: line(row).replace(b"nova/rocket", b"NOVA/Rocket"),
        lambda row: line(row) + b"\r",
        lambda row: b"  " + line(row),
    ]
)
texts = st.text(max_size=30) | st.sampled_from(
    ['"repo":{"id":4711,"name":"nova/rocket"', "}{", "☕", '},"repo":{"id":4711,']
)
rows = st.builds(
    lambda mine, login, body: event(
        "IssuesEvent",
        {"body": body, "head": {"repo": {"id": REPO_ID, "name": REPO}}},
        repo=(REPO_ID, REPO) if mine else OTHER,
        actor=(7, login),
    ),
    st.booleans(),
    texts,
    texts,
)


@given(st.lists(st.tuples(rows, ways), max_size=12), st.sampled_from([{"ids": {REPO_ID}}, {"names": {REPO}}]))
def test_exactly_the_lines_of_tracked_repositories_are_found(lines: list[Any], wanted: dict[str, Any]) -> None:
    block = b"".join(way(row) + b"\n" for row, way in lines)
    mine = [at for at, (row, _) in enumerate(lines, 1) if row["repo"]["id"] == REPO_ID]
    found, scanner = _scanned(block, **wanted)
    assert (found, scanner.bad_count, scanner.events) == (mine, 0, len(lines))


def test_a_repository_named_inside_the_payload_of_another_one_is_no_hit() -> None:
    block = line(event("PullRequestEvent", {"number": 1, "pull_request": pull()}, repo=OTHER)) + b"\n"
    assert _scanned(block, ids={REPO_ID})[0] == []
    assert _scanned(block, names={REPO})[0] == []


def test_a_name_becomes_an_id_that_finds_the_other_names() -> None:
    block = b"\n".join(line(event("WatchEvent", {}, repo=(5, name))) for name in ("o/Now", "o/before")) + b"\n"
    found, scanner = _scanned(block, names={"o/now"})
    assert found == [1, 2]
    assert scanner._wanted.learned == {5: "o/Now"}


def test_one_name_may_lead_to_two_repositories() -> None:
    block = b"\n".join(line(event("WatchEvent", {}, repo=(number, "o/r"))) for number in (5, 6)) + b"\n"
    assert _scanned(block, names={"o/r"})[0] == [1, 2]


GOOD = line(event("WatchEvent", {}, repo=OTHER))


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        pytest.param(b"hello", "cut off", id="text"),
        pytest.param(b'{"a" 1}', "not JSON", id="no json"),
        pytest.param(GOOD[:-40], "cut off", id="cut off"),
        pytest.param(GOOD[:300] + GOOD, "not JSON", id="two lines in one"),
        pytest.param(b"[1]", "not an event", id="list"),
        pytest.param(b"{}", "not an event", id="empty object"),
        pytest.param(
            b'{"repo":{"id":"x","name":"o/r"},"type":"A","created_at":"","payload":{}}', "not an event", id="id"
        ),
        pytest.param(GOOD.replace(b"else", b"el\xffe"), "not UTF-8", id="utf-8 elsewhere"),
        pytest.param(b'{"a":"\xff"}', "not UTF-8", id="utf-8"),
    ],
)
def test_a_bad_line_is_named_with_its_place_and_the_others_are_read(bad: bytes, why: str) -> None:
    mine = line(event("WatchEvent", {}))
    found, scanner = _scanned(b"\n".join([GOOD, bad, mine, b"", GOOD]), ids={REPO_ID})
    assert found == [3]
    assert (scanner.events, scanner.bad_count) == (3, 1)
    assert str(scanner.bad[0]) == f"hour:2: {why}" or why == "cut off"
    assert scanner.bad[0].line == 2


def test_line_numbers_go_on_from_block_to_block() -> None:
    scanner = Scanner("hour", Wanted(ids={REPO_ID}))
    scanner.hits(GOOD + b"\n" + GOOD + b"\n")
    scanner.hits(b"oops\n")
    assert [one.line for one in scanner.bad] == [3]


def test_only_the_first_bad_lines_are_named_and_all_are_counted() -> None:
    _, scanner = _scanned(b"oops\n" * 50, ids={1})
    assert (len(scanner.bad), scanner.bad_count) == (MOST_NAMED, 50)


def test_events_of_before_2015_are_counted_apart() -> None:
    old = b'{"type":"PushEvent","repository":{"name":"r"},"payload":{},"created_at":"2012-01-01T00:00:00-08:00"}\n'
    _, scanner = _scanned(old, ids={1})
    assert (scanner.old_events, scanner.bad_count) == (1, 0)
