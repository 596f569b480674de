"""Moments in and out: local time in, UTC out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from galaxy_desktop.errors import WrongUseError
from galaxy_desktop.services import clock


def test_a_moment_with_an_offset_keeps_its_instant() -> None:
    assert clock.parse_moment("2026-05-01T12:00:00Z") == datetime(2026, 5, 1, 12, tzinfo=UTC)


def test_a_moment_without_an_offset_is_local() -> None:
    assert clock.parse_moment("2026-05-01T12:00:00").tzinfo is not None


def test_something_else_is_refused_with_an_example() -> None:
    with pytest.raises(WrongUseError, match="2026-05-01T12:00:00Z"):
        clock.parse_moment("next Friday")


def test_stamps_are_utc_with_whole_seconds() -> None:
    moment = datetime(2026, 5, 1, 14, 0, 0, 999, tzinfo=timezone(timedelta(hours=2)))
    assert clock.stamp(moment) == "2026-05-01T12:00:00Z"
