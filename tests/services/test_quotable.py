"""What a model quotes is laid beside the text of the moment: title, body and comment as they read then, not before or after."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from galaxy_desktop.domain.findings import Analysis, Sentence
from galaxy_desktop.domain.sync import Page
from galaxy_desktop.domain.work import Comment, WorkItem
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.reason import graph
from galaxy_desktop.reason.engine import Generation, Prompt
from galaxy_desktop.reason.ground import check
from galaxy_desktop.reason.recording import Recording
from galaxy_desktop.services import demo, pipeline
from galaxy_desktop.services.prose import Prose
from galaxy_desktop.services.quotable import wording_of
from galaxy_desktop.settings import Settings
from galaxy_desktop.store.database import Store

NOW = datetime(2026, 5, 6, 12, tzinfo=UTC)
BODY = "Steps to see it: open the export as you can, and wait."


class Quoting:
    """A model that quotes what it is told to, of the item behind one of its keys."""

    name = "quoting"

    def __init__(self, item_id: str, quotes: list[str]) -> None:
        self._item, self._quotes = item_id, quotes

    def generate(self, prompt: Prompt, **_: Any) -> Generation:
        about = self._item.partition(":")[2]
        line = next(line for line in prompt.user.splitlines() if line.startswith("E") and f" {about} " in line)
        rows = [
            {"text": f'{about}, "{quote}", has been waiting for a review for 4 days.', "evidence": [line.split(" ")[0]]}
            for quote in self._quotes
        ]
        return Generation(json.dumps({"sentences": rows}), 9, 9, 0.1)

    def count_tokens(self, text: str) -> int:
        return len(text)

    def close(self) -> None:
        """Nothing runs."""


def _see(store: Store, item: WorkItem, at: datetime) -> None:
    """Store what was seen of an item at a moment."""
    store.apply(Page(repository_id=item.repository_id, records=(replace(item, observed_at=at),))).result()


@pytest.fixture
def store(folder: DataFolder) -> Iterator[Store]:
    with Store.open(folder) as opened:
        for page in demo.DemoWorkspace(demo.scenario_named("slipping"), NOW).pages():
            opened.apply(page).result()
        yield opened


@pytest.fixture
def waiting(store: Store) -> WorkItem:
    """The pull request that waits for a review, with a body, and renamed an hour ago."""
    analysis = pipeline.evaluate(store, NOW)[0]
    (risk,) = (r for r in analysis.sprints[0].risks if r.kind == "stale_review")
    item = store.snapshot().items_by_id[risk.item_ids[0]]
    at = NOW - timedelta(hours=1)
    _see(store, replace(item, title="Scan with the camera", body=BODY, updated_at=at), at)
    return item


async def _write(
    store: Store, folder: DataFolder, monkeypatch: pytest.MonkeyPatch, item: WorkItem, quotes: list[str]
) -> tuple[Analysis, Any]:
    analysis = pipeline.evaluate(store, NOW)[0]
    titles = {one.id: one.title for one in analysis.items}
    prose = Prose(folder, store, lambda: NOW)
    monkeypatch.setattr(prose, "_get_engine", lambda _settings: (Quoting(item.evidence_id, quotes), ""))
    return analysis, (await prose.write(analysis.sprints[0], Settings(), titles)).explanation


async def test_prose_may_quote_title_and_body_of_now_and_no_earlier_title(
    store: Store, folder: DataFolder, monkeypatch: pytest.MonkeyPatch, waiting: WorkItem
) -> None:
    _, told = await _write(store, folder, monkeypatch, waiting, ["Scan with the camera", waiting.title])
    shown = [one.text for one in told.sentences if one.text.startswith(waiting.evidence_id[3:]) and '"' in one.text]
    assert shown == [f'{waiting.evidence_id[3:]}, "Scan with the camera", has been waiting for a review for 4 days.']
    assert {one.reason for one in told.unsupported} == {"quotes words that were not current then"}


async def test_what_was_renamed_after_the_evaluation_is_quoted_as_it_was(
    store: Store, folder: DataFolder, monkeypatch: pytest.MonkeyPatch, waiting: WorkItem
) -> None:
    analysis = pipeline.evaluate(store, NOW)[0]
    now = store.snapshot().items_by_id[waiting.evidence_id]
    later = NOW + timedelta(minutes=5)
    _see(store, replace(now, title="Scan faster", updated_at=later), later)
    prose = Prose(folder, store, lambda: NOW + timedelta(minutes=9))
    engine = Quoting(waiting.evidence_id, ["Scan faster", "Scan with the camera"])
    monkeypatch.setattr(prose, "_get_engine", lambda _settings: (engine, ""))
    titles = {**{one.id: one.title for one in analysis.items}, waiting.evidence_id: "Scan faster"}
    told = (await prose.write(analysis.sprints[0], Settings(), titles)).explanation
    assert {one.reason for one in told.unsupported if "Scan faster" in one.text} == {
        "quotes words that were not current then"
    }
    assert any("Scan with the camera" in one.text for one in told.sentences)


async def test_a_recorded_run_holds_the_texts_that_were_quoted_and_replays_the_same(
    store: Store, folder: DataFolder, monkeypatch: pytest.MonkeyPatch, waiting: WorkItem
) -> None:
    _, told = await _write(store, folder, monkeypatch, waiting, ["Scan with the camera", waiting.title])
    store.write(lambda _: None).result()
    (brief,) = store.recorded_runs()
    kept = store.recorded_run(brief.run_id)
    assert kept is not None
    assert kept.body.count("Steps to see it") == 1, "no other part of the run carries the body"
    replayed = await graph.replay(Recording.from_json(kept.body))
    assert replayed.same
    assert len(replayed.reasons) == len(told.unsupported)


def test_texts_are_read_for_what_is_asked_and_nothing_else(store: Store, waiting: WorkItem) -> None:
    said = wording_of(store, NOW, [waiting.evidence_id, "milestone:nova-demo/api#6", "issue:some/where#1"])
    assert said.current == {waiting.evidence_id: f"Scan with the camera\n{BODY}"}
    assert [text.partition("\n")[0] for text in said.outdated[waiting.evidence_id]] == [waiting.title]
    before = wording_of(store, NOW - timedelta(hours=2), [waiting.evidence_id])
    assert before.current[waiting.evidence_id].startswith(waiting.title)


def test_a_comment_that_was_written_later_cannot_be_quoted(store: Store) -> None:
    comment: Comment = next(one for one in store.snapshot().comments if one.created_at < NOW)
    assert wording_of(store, NOW, [comment.evidence_id]).current == {comment.evidence_id: comment.body}
    before = comment.created_at - timedelta(minutes=1)
    assert wording_of(store, before, [comment.evidence_id]).current == {comment.evidence_id: ""}


def test_a_body_that_speaks_to_its_reader_does_not_cost_the_title_its_quotation(
    store: Store, waiting: WorkItem
) -> None:
    said = wording_of(store, NOW, [waiting.evidence_id])
    about = waiting.evidence_id[3:]
    facts = {waiting.evidence_id: [f"{about} has been idle for 1 day"]}

    def kept(quote: str) -> bool:
        sentence = Sentence(f'{about}, "{quote}", has been idle for 1 day.', (waiting.evidence_id,))
        return bool(check([sentence], facts, quotes=said.current).kept)

    assert kept("Scan with the camera")
    assert not kept("as you can, and wait")
