"""Records survive JSON exactly: moments, numbers, texts, and the shapes of the domain."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from galaxy_desktop.domain.evidence import Evidence
from galaxy_desktop.domain.findings import ForecastInputs, OpenWork, Sentence
from galaxy_desktop.domain.work_log import JobState, Priority
from galaxy_desktop.store.codec import from_json, to_json

ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(datetime(1970, 1, 2), datetime(2200, 1, 1), timezones=ZONES)  # noqa: DTZ001


@dataclass(frozen=True, slots=True)
class Everything:
    """One field of each kind that the domain uses."""

    at: datetime
    day: date | None
    share: float | None
    count: int
    words: tuple[str, ...]
    named: dict[str, float | None]
    days: frozenset[date]
    interval: tuple[float, float] | None
    state: JobState
    priority: Priority


RECORDS = st.builds(
    Everything,
    at=MOMENTS,
    day=st.none() | st.dates(),
    share=st.none() | st.floats(allow_nan=False, allow_infinity=False),
    count=st.integers(-(2**53), 2**53),
    words=st.lists(st.text(max_size=8), max_size=3).map(tuple),
    named=st.dictionaries(st.text(max_size=4), st.none() | st.floats(0, 1), max_size=3),
    days=st.frozensets(st.dates(), max_size=3),
    interval=st.none() | st.tuples(st.floats(0, 1), st.floats(0, 1)),
    state=st.sampled_from(JobState),
    priority=st.sampled_from(Priority),
)


@settings(deadline=None, max_examples=150, derandomize=True)
@given(record=RECORDS)
def test_a_record_comes_back_equal_and_of_the_same_types(record: Everything) -> None:
    found = from_json(Everything, to_json(record))
    assert found == record
    assert found.at.utcoffset() == record.at.utcoffset()
    assert (type(found.state), type(found.days), type(found.words)) == (JobState, frozenset, tuple)


def test_records_inside_records_are_records_again() -> None:
    at = datetime(2026, 5, 6, 12, tzinfo=UTC)
    inputs = ForecastInputs(
        as_of=at,
        today=at.date(),
        due_on=None,
        closed=False,
        planned_days=None,
        open=(OpenWork(item_id="issue:o/r#1", age_days=1 / 3, blocked_by=("pr:o/r#2",)),),
        done=1,
        days=(),
        sprint_days=(),
        cycle_days=(0.1 + 0.2,),
        holidays=frozenset({at.date()}),
    )
    assert from_json(ForecastInputs, to_json(inputs)) == inputs


def test_the_rules_of_a_record_hold_on_the_way_back() -> None:
    proof = Evidence("issue:o/r#1", "issue", "https://x", "Item 1", datetime(2026, 5, 6, tzinfo=UTC))
    with pytest.raises(ValidationError):
        from_json(Evidence, to_json(proof).replace("issue:o/r#1", "nowhere"))


def test_equal_records_are_equal_texts() -> None:
    assert to_json(Sentence("It is late.", ("a",))) == to_json(Sentence("It is late.", ("a",)))
