"""What JSON got wrong is found where the answer is read, not where the record is stored."""

from __future__ import annotations

from typing import Any

import pytest

from galaxy_desktop.collect import records
from galaxy_desktop.collect.answers import Row
from galaxy_desktop.domain.work import Repository, WorkItem
from galaxy_desktop.errors import BrokenAnswerError
from tests.collect.fakes import NOW, issue, pull

REPO = Repository(id=1, full_name="o/r", url="https://github.com/o/r")


def read(row: Row) -> tuple[WorkItem, ...]:
    return records.converted([row], lambda one: records.item(one, REPO, NOW))


@pytest.mark.parametrize("row", [issue(1), pull(2), issue(3, user=None, body=None, milestone=None)])
def test_what_github_sends_is_sound(row: dict[str, Any]) -> None:
    assert len(read(row)) == 1


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"title": 5}, "title"),
        ({"number": "7"}, "number"),
        ({"number": True}, "number"),
        ({"body": ["text"]}, "body"),
        ({"user": {"id": "1", "login": "ada"}}, "author"),
        ({"user": {"id": 1, "login": None}}, "author"),
        ({"assignees": [{"id": 1, "login": 2}]}, "assignees"),
        ({"labels": [{"name": 3}]}, "labels"),
        ({"milestone": {"number": "one"}}, "milestone_number"),
        ({"html_url": None}, "url"),
    ],
)
def test_a_field_of_another_kind_is_a_broken_answer_that_names_it(wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(BrokenAnswerError, match=field):
        read({**issue(1), **wrong})
