"""Days off in the settings reach the forecast, by login and without a name coming out again."""

from __future__ import annotations

from datetime import datetime, timedelta

from galaxy_desktop.services import commands, contract, demo, pipeline
from galaxy_desktop.services.voices import shipped_voice
from galaxy_desktop.store.database import Store

from galaxy_desktop.paths import DataFolder  # isort: skip


def _filled(folder: DataFolder, now: datetime) -> Store:
    store = Store.open(folder)
    for page in demo.DemoWorkspace(demo.scenario_named("slipping"), now).pages():
        store.apply(page).result()
    return store


def _fortnight(now: datetime) -> str:
    return f"{now.date()}..{now.date() + timedelta(days=13)}"


def test_days_off_of_one_person_are_found_by_login_and_told_without_a_name(folder: DataFolder, now: datetime) -> None:
    with _filled(folder, now) as store:
        people = {p.login for i in store.snapshot().items for p in (i.author, *i.assignees) if p is not None}
        logins = sorted(people)
        usual, _ = pipeline.evaluate(store, now)
        store.set_setting("days_off", "; ".join(f"{one}: {_fortnight(now)}" for one in logins), "you", now).result()
        fewer, _ = pipeline.evaluate(store, now)
    one, other = usual.sprints[0].forecast, fewer.sprints[0].forecast
    assert one.completion is not None
    assert other.completion is not None
    assert other.completion.p50 > one.completion.p50
    assert "have days off ahead" in other.formula
    assert not [login for login in logins if login in other.formula or login in str(other.outlooks)]
    assert contract.to_json(fewer)


def test_days_off_of_the_team_are_days_on_which_nothing_ends(folder: DataFolder, now: datetime) -> None:
    with _filled(folder, now) as store:
        store.set_setting("days_off", _fortnight(now), "you", now).result()
        analysis, _ = pipeline.evaluate(store, now)
    dates = analysis.sprints[0].forecast.completion
    assert dates is not None
    assert dates.p50 > now.date() + timedelta(days=13)


def test_the_outcome_model_is_the_voice_beside_the_simulation() -> None:
    assert shipped_voice().name == "outcome model of public sprints"


def test_a_login_nobody_saw_is_named_after_an_evaluation_and_changes_nothing(folder: DataFolder, now: datetime) -> None:
    with _filled(folder, now) as store:
        usual, _ = pipeline.evaluate(store, now)
        someone = next(i.author.login for i in store.snapshot().items if i.author is not None)
        store.set_setting("days_off", f"nobody: {_fortnight(now)}; {someone}: 2020-01-01", "you", now).result()
        told, _ = pipeline.evaluate(store, now)
    assert (usual.strangers, told.strangers) == ((), ("nobody",))
    assert "Nobody called “nobody” was seen" in commands._text(told)
    assert told.sprints[0].forecast.probability == usual.sprints[0].forecast.probability
