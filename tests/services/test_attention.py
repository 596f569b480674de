"""Which alerts become a balloon and which wait for the morning: by rule, without a clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from galaxy_desktop.domain.attention import Balloon, Digest, Mute, Silence
from galaxy_desktop.domain.evidence import Evidence
from galaxy_desktop.domain.findings import Alert, Severity
from galaxy_desktop.services.attention import SETTING_OF_KIND, Waiting, decide, in_tray, quiet
from galaxy_desktop.settings import Settings

MONDAY = datetime(2026, 5, 4, 11, tzinfo=UTC)
SEEN = MONDAY.replace(hour=9)
"""This morning's digest was shown."""


def alert(name: str = "one", at: datetime = MONDAY, kind: str = "overdue", **more: Any) -> Alert:
    values: dict[str, Any] = {
        "id": name, "kind": kind, "sprint_id": "sprint-1", "reason": f"Reason of {name}", "severity": Severity.HIGH,
        "evidence": (Evidence("issue:o/r#1", "issue", "", "Work", MONDAY),), "at": at, "target": "issue:o/r#1",
    }  # fmt: skip
    return Alert(**{**values, **more})


def decided(*alerts: Alert, now: datetime = MONDAY, waiting: dict[str, Any] | None = None, **stored: str) -> Any:
    """The kind of notice and the alerts it covers."""
    given_ = Waiting(**{"alerts": alerts, "last_digest_at": SEEN, **(waiting or {})})
    found = decide(given_, Settings.from_text(stored), now)
    return (type(found), [a.id for a in found.covers]) if found is not None else None


def test_what_comes_up_by_day_is_a_balloon_at_once() -> None:
    assert decided(alert()) == (Balloon, ["one"])


def test_without_alerts_there_is_nothing_to_say() -> None:
    assert decided() is None


def test_what_comes_together_is_shown_together_the_worst_first() -> None:
    worst = alert("worst", severity=Severity.CRITICAL)
    assert decided(alert(), worst) == (Balloon, ["worst", "one"])


@pytest.mark.parametrize(("shown", "per_day", "said"), [(4, "5", True), (5, "5", False), (0, "0", False)])
def test_the_days_budget_holds(shown: int, per_day: str, said: bool) -> None:
    assert (decided(alert(), waiting={"balloons_today": shown}, alerts_per_day=per_day) is not None) is said


def test_beyond_the_budget_it_comes_with_the_next_digest() -> None:
    tuesday = MONDAY + timedelta(days=1)
    assert decided(alert(), now=tuesday.replace(hour=8)) is None
    assert decided(alert(), now=tuesday.replace(hour=9)) == (Digest, ["one"])


@pytest.mark.parametrize(
    ("stored", "hour", "is_quiet"),
    [
        ({}, 6, True), ({}, 7, False), ({}, 19, False), ({}, 20, True), ({}, 23, True),
        ({"quiet_from": "12:00", "quiet_until": "13:00"}, 12, True),
        ({"quiet_from": "12:00", "quiet_until": "13:00"}, 13, False),
        ({"quiet_from": ""}, 3, False), ({"quiet_until": "off"}, 3, False),
    ],
)  # fmt: skip
def test_quiet_hours_go_over_midnight(stored: dict[str, str], hour: int, is_quiet: bool) -> None:
    assert quiet(Settings.from_text(stored), MONDAY.replace(hour=hour)) is is_quiet


@pytest.mark.parametrize(("days", "stored", "is_quiet"), [(-1, {}, True), (-1, {"alerts_on_weekends": "true"}, False)])
def test_days_off_are_quiet_unless_switched_on(days: int, stored: dict[str, str], is_quiet: bool) -> None:
    assert quiet(Settings.from_text(stored), MONDAY + timedelta(days=days)) is is_quiet


def test_a_holiday_is_a_day_off() -> None:
    assert decided(alert(), waiting={"holidays": frozenset({date(2026, 5, 4)})}) is None


def test_what_comes_up_at_night_waits_for_the_digest_not_for_the_end_of_the_night() -> None:
    night = alert(at=MONDAY.replace(hour=3))
    before = {"last_digest_at": SEEN - timedelta(days=3)}
    assert decided(night, now=MONDAY.replace(hour=8), waiting=before) is None
    assert decided(night, now=MONDAY.replace(hour=9), waiting=before) == (Digest, ["one"])


def test_without_a_digest_it_waits_for_the_end_of_the_night() -> None:
    night = alert(at=MONDAY.replace(hour=3))
    assert decided(night, now=MONDAY.replace(hour=6), digest_at="off") is None
    assert decided(night, now=MONDAY.replace(hour=7), digest_at="off") == (Balloon, ["one"])


def test_what_came_up_over_the_weekend_is_in_mondays_digest() -> None:
    found = decided(alert(at=MONDAY - timedelta(days=1)), waiting={"last_digest_at": SEEN - timedelta(days=3)})
    assert found == (Digest, ["one"])


def test_a_day_has_one_digest() -> None:
    late = alert(at=MONDAY.replace(hour=3))
    assert decided(late) is None
    assert decided(late, waiting={"last_digest_at": None}) == (Digest, ["one"])


def test_after_the_digest_the_day_goes_on_with_balloons() -> None:
    assert decided(alert(at=MONDAY.replace(hour=3)), alert("new")) == (Balloon, ["new"])


def test_paused_alerts_wait_and_so_does_the_digest() -> None:
    until = (MONDAY + timedelta(minutes=1)).isoformat()
    assert decided(alert(), waiting={"last_digest_at": None}, alerts_paused_until=until) is None


def test_without_balloons_nothing_is_shown() -> None:
    assert decided(alert(), waiting={"last_digest_at": None}, balloons="false") is None


@pytest.mark.parametrize("kind", sorted(SETTING_OF_KIND))
def test_each_kind_goes_where_it_is_sent(kind: str) -> None:
    one, name = alert(kind=kind), SETTING_OF_KIND[kind]
    assert decided(one) == (Balloon, ["one"])
    assert decided(one, **{name: "digest"}) is None
    assert decided(one, **{name: "tray"}) is None
    assert decided(one, **{name: "off"}) == (Silence, ["one"])
    morning = {"last_digest_at": SEEN - timedelta(days=3)}
    assert decided(one, waiting=morning, **{name: "digest"}) == (Digest, ["one"])


def test_the_tray_counts_what_is_sent_there() -> None:
    waiting = Waiting(alerts=(alert(), alert("two", kind="probability")))
    assert in_tray(waiting, Settings.from_text({"alert_overdue": "tray"}), MONDAY) == 1


@pytest.mark.parametrize("subject", ["issue:o/r#1", "sprint-1"])
def test_a_muted_subject_is_as_if_it_were_not_there(subject: str) -> None:
    muted = Mute(subject=subject, at=MONDAY, until=MONDAY + timedelta(hours=1))
    assert decided(alert(), waiting={"mutes": (muted,)}) is None
    assert decided(alert(), waiting={"mutes": (muted,), "last_digest_at": None}) == (Digest, [])
    assert decided(alert(), now=MONDAY + timedelta(hours=1), waiting={"mutes": (muted,)}) == (Balloon, ["one"])


def test_a_muted_alert_takes_no_part_in_the_count_of_the_tray() -> None:
    muted = Mute(subject="issue:o/r#1", at=MONDAY, until=None)
    waiting = Waiting(alerts=(alert(),), mutes=(muted,))
    assert in_tray(waiting, Settings.from_text({"alert_overdue": "tray"}), MONDAY) == 0


@given(
    st.lists(st.integers(0, 14 * 24 * 4), max_size=40),
    st.sampled_from(["off", "09:00", "07:30", "21:00"]),
    st.integers(0, 5),
    st.booleans(),
)
def test_over_two_weeks_each_alert_is_shown_once_and_the_budget_holds(
    quarters: list[int], digest_at: str, per_day: int, weekends: bool
) -> None:
    """A program that looks every quarter of an hour; what is left at the end is only what may still come."""
    settings = Settings.from_text(
        {"digest_at": digest_at, "alerts_per_day": str(per_day), "alerts_on_weekends": str(weekends).lower()}
    )
    start = MONDAY.replace(hour=0)
    coming = [alert(f"a{n}", at=start + timedelta(minutes=15 * q)) for n, q in enumerate(quarters)]
    shown: list[str] = []
    balloons: dict[date, int] = {}
    digests: list[date] = []
    last: datetime | None = None
    for step in range(18 * 24 * 4):
        now = start + timedelta(minutes=15 * step)
        while True:
            unshown = [a for a in coming if a.at <= now and a.id not in shown]
            today = balloons.get(now.date(), 0)
            found = decide(Waiting(alerts=unshown, balloons_today=today, last_digest_at=last), settings, now)
            if found is None:
                break
            assert isinstance(found, Digest) or not quiet(settings, now)
            shown += [a.id for a in found.covers]
            if isinstance(found, Digest):
                digests.append(now.date())
                last = now
            else:
                balloons[now.date()] = today + 1
    assert len(shown) == len(set(shown))
    assert all(count <= per_day for count in balloons.values())
    assert len(digests) == len(set(digests))
    if digest_at != "off" or per_day:
        assert len(shown) == len(coming)


def test_the_order_does_not_depend_on_the_order_in_which_alerts_are_read() -> None:
    some = [alert(f"a{n}", severity=list(Severity)[n % 4], at=MONDAY - timedelta(minutes=n)) for n in range(6)]
    assert decided(*some) == decided(*reversed(some))


def test_an_alert_of_a_kind_without_a_setting_goes_the_usual_way() -> None:
    assert decided(replace(alert(), kind="unheard of")) == (Balloon, ["one"])
