"""Forgetting a repository leaves nothing of it in any table, and takes nothing from the others."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from galaxy_desktop.domain.attention import DigestReport, Mute, SprintMove
from galaxy_desktop.domain.evidence import Evidence
from galaxy_desktop.domain.findings import UserVerdict, Verdict
from galaxy_desktop.domain.repository_facts import ItemRef, LinkKind
from galaxy_desktop.domain.sync import SyncStatus, Validator
from galaxy_desktop.domain.work import Label, Person, RepositoryState
from galaxy_desktop.domain.work_log import Execution, Priority
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.store.database import Store
from tests.store.evaluations import analysis, entry, followed, said

GONE, KEPT = 730_042, 810_077
OLD, NAME, OTHER = "acme/before", "acme/zeppelin", "acme/zeppelin2"
SECRET = "quetzalcoatl"
ADA, BOB = Person(601_001, "ada-of-zeppelin"), Person(601_002, "bob")

LEDGERS = ("audit", "forecast")
"""Append-only, see `store/forget.py`."""


MILESTONES = {GONE: 101, KEPT: 202}


def everything(make: Any, repository_id: int, name: str, who: Person) -> list[Any]:
    """A record of every kind, each with the secret word where it has text."""
    records = [
        make.item(1, title=f"The {SECRET}", body=f"See {name}#2.", author=who, assignees=(who,), milestone_number=1),
        make.pull(2, author=who, requested_reviewers=(who,), head_sha="c0ffee"),
        make.milestone(1, id=MILESTONES[repository_id], title=SECRET),
        make.comment(1, body=SECRET, author=who),
        make.comment(2, body=SECRET, author=who, review=True),
        make.review(1, body=SECRET, author=who),
        make.commit("c0ffee", message=SECRET, author=who),
        make.run(1, name=SECRET),
        make.event(1, subject=SECRET, actor=who),
        make.check(1, name=SECRET),
        make.release(1, name=SECRET, author=who),
        make.deployment(1, environment=SECRET),
        make.branches("main", SECRET),
        make.links(1, ItemRef(name, 2, SECRET)),
        make.pull_commits(2, make.pull_commit(message=SECRET, author=who), make.pull_commit("b", author=None)),
    ]
    label = Label(repository_id=repository_id, id=1, name=SECRET)
    return [replace(one, repository_id=repository_id, repository=name) for one in records] + [label]


def collect(store: Store, make: Any, repository_id: int, name: str, who: Person) -> None:
    """What collection stores of a repository: records, cursors, ETags, states, marks, requests."""
    repository = replace(make.repo(name), id=repository_id)
    page = make.page(
        repository,
        *everything(make, repository_id, name, who),
        repository_id=repository_id,
        cursor=replace(make.cursor(), repository_id=repository_id, note=SECRET),
        validator=Validator(repository_id=repository_id, url=f"/repos/{name}/issues", etag=SECRET),
        status=SyncStatus(
            repository_id=repository_id, state=RepositoryState.SYNCED, sentence=f"{name} is fresh", synced_at=None
        ),
        gone=(f"issue:{name}#99",),
        observed_at=make.hour(2),
    )
    store.apply(page).result()
    store.mark_read(repository_id, {"issues": make.hour(1)}).result()
    store.reconciled(repository_id, make.hour(1)).result()
    store.log_exchanges([make.exchange(repository=name, path=f"/repos/{name}/issues")]).result()
    store.keep_change(make.change(name, repository_id=repository_id, repository=name, mine=SECRET)).result()


def conclude(store: Store, make: Any, sprint_id: str, *names: str) -> None:
    """What evaluation and the user leave behind about a sprint of these repositories."""
    proof = Evidence(f"issue:{names[0]}#1", "issue", f"https://x/{names[0]}/1", f"The {SECRET}", make.hour(0))
    whole = analysis(make, 3)
    one = whole.sprints[0]
    sprint = replace(one.sprint, id=sprint_id, repositories=names, milestones=(), items=())
    risk = replace(one.risks[0], id=f"risk:{sprint_id}", evidence=(proof,))
    advice = replace(one.recommendations[0], id=f"action:{sprint_id}:drop:it", evidence=(proof,))
    changed = replace(one, sprint=sprint, risks=(risk,), recommendations=(advice,))
    store.save_analysis(replace(whole, sprints=(changed,), alerts=(), dependencies=(), repositories=())).result()
    store.confirm_sprint(sprint_id, make.hour(1)).result()
    store.give_verdict(
        UserVerdict(recommendation_id=advice.id, verdict=Verdict.DISMISSED, reason="no", at=make.hour(1))
    ).result()
    alert = make.alert(f"alert-{sprint_id}", sprint_id=sprint_id, evidence=(proof,))
    store.raise_alerts([alert], [(sprint_id, make.hour(9).date(), 0.6)]).result()
    act = replace(followed(make).intervention, id=f"{advice.id}@1", sprint_id=sprint_id, evidence=(proof,))
    store.follow([replace(followed(make), intervention=act)]).result()
    store.mute(Mute(subject=sprint_id, at=make.hour(1), until=None)).result()
    move = SprintMove(sprint_id=sprint_id, title=SECRET, now=0.5, before=0.6)
    report = DigestReport(at=make.hour(1), since=make.hour(0), sprints=(move,))
    day = make.hour(1).date() + timedelta(days=int(sprint_id[-1]))
    store.show_digest(day, report, [], make.hour(1)).result()
    store.jobs.enqueue(f"prose/{sprint_id}/1", "prose", "", Priority.LOW, make.hour(0)).result()
    store.record_execution(
        Execution(
            run_id=f"{sprint_id}/d/m", node="n", model="", status="ok", input_digest="", output_digest="",
            started_at=make.hour(0), duration_s=1,
        )
    ).result()  # fmt: skip


@pytest.fixture
def full(store: Store, make: Any) -> Store:
    """A store that holds one repository to forget, under two names, and one beside it."""
    collect(store, make, KEPT, OTHER, BOB)
    store.apply(make.page(replace(make.repo(OLD), id=GONE), repository_id=GONE, observed_at=make.hour(0))).result()
    store.log_exchanges([make.exchange(repository=OLD, path=f"/repos/{OLD}")]).result()
    store.log_exchanges([make.exchange(repository="", entity="", path=f"/repos/{OLD}?page=1")]).result()
    collect(store, make, GONE, NAME, ADA)
    board = make.board({1: "A", 2: "B"})
    shared = (replace(board.items[0], repository_id=GONE), replace(board.items[1], repository_id=KEPT))
    own = replace(make.board({3: "A"}), id="P2", title=SECRET, iterations=())
    mine = replace(own, items=(replace(own.items[0], repository_id=GONE),))
    blocked = make.links(2, ItemRef(NAME, 1, SECRET), ItemRef(OTHER, 1), kind=LinkKind.BLOCKED_BY)
    across = replace(blocked, repository_id=KEPT, repository=OTHER)
    store.apply(make.page(replace(board, items=shared), mine, across, repository_id=KEPT)).result()
    store.refuse_wish(OLD, f"{OLD} is not shown.", make.hour(1)).result()
    conclude(store, make, "sprint-101", NAME)
    conclude(store, make, "sprint-100", OTHER, NAME)
    return store


def cells(folder: DataFolder) -> Iterator[tuple[str, str]]:
    """Every value of every table, as text, with the table's name."""
    with closing(sqlite3.connect(folder.database)) as connection:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for name in names:
            for row in connection.execute(f"SELECT * FROM {name}"):  # noqa: S608
                yield from ((name, str(value)) for value in row)


def tables_with(folder: DataFolder, *words: str) -> set[str]:
    return {name for name, value in cells(folder) if any(word in value for word in words)}


def test_before_it_is_forgotten_it_is_everywhere(full: Store, folder: DataFolder) -> None:
    """Else the next test proves nothing: every table that files by repository or by name must hold some of it."""
    held = tables_with(folder, str(GONE), NAME, OLD, "sprint-101")
    with closing(sqlite3.connect(folder.database)) as connection:
        filed = {
            row[0]
            for row in connection.execute(
                "SELECT m.name FROM sqlite_master m, pragma_table_info(m.name) c "
                "WHERE m.type = 'table' AND c.name = 'repository_id'"
            )
        }
    assert filed | {"repository", "wish", "refused_wish", "exchange", "usage_day", "evidence", "analysis"} <= held
    assert {"sprint", "sprint_confirmation", "risk", "recommendation", "verdict", "alert", "job", "execution"} <= held
    assert {"intervention", "course", "mute", "digest"} <= held


def test_nothing_of_it_is_left_in_any_table(full: Store, folder: DataFolder) -> None:
    removed, _ = full.forget_repository(GONE).result()
    assert removed > 50
    left = [
        (table, value)
        for table, value in cells(folder)
        if table not in LEDGERS
        and any(word in value.replace(OTHER, "") for word in (str(GONE), NAME, OLD, "sprint-101", ADA.login))
    ]
    assert left == []


def test_no_word_of_it_is_left_in_the_full_text_index(full: Store, make: Any) -> None:
    full.apply(make.page(replace(make.item(9, title="Gargoyle"), repository_id=GONE), repository_id=GONE)).result()
    assert full.search_text("gargoyle")
    full.forget_repository(GONE).result()

    def words(connection: Any) -> set[str]:
        connection.exec_driver_sql("CREATE VIRTUAL TABLE temp.words USING fts5vocab('main', 'item_text', 'row')")
        return set(connection.exec_driver_sql("SELECT term FROM temp.words").scalars())

    found = full.write(words).result()
    assert "gargoyl" not in found
    assert SECRET in " ".join(found)
    for table in ("item_text", "comment_text"):
        check = f"INSERT INTO {table}({table}, rank) VALUES ('integrity-check', 1)"  # noqa: S608
        full.write(lambda c, check=check: c.exec_driver_sql(check).close()).result()


def test_the_file_does_not_hold_its_words_either(folder: DataFolder, make: Any) -> None:
    with Store.open(folder) as store:
        collect(store, make, GONE, NAME, ADA)
        store.forget_repository(GONE).result()
    assert SECRET.encode() not in folder.database.read_bytes()


def test_the_other_repository_keeps_everything(full: Store, make: Any) -> None:
    def of_other() -> Any:
        seen = full.snapshot()
        groups = (seen.milestones, seen.items, seen.comments, seen.reviews, seen.commits, seen.runs, seen.events)
        more = (seen.checks, seen.releases, seen.deployments, seen.branches)
        return [one for group in (*groups, *more) for one in group if one.repository_id == KEPT]

    before = of_other()
    full.forget_repository(GONE).result()
    assert of_other() == before
    assert len(before) > 10
    assert full.cursor(KEPT, "issues") is not None
    assert [one.repository for one in full.usage(make.hour(0).date())] == ["", OTHER]
    assert [one.id for one in full.changes()] == [OTHER]
    assert full.person_names(BOB.id)
    assert full.person_names(ADA.id) == ()


def test_a_shared_board_and_shared_links_lose_only_its_part(full: Store) -> None:
    full.forget_repository(GONE).result()
    seen = full.snapshot()
    assert [(board.id, [item.repository_id for item in board.items]) for board in seen.boards] == [("P1", [KEPT])]
    assert [t.repository for one in seen.links if one.item_number == 2 for t in one.targets] == [OTHER]


def test_a_board_that_lost_items_is_read_again(full: Store) -> None:
    """Else a repository that is added again would miss its iterations until somebody changes the board."""
    assert full.board_updated_at("P1") is not None
    full.forget_repository(GONE).result()
    assert full.board_updated_at("P1") is None


def test_a_board_of_nothing_else_goes_whole(full: Store) -> None:
    full.forget_repository(GONE).result()
    count = "SELECT (SELECT count(*) FROM board), (SELECT count(*) FROM board_look)"
    assert full.read(lambda c: tuple(c.exec_driver_sql(count).one())) == (1, 1)


def test_a_sprint_it_shares_keeps_its_confirmation_and_its_own_does_not(full: Store) -> None:
    full.forget_repository(GONE).result()
    assert full.sprints_confirmed() == frozenset({"sprint-100"})
    assert list(full.verdicts()) == ["action:sprint-100:drop:it"]


def test_the_ledgers_stay_and_say_that_it_was_forgotten(full: Store, make: Any) -> None:
    ledger, log = full.forecasts("sprint-101"), full.audit_log()
    removed, _ = full.forget_repository(GONE, make.hour(9)).result()
    assert full.forecasts("sprint-101") == ledger != ()
    entry, *before = full.audit_log()
    assert tuple(before) == log
    assert (entry.what, entry.target, entry.before, entry.at) == (
        "repository forgotten",
        NAME,
        f"{removed} rows",
        make.hour(9),
    )


def test_the_ledger_holds_no_text_of_it(full: Store, folder: DataFolder) -> None:
    full.forget_repository(GONE).result()
    found = [value for table, value in cells(folder) if table == "forecast"]
    assert not [value for value in found if NAME in value or SECRET in value or str(GONE) in value]


def test_the_record_of_promises_keeps_its_numbers_and_loses_the_texts(
    full: Store, folder: DataFolder, make: Any
) -> None:
    about = f'{{"open":["issue:{NAME}#1","{SECRET}"]}}'
    own = entry(make, sprint_id="sprint-101", sprint_title=SECRET, inputs=about)
    shared = entry(make, 1, sprint_id="sprint-100", sprint_title="May", inputs=f'{{"open":["issue:{OTHER}#1"]}}')
    full.enter(said(make, own, about), None).result()
    full.enter(said(make, shared, f'{{"open":["issue:{OTHER}#1"]}}'), None).result()
    full.forget_repository(GONE).result()
    assert [(e.sprint_title, e.probability) for e in full.ledger()] == [("", 0.62), ("May", 0.62)]
    assert [full.ledger_inputs(e.inputs_digest) is None for e in full.ledger()] == [True, False]
    left = [str(value) for table, value in cells(folder) if table.startswith("ledger")]
    assert not [value for value in left if NAME in value.replace(OTHER, "") or SECRET in value]


def test_the_prefixes_cover_what_an_index_may_hold_under_all_its_names(full: Store) -> None:
    seen = [one for one in full.snapshot().items if one.repository_id == GONE]
    _, prefixes = full.forget_repository(GONE).result()
    assert all(one.evidence_id.startswith(prefixes) for one in seen)
    assert f"commit:{OLD}@c0ffee".startswith(prefixes)
    assert not f"issue:{OTHER}#1".startswith(prefixes)


def test_forgetting_what_nobody_knows_changes_nothing(full: Store) -> None:
    log = full.audit_log()
    assert full.forget_repository(1).result() == (0, ())
    assert full.audit_log() == log


def test_a_page_on_its_way_does_not_bring_it_back(full: Store, make: Any) -> None:
    full.forget_repository(GONE).result()
    late = make.page(replace(make.repo(NAME), id=GONE), replace(make.item(7), repository_id=GONE), repository_id=GONE)
    full.apply(late).result()
    assert [one.id for one in full.repositories()] == [KEPT]
    full.mark_read(GONE, {"issues": make.hour(1)}).result()
    assert full.entity_statuses(GONE, make.hour(0).date()) == ()


def test_asking_for_it_again_does(full: Store, make: Any) -> None:
    full.forget_repository(GONE).result()
    full.track(NAME).result()
    full.apply(make.page(replace(make.repo(NAME), id=GONE), repository_id=GONE)).result()
    full.apply(make.page(replace(make.item(7), repository_id=GONE), repository_id=GONE)).result()
    assert [one.number for one in full.snapshot().items if one.repository_id == GONE] == [7]


def test_a_forgetting_that_fails_half_way_leaves_all_of_it(full: Store, make: Any) -> None:
    before = full.snapshot()
    full.write(
        lambda c: c.exec_driver_sql(
            "CREATE TRIGGER no BEFORE DELETE ON repository BEGIN SELECT RAISE(ABORT, 'no'); END"
        ).close()
    ).result()
    with pytest.raises(Exception, match="no"):
        full.forget_repository(GONE).result()
    assert full.snapshot() == before
    full.apply(make.page(replace(make.item(8), repository_id=GONE), repository_id=GONE)).result()
    assert len(full.snapshot().items) == len(before.items) + 1
