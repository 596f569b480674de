"""The walk through the past: every stretch once, stoppable, nothing from later, and kept as numbers without names."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from galaxy_desktop import cli
from galaxy_desktop.domain.past_sprints import CoursePoint, DelayRow, RuleFiring, Stretch
from galaxy_desktop.domain.sprints import Snapshot
from galaxy_desktop.domain.work import State
from galaxy_desktop.errors import CancelledByUserError, StoreError, WrongUseError
from galaxy_desktop.features.sprints import group_sprints
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.services import demo, lessons, past_book, pipeline, rule_replay
from galaxy_desktop.services.demo_past import Team
from galaxy_desktop.services.evaluation_rows import read_rows
from galaxy_desktop.services.past_walk import PastWalk, only
from galaxy_desktop.services.rule_replay import Replaying
from galaxy_desktop.store.database import Store

NOW = datetime(2026, 5, 6, 12, tzinfo=UTC)
SHARED = Path(__file__).parents[3] / "shared" / "data"


@pytest.fixture
def store(folder: DataFolder) -> Iterator[Store]:
    with Store.open(folder) as opened:
        for page in demo.DemoWorkspace(demo.scenario_named("slipping"), NOW).pages():
            opened.apply(page).result()
        yield opened


@pytest.fixture(scope="module")
def slipping(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    with Store.open(DataFolder(tmp_path_factory.mktemp("slipping"))) as opened:
        for page in demo.DemoWorkspace(demo.scenario_named("slipping"), NOW).pages():
            opened.apply(page).result()
        return opened.snapshot()


def walked(snapshot: Snapshot, now: datetime = NOW, known: tuple[Stretch, ...] = ()) -> PastWalk:
    walk = PastWalk(snapshot, now, known)
    walk.prepare()
    while walk.step():
        pass
    return walk


@pytest.fixture(scope="module")
def walk(slipping: Snapshot) -> PastWalk:
    return walked(slipping)


def a_stretch(key: str = "sprint-1") -> Stretch:
    return Stretch(
        key=key,
        digest="d",
        ended_on=NOW.date(),
        firings=(RuleFiring(kind="no_owner", bad=True, base=0.5),),
        delays=(DelayRow(item=0, elapsed=0.5, terms=(0.1, 0.2), late=True),),
        course=(CoursePoint(elapsed=0.5, values=(0.1,)),),
        landed=False,
    )


def test_every_closed_sprint_is_replayed_with_rules_items_and_course(walk: PastWalk, slipping: Snapshot) -> None:
    closed = {s.id for s in group_sprints(slipping, NOW) if s.state is State.CLOSED}
    sprints = [one for one in walk.found.values() if one.is_sprint]
    assert {one.key for one in sprints} == closed
    assert all(one.course and one.delays and one.committed for one in sprints)
    assert {f.kind for one in sprints for f in one.firings} > {"no_owner"}


def test_looks_come_in_order_and_before_the_end(walk: PastWalk) -> None:
    for one in walk.found.values():
        shares = [point.elapsed for point in one.course]
        assert shares == sorted(shares)
        assert all(0 <= share < 1 for share in shares)


def test_a_second_walk_does_nothing_and_a_changed_sprint_is_replayed(walk: PastWalk, slipping: Snapshot) -> None:
    known = tuple(walk.found.values())
    again = PastWalk(slipping, NOW, known)
    again.prepare()
    assert (again.next, again.found) == ("", walk.found)
    changed = PastWalk(slipping, NOW, (replace(known[0], digest="old"), *known[1:]))
    changed.prepare()
    assert changed.total - len(changed.found) == 1


def test_a_sprint_that_closed_lately_is_replayed_once_more_when_all_is_known(
    walk: PastWalk, slipping: Snapshot
) -> None:
    later = PastWalk(slipping, NOW + timedelta(days=30), walk.found.values())
    later.prepare()
    assert later.total > len(later.found)


def test_what_happens_later_changes_neither_terms_nor_course(walk: PastWalk, slipping: Snapshot) -> None:
    day = NOW - timedelta(days=1)
    noise = tuple(replace(c, body="blocked by #1", created_at=day, updated_at=day) for c in slipping.comments[-3:])
    told = replace(slipping, comments=(*slipping.comments, *(replace(c, id=c.id + 10**6) for c in noise)))
    again = walked(told)
    assert {k: s.course for k, s in again.found.items()} == {k: s.course for k, s in walk.found.items()}
    assert {k: s.delays for k, s in again.found.items()} == {k: s.delays for k, s in walk.found.items()}


def test_stopped_in_the_middle_it_leaves_whole_stretches(slipping: Snapshot) -> None:
    stop, half = threading.Event(), PastWalk(slipping, NOW)
    half.prepare()
    half.step(stop)
    stop.set()
    with pytest.raises(CancelledByUserError):
        half.step(stop)
    assert len(half.found) == 1


def test_a_repository_with_few_sprints_is_seen_in_windows(slipping: Snapshot) -> None:
    bare = replace(slipping, milestones=(), milestone_versions=(), boards=())
    walk = walked(bare)
    assert walk.found
    assert not any(one.is_sprint for one in walk.found.values())
    kinds = {f.kind for one in walk.found.values() for f in one.firings}
    assert kinds.isdisjoint({"no_end", "overdue", "scope_growth", "overloaded_owner"})


def test_windows_begin_on_the_same_days_whenever_asked(slipping: Snapshot) -> None:
    bare = replace(slipping, milestones=(), milestone_versions=(), boards=())
    keys = []
    for now in (NOW, NOW + timedelta(days=5)):
        walk = PastWalk(bare, now)
        walk.prepare()
        keys.append({plan.key for plan in walk._waiting})
    assert len(keys[0] & keys[1]) >= len(keys[0]) - 1


def test_the_part_of_one_repository_holds_nothing_of_others(slipping: Snapshot) -> None:
    name = slipping.repositories[0].full_name
    part = only(slipping, name)
    assert {i.repository for i in part.items} == {name}
    assert {e.repository for e in part.events} <= {name}


# --- what is kept


def test_what_is_written_is_read_again_and_forgotten(tmp_path: Path) -> None:
    past_book.write(tmp_path, [a_stretch()])
    assert past_book.read(tmp_path) == (a_stretch(),)
    assert past_book.read(tmp_path) is past_book.read(tmp_path)
    past_book.forget(tmp_path)
    assert past_book.read(tmp_path) == ()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 1, "stretches": [{}]}', '{"format": 9, "stretches": []}'])
def test_a_damaged_file_counts_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / past_book.FILE).write_text(text, encoding="utf-8")
    assert past_book.read(tmp_path) == ()


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be written"):
        past_book.write(tmp_path / "missing", [])


def test_nothing_that_is_kept_names_an_item_a_person_or_a_text(store: Store) -> None:
    work = Replaying(store, NOW)
    work.prepare()
    while work.step():
        pass
    text = (store.folder / past_book.FILE).read_text(encoding="utf-8")
    snapshot = store.snapshot()
    assert not any(item.evidence_id in text or item.title in text for item in snapshot.items)
    assert not any(person.login in text for item in snapshot.items for person in item.assignees)
    assert past_book.read(store.folder) == tuple(work.walk.found[key] for key in sorted(work.walk.found))


# --- what it teaches


def test_an_evaluation_tells_delays_and_similar_sprints_of_what_had_ended(store: Store, walk: PastWalk) -> None:
    past_book.write(store.folder, walk.found.values())
    analysis, _ = pipeline.evaluate(store, NOW)
    running = next(s for s in analysis.sprints if s.delays)
    assert {d.item_id for d in running.delays} <= set(running.sprint.items)
    assert running.similar is not None
    assert running.similar.compared <= len(walk.found)
    assert all(one.title and one.evidence for one in running.similar.sprints)
    item_risks = [r for r in running.risks if r.kind in ("stuck_item", "silent_item") and len(r.item_ids) == 1]
    chances = {d.item_id: d.probability for d in running.delays}
    assert all(r.probability == chances[r.item_ids[0]] for r in item_risks)


def test_looking_back_learns_nothing_from_what_ended_later(walk: PastWalk) -> None:
    past = tuple(walk.found.values())
    first = min(one.ended_on for one in past)
    assert pipeline._known_by(past, first) == ()
    assert pipeline._known_by(past, NOW.date() + timedelta(days=1)) is past


def test_a_rule_that_errs_here_is_silenced_and_windows_do_not_set_the_level_of_delays() -> None:
    wrong = replace(a_stretch(), firings=(RuleFiring(kind="red_build", bad=False),) * 30, delays=())
    assert "red_build" in lessons.lessons_of((wrong,)).silenced
    assert "red_build" not in lessons.lessons_of(()).silenced
    terms = (0.0,) * 15
    window = replace(a_stretch("window-1-2026-01-05"), delays=(DelayRow(item=0, elapsed=0.5, terms=terms, late=True),))
    assert lessons.lessons_of((window,)).delays is lessons.shipped_delays()


def test_lessons_of_the_same_past_are_remembered() -> None:
    past = (a_stretch(key="window-9"),)
    assert lessons.lessons_of(past) is lessons.lessons_of(past)


# --- the commands


def run(folder: DataFolder, *more: str) -> int:
    return cli.main(["evaluate", *more, "--data-dir", str(folder.root), "--at", NOW.isoformat()])


def test_evaluate_risks_prints_every_rule_and_saves_what_ships(
    store: Store, folder: DataFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store.close()
    saved = tmp_path / "figures.json"
    assert run(folder, "risks", "--json", "--save", str(saved)) == 0
    said = json.loads(capsys.readouterr().out)
    written = json.loads(saved.read_text(encoding="utf-8"))
    assert list(said["rules"]) == list(written["rules"])
    assert said["rules"]["no_owner"]["fired"] == written["rules"]["no_owner"]["fired"] > 0
    assert (written["date"], written["sprints"]) == ("2026-05-06", said["sprints"])
    assert (folder.root / past_book.FILE).exists()


def test_evaluate_risks_says_in_words_what_was_not_measured(
    store: Store, folder: DataFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    store.close()
    assert run(folder, "risks") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].endswith("of repositories with few sprints.")
    assert any(line.startswith("scope_growth") and line.endswith("too few to be measured") for line in lines)


def test_an_empty_profile_has_no_past(folder: DataFolder) -> None:
    with pytest.raises(WrongUseError, match="Sync first"):
        rule_replay.run(rule_replay.ReplayRequest(what="risks", folder=folder), print)


def test_a_past_in_which_nothing_was_late_teaches_no_delays(
    folder: DataFolder, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lazy = replace(demo.SCENARIOS["slipping"], team=Team(people=6, rate=3.0, load=0.2, growth=0.0, focus=1.0))
    monkeypatch.setitem(demo.SCENARIOS, "slipping", lazy)
    with Store.open(folder) as opened:
        for page in demo.DemoWorkspace(demo.scenario_named("slipping"), NOW).pages():
            opened.apply(page).result()
    assert run(folder, "delays") == 2
    assert "both needed" in capsys.readouterr().err


def test_the_level_comes_from_what_public_sprints_left_undone() -> None:
    path = SHARED / "sprints_public" / "sprints_train.csv"
    if not path.exists():
        pytest.skip("the public sprints are not on this computer (../shared/data)")
    assert rule_replay.late_share(read_rows(path, outcomes=True)) == pytest.approx(0.36, abs=0.005)


def test_sprints_with_nothing_open_set_no_level() -> None:
    with pytest.raises(ValueError, match="nothing was open"):
        rule_replay.late_share([])
