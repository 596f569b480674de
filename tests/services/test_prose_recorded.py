"""Prose is recorded with its model and prompts, says when it was worded, and is worded anew each day."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from galaxy_desktop.domain.findings import Analysis
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.reason import graph
from galaxy_desktop.reason.engine import Generation, Prompt
from galaxy_desktop.reason.recording import Recording
from galaxy_desktop.services import demo, pipeline
from galaxy_desktop.services.prose import Prose, carry_over, facts_digest
from galaxy_desktop.settings import Settings
from galaxy_desktop.store.database import Store

NOW = datetime(2026, 5, 6, 12, tzinfo=UTC)


class Parrot:
    """A model that says one true thing and one lie."""

    name = "parrot"

    def __init__(self, analysis: Analysis) -> None:
        one = analysis.sprints[0]
        self.text = f"{one.done} of {one.done + one.open} items are done."
        self.asked = 0

    def generate(self, prompt: Prompt, *, on_token: Any = None, **_: Any) -> Generation:
        del prompt, on_token
        self.asked += 1
        rows = [{"text": text, "evidence": ["E1"]} for text in (self.text, "The sprint is on track.")]
        return Generation(json.dumps({"sentences": rows}), 9, 9, 0.1, seed=3, model="sha256:c0ffee")

    def count_tokens(self, text: str) -> int:
        return len(text)

    def close(self) -> None:
        """Nothing runs."""


@pytest.fixture
def store(folder: DataFolder) -> Iterator[Store]:
    with Store.open(folder) as opened:
        for page in demo.DemoWorkspace(demo.scenario_named("slipping"), NOW).pages():
            opened.apply(page).result()
        yield opened


@pytest.fixture
def analysis(store: Store) -> Analysis:
    return pipeline.evaluate(store, NOW)[0]


async def test_a_run_is_recorded_dated_and_can_be_replayed(
    store: Store, analysis: Analysis, folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, clock = Parrot(analysis), [NOW]
    prose = Prose(folder, store, lambda: clock[0])
    monkeypatch.setattr(prose, "_get_engine", lambda _settings: (engine, ""))
    sprint = analysis.sprints[0]
    first = (await prose.write(sprint, Settings(), {})).explanation
    asked = engine.asked
    store.write(lambda _: None).result()  # what was begun to be kept is kept now
    clock[0] += timedelta(hours=2)
    again = (await prose.write(sprint, Settings(), {})).explanation
    assert first.sentences[-1].text == engine.text
    assert {one.text for one in first.unsupported} == {"The sprint is on track."}
    assert first.worded_at == again.worded_at == NOW, "the same facts are not worded twice"
    assert engine.asked == asked
    (brief,) = store.recorded_runs()
    assert (brief.sprint_id, brief.model, brief.weights) == (sprint.sprint.id, "parrot", "sha256:c0ffee")
    assert dict(brief.prompts)["system"]
    kept = store.recorded_run(brief.run_id)
    assert kept is not None
    recording = Recording.from_json(kept.body)
    assert recording.calls[0].seed == 3
    assert (await graph.replay(recording)).same
    assert store.forget_repository(store.repositories()[0].id, NOW).result()[0]
    assert store.recorded_runs() == ()


def test_the_next_day_is_worded_anew(analysis: Analysis) -> None:
    sprint = analysis.sprints[0]
    tomorrow = replace(sprint, features=replace(sprint.features, as_of=NOW + timedelta(days=1)))
    assert facts_digest(tomorrow) != facts_digest(sprint)
    worded = replace(sprint, explanation=replace(sprint.explanation, mode="model"))
    before = replace(analysis, sprints=(worded, *analysis.sprints[1:]))
    assert carry_over(before, analysis).sprints[0].explanation.mode == "model"
    later = replace(analysis, as_of=NOW + timedelta(days=1))
    assert carry_over(before, later).sprints[0].explanation.mode == "facts"
