"""What a sync held at a moment, and what looking back to that moment from a later sync says: real data, no leakage."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest

from galaxy_desktop.domain.sprints import Snapshot
from galaxy_desktop.domain.work import WorkItem
from galaxy_desktop.features.past import as_of, blind_spots
from galaxy_desktop.features.sprints import group_sprints
from galaxy_desktop.paths import data_folder
from galaxy_desktop.store.database import Store
from tests.acceptance.conftest import TRACK, StandIn, run, stand_in_at

THEN, LATER = "2026-04-10T12:00:00Z", "2026-06-10T00:00:00Z"
MOMENT = datetime.fromisoformat(THEN)
ALONE = "bitcoin/bips"
"""The corpus has no faithful past of it; its items turn up with their first version that was kept."""


def synced(github: StandIn, folder: Path, at: str) -> Snapshot:
    github.control("at", at=at)
    done = run(github, "sync", *TRACK, "--data-dir", str(folder))
    assert done.returncode == 0, done.stderr
    with Store.open(data_folder(str(folder))) as store:
        return store.snapshot()


@pytest.fixture(scope="module")
def looks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Snapshot, Snapshot, Snapshot]]:
    """What was seen then; seen then and later; seen later for the first time."""
    polled, fresh = tmp_path_factory.mktemp("polled"), tmp_path_factory.mktemp("fresh")
    with stand_in_at(THEN) as github:
        yield synced(github, polled, THEN), synced(github, polled, LATER), synced(github, fresh, LATER)


def items(snapshot: Snapshot) -> dict[str, WorkItem]:
    return {i.evidence_id: i for i in snapshot.items if i.repository != ALONE}


def ends(snapshot: Snapshot) -> dict[str, date | None]:
    return {m.evidence_id: m.due_on for m in snapshot.milestones}


def test_state_membership_and_merge_of_every_item_are_those_of_then(
    looks: tuple[Snapshot, Snapshot, Snapshot],
) -> None:
    seen, *later = looks
    for snapshot in later:
        was, told = items(seen), items(as_of(snapshot, MOMENT))
        shared = was.keys() & told.keys()
        assert len(shared) > 1_300
        for one in sorted(shared):
            fields = [(i.state, i.closed_at, i.merged_at, i.milestone_number, i.draft) for i in (was[one], told[one])]
            assert fields[0] == fields[1], one


def test_what_is_in_one_and_not_in_the_other_is_a_gap_of_the_corpus(looks: tuple[Snapshot, Snapshot, Snapshot]) -> None:
    """Two items of before are served only with a version of after; nothing that was seen is lost."""
    seen, polled, _ = looks
    was, told = items(seen), items(as_of(polled, MOMENT))
    assert not was.keys() - told.keys()
    assert all(told[one].created_at <= MOMENT for one in told.keys() - was.keys())
    assert len(told.keys() - was.keys()) <= 3


def test_ends_that_moved_are_those_of_then_where_they_had_been_seen(looks: tuple[Snapshot, Snapshot, Snapshot]) -> None:
    seen, polled, fresh = looks
    assert ends(as_of(polled, MOMENT)) == ends(seen)
    assert ends(polled) != ends(seen), "no end moved in between: this proves nothing"
    assert any("first version seen" in sentence for sentence in blind_spots(fresh, MOMENT))
    assert not any("first version seen" in sentence for sentence in blind_spots(polled, MOMENT))


def test_the_sprints_are_those_of_then(looks: tuple[Snapshot, Snapshot, Snapshot]) -> None:
    seen, polled, _ = looks
    assert [(s.id, s.title, s.items, s.due_on, s.state) for s in group_sprints(as_of(polled, MOMENT), MOMENT)] == [
        (s.id, s.title, s.items, s.due_on, s.state) for s in group_sprints(seen, MOMENT)
    ]
