"""Recorded runs and kept answers are few, small, and gone with the repository that they speak of."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from galaxy_desktop.domain.recorded import KeptAnswer, RecordedRun
from galaxy_desktop.store import model_runs
from galaxy_desktop.store.database import Store


@pytest.fixture
def recorded(make: Any) -> RecordedRun:
    return RecordedRun(
        run_id="s1/abc/small",
        sprint_id="s1",
        at=make.hour(0),
        model="small",
        weights="sha256:c0ffee",
        prompts=(("system", "2"), ("recommender", "1")),
        body='{"calls": ["pr:o/r#7 waits"]}',
    )


@pytest.fixture
def kept(make: Any) -> KeptAnswer:
    return KeptAnswer(key="k", question="q?", facts="f", model="m", prompts="p 1", at=make.hour(0), body="{}")


def test_a_run_comes_back_as_it_was_kept(store: Store, recorded: RecordedRun) -> None:
    assert store.keep_run(recorded).result()
    assert store.recorded_run(recorded.run_id) == recorded
    assert store.recorded_run("another") is None
    (brief,) = store.recorded_runs()
    assert (brief.size, brief.prompts) == (len(recorded.body), recorded.prompts)


def test_a_run_made_again_replaces_the_earlier_one(store: Store, recorded: RecordedRun) -> None:
    for body in ("{}", '{"format": 1}'):
        store.keep_run(replace(recorded, body=body)).result()
    (brief,) = store.recorded_runs()
    assert brief.size == len('{"format": 1}')


def test_only_the_newest_runs_are_kept(store: Store, recorded: RecordedRun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_runs, "RUNS_KEPT", 2)
    for number in range(4):
        store.keep_run(replace(recorded, run_id=f"r{number}", at=recorded.at + timedelta(hours=number))).result()
    assert [one.run_id for one in store.recorded_runs()] == ["r3", "r2"]


def test_what_is_too_large_is_not_kept(store: Store, recorded: RecordedRun, kept: KeptAnswer) -> None:
    assert not store.keep_run(replace(recorded, body="x" * (model_runs.LARGEST_RUN + 1))).result()
    assert not store.keep_answer(replace(kept, body="x" * (model_runs.LARGEST_ANSWER + 1))).result()
    assert store.recorded_runs() == ()
    assert store.kept_answer("k") is None


def test_an_answer_is_found_by_its_key_until_it_is_forgotten(store: Store, kept: KeptAnswer) -> None:
    store.keep_answer(kept).result()
    assert store.kept_answer("k") == kept
    assert store.forget_answers().result() == 1
    assert store.kept_answer("k") is None


def test_forgetting_a_repository_takes_its_runs_and_all_answers(
    store: Store, recorded: RecordedRun, kept: KeptAnswer, make: Any
) -> None:
    store.apply(make.page(make.repo("o/r"))).result()
    store.keep_run(recorded).result()
    store.keep_run(replace(recorded, run_id="other", body="of a/b#1 only")).result()
    store.keep_answer(kept).result()
    store.forget_repository(42, make.hour(1)).result()
    assert [one.run_id for one in store.recorded_runs()] == ["other"]
    assert store.kept_answer("k") is None
