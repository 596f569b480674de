"""Thousands of answers that GitHub really gave: each becomes a record or a sentence, never anything else."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from itertools import islice, product
from typing import Any

import pytest

from galaxy_desktop.collect import records
from galaxy_desktop.collect.answers import Answer, Row, judge
from galaxy_desktop.collect.soundness import must_be_sound
from galaxy_desktop.collect.write_answers import judge_write
from galaxy_desktop.domain.work import Repository
from galaxy_desktop.errors import BrokenAnswerError, GalaxyError
from tests.contracts.recorded import Exchange, exchanges

NOW = datetime(2026, 5, 6, 12, tzinfo=UTC)
REPO = Repository(id=1, full_name="o/r", url="https://github.com/o/r")
ID = r"(?:/\d+)?"
Convert = Callable[[Row], Any]


def of(function: Callable[..., Any], *first: Any) -> Convert:
    return lambda row: function(*first, row, REPO, NOW)


def about_commit(function: Callable[..., Any]) -> Convert:
    return lambda row: function(row, "a" * 40, REPO, NOW)


READERS: tuple[tuple[str, Convert], ...] = (
    (r"", records.repository),
    (rf"/issues{ID}", of(records.item)),
    (rf"/pulls{ID}", of(records.item)),
    (rf"/issues/comments{ID}", of(records.comment)),
    (r"/issues/\d+/comments", of(records.comment)),
    (rf"/pulls(?:/\d+)?/comments{ID}", of(records.comment)),
    (rf"/issues/events{ID}", of(records.event)),
    (rf"/milestones{ID}", of(records.milestone)),
    (r"/labels(?:/[^/]+)?", lambda row: records.label(row, REPO)),
    (r"/issues/\d+/labels", lambda row: records.label(row, REPO)),
    (r"/commits(?:/[0-9a-f]{40})?", of(records.commit)),
    (r"/pulls/\d+/commits", records.pull_commit),
    (rf"/pulls/\d+/reviews{ID}", of(records.review_of, 1)),
    (rf"/actions/runs{ID}", of(records.run)),
    (r"/actions/workflows/[^/]+/runs", of(records.run)),
    (r"/commits/[0-9a-f]{40}/check-runs", about_commit(records.check_run)),
    (rf"/check-runs{ID}", about_commit(records.check_run)),
    (r"/check-suites/\d+/check-runs", about_commit(records.check_run)),
    (r"/commits/[0-9a-f]{40}/statuses", about_commit(records.commit_status)),
    (rf"/releases{ID}", of(records.release)),
    (rf"/deployments{ID}", lambda row: records.deployment(row, "success", REPO, NOW)),
    (r"/issues/\d+/timeline", of(records.cross_reference, 1)),
    (r"/issues/\d+/(?:sub_issues|dependencies/blocked_by)", records.item_ref),
)
NEVER_RECORDED: frozenset[str] = frozenset({r"/commits/[0-9a-f]{40}/statuses", r"/issues/\d+/labels"})
CUT_BY_HAND = ("PullRequest1682.test_string_parameters",)
TODAYS_SHAPES = 2015
"""Before, rows lacked ids and addresses; such an old answer becomes a sentence."""
PREFIX = r"(?:/api/v3)?/(?:repos/[^/]+/[^/?]+|repositories/\d+)"


@pytest.fixture(scope="module")
def recorded() -> list[Exchange]:
    """All of them."""
    return list(exchanges())


def judged(one: Exchange) -> Answer:
    how = judge if one.method == "GET" else judge_write
    return how(status=one.status, headers=one.headers, body=one.body, path=one.path, now=NOW, has_token=True)


def test_every_recorded_answer_is_an_answer_or_a_sentence(recorded: list[Exchange]) -> None:
    fates: Counter[str] = Counter()
    for one in recorded:
        try:
            fate: Answer | GalaxyError = judged(one)
        except GalaxyError as error:
            fate = error
        assert str(fate), one.test
        fates["answer" if isinstance(fate, Answer) else type(fate).__name__] += 1
    assert fates["answer"] > 1500
    assert sum(fates.values()) == len(recorded) > 2000


def rows_of(one: Exchange) -> list[Row]:
    """The rows of an answer; those of checks are one level down, where their reader looks for them."""
    return [row for found in judged(one).rows for row in found.get("check_runs", [found])]


def reads(one: Exchange, tail: str) -> bool:
    return one.method == "GET" and one.status == 200 and bool(re.fullmatch(PREFIX + tail, one.path.partition("?")[0]))


def test_every_recorded_row_of_what_we_read_becomes_a_record(recorded: list[Exchange]) -> None:
    made: Counter[str] = Counter()
    unread: list[str] = []
    for one, (tail, convert) in product(recorded, READERS):
        if not reads(one, tail):
            continue
        try:
            made[tail] += len(records.converted(rows_of(one), convert))
        except BrokenAnswerError as error:
            if one.year >= TODAYS_SHAPES and one.test not in CUT_BY_HAND:
                unread.append(f"{one.test} {one.path}: {error}")
    assert unread == []
    assert sum(made.values()) > 1000
    assert {tail for tail, _ in READERS} - {tail for tail, count in made.items() if count} <= NEVER_RECORDED


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda row, key: row.pop(key), id="missing"),
        pytest.param(lambda row, key: row.update({key: None}), id="null"),
        pytest.param(lambda row, key: row.update({key: 5}), id="a number"),
        pytest.param(lambda row, key: row.update({key: "words"}), id="words"),
        pytest.param(lambda row, key: row.update({key: []}), id="a list"),
        pytest.param(lambda row, key: row.update({key: {}}), id="an object"),
    ],
)
def test_a_row_with_one_field_spoiled_is_a_sound_record_or_a_sentence(
    recorded: list[Exchange], spoil: Callable[[dict[str, Any], str], Any]
) -> None:
    for tail, convert in READERS:
        for row in _examples(recorded, tail):
            for key in row:
                spoiled = dict(row)
                spoil(spoiled, key)
                _is_record_or_sentence(spoiled, convert)


def _examples(recorded: list[Exchange], tail: str) -> list[Row]:
    """The first rows of the first answers of a list."""
    found = (one for one in recorded if reads(one, tail) and one.year >= TODAYS_SHAPES and one.test not in CUT_BY_HAND)
    return [row for one in islice(found, 2) for row in rows_of(one)[:2]]


def _is_record_or_sentence(row: Row, convert: Convert) -> None:
    with suppress(BrokenAnswerError):  # any other exception fails the test
        for record in records.converted([row], convert):
            must_be_sound(record)
