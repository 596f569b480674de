"""What a server answered is judged before a byte of it is believed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from galaxy_desktop.errors import BrokenAnswerError, GalaxyError, RefusedError
from galaxy_desktop.reason.download_answers import AskedToWaitError, Asking, OtherPieceError, Plan, is_all, plan_of

NOW = datetime(2026, 5, 6, 12, tzinfo=UTC)
ASKED = Asking(name="m.gguf", host="a.example", begin=100, bytes=1000)


def _plan(status: int, asked: Asking = ASKED, **headers: str) -> Plan:
    return plan_of(asked, status, {name.replace("_", "-"): value for name, value in headers.items()}, NOW)


def test_a_rest_is_put_where_it_was_asked_and_a_whole_at_the_beginning() -> None:
    assert _plan(206, content_range="bytes 100-999/1000") == Plan(begin=100, total=1000)
    assert _plan(206, content_range="bytes 100-999/*") == Plan(begin=100, total=0)
    assert _plan(200, content_length="1000") == Plan(begin=0, total=1000)
    assert _plan(200) == Plan(begin=0, total=0)


@pytest.mark.parametrize(
    "span",
    [
        "",
        "bytes",
        "bytes 99-999/1000",
        "bytes 100-99/1000",
        "bytes 100-1000/1000",
        "items 100-999/1000",
        "bytes -1-9/9",
    ],
)
def test_a_piece_that_was_not_asked_for_is_not_written_anywhere(span: str) -> None:
    with pytest.raises(OtherPieceError):
        _plan(206, content_range=span)


def test_a_length_without_end_is_no_length() -> None:
    assert _plan(200, content_length="9" * 40).total == 0
    assert _plan(200, content_length="-5").total == 0


@pytest.mark.parametrize(
    ("told", "seconds"), [("0", 0.0), ("120", 120.0), ("Wed, 06 May 2026 12:05:00 GMT", 300.0), ("Wed, 06 May 2026 11:00:00 GMT", 0.0)]
)  # fmt: skip
def test_a_pause_is_understood_as_seconds_and_as_a_date(told: str, seconds: float) -> None:
    with pytest.raises(AskedToWaitError) as asked:
        _plan(503, retry_after=told)
    assert asked.value.seconds == seconds


def test_a_fault_and_a_refusal_are_told_apart() -> None:
    with pytest.raises(BrokenAnswerError):
        _plan(500)
    with pytest.raises(RefusedError, match="HTTPS_PROXY"):
        _plan(407)


@pytest.mark.parametrize(
    ("begin", "told", "size", "whole"),
    [(100, "bytes */100", 100, True), (100, "bytes */100", 0, True), (100, "bytes */200", 0, False), (100, "bytes */100", 300, False), (0, "bytes */0", 0, False)],
)  # fmt: skip
def test_no_rest_means_whole_only_where_the_lengths_agree(begin: int, told: str, size: int, whole: bool) -> None:
    asked = Asking(name="m", host="h", begin=begin, bytes=size)
    assert is_all(asked, 416, {"content-range": told}) is whole


@given(
    st.integers(100, 599),
    st.dictionaries(
        st.sampled_from(["content-length", "content-range", "retry-after", "content-type", "content-encoding"]),
        st.text(max_size=30),
    ),
)
def test_every_answer_is_a_plan_or_a_sentence(status: int, headers: dict[str, str]) -> None:
    try:
        plan = plan_of(ASKED, status, headers, NOW)
    except GalaxyError as error:
        said = str(error)
    else:
        said = "."
        assert plan.begin in (0, ASKED.begin)
        assert plan.total in (0, ASKED.bytes)
    assert said.endswith(".")
