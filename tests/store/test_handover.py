"""A handover file carries everything a colleague needs, merges like pages do, and is taken whole or not at all."""

from __future__ import annotations

import gzip
import json
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from galaxy_desktop.domain.changes import ChangeState
from galaxy_desktop.domain.findings import FollowUp, Progress, UserVerdict, Verdict
from galaxy_desktop.domain.repository_facts import ItemRef
from galaxy_desktop.domain.sync import Page, Validator
from galaxy_desktop.domain.work import Label, Person, State
from galaxy_desktop.errors import CancelledByUserError, StoreError, WrongUseError
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.store import handover
from galaxy_desktop.store.database import Store
from galaxy_desktop.store.handover import export_to, import_from
from galaxy_desktop.store.handover_format import KINDS
from tests.store.evaluations import analysis, followed, said
from tests.store.test_order import empty_database, workspaces


@pytest.fixture
def rich(filled: Store, make: Any) -> Store:
    """A store with at least one line of every kind."""
    records = (
        make.item(1, author=Person(1, "ada"), labels=("bug",), closed_at=make.hour(1), state=State.CLOSED),
        make.pull(2, files=("a.py",), additions=1, assignees=(Person(3, "eve"),), body="crlf\r\n nul \x00 🚀 \u2028"),
        make.milestone(1),
        *(make.comment(1), make.comment(1, review=True), make.review(), make.commit(), make.run(), make.event()),
        *(make.check(), make.release(), make.deployment(), make.branches("main"), make.links(1, ItemRef("x/y", 9))),
        make.pull_commits(2, make.pull_commit(author=Person(3, "eve")), make.pull_commit("b", author=None)),
        *(make.board({1: "A"}), make.board({1: "B", 2: None}, seen=1)),
        Label(repository_id=make.repo_id, id=1, name="bug", color="ff0000"),
    )
    validator = Validator(repository_id=make.repo_id, url="/repos/o/r/issues", etag='W/"hushhush"')
    cursor = replace(make.cursor("2026"), note='{"chain":[["x",1,"hushhush"]],"seen":{"1":"v"},"token":"hushhush"}')
    filled.apply(make.page(*records, cursor=cursor, validator=validator, gone=("issue:o/r#9",))).result()
    filled.mark_read(make.repo_id, {"issues": make.hour(1)}).result()
    filled.reconciled(make.repo_id, make.hour(1)).result()
    filled.save_analysis(analysis(make)).result()
    filled.enter(said(make), None).result()
    filled.confirm_sprint("s1", make.hour(1)).result()
    filled.give_verdict(verdict(make, 1)).result()
    filled.follow([helped(make)]).result()
    filled.set_setting("theme", "hushhush", "user", make.hour(0)).result()
    filled.keep_change(make.change(mine="hushhush", state=ChangeState.DRAFT)).result()
    return filled


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Store]:
    """A colleague's store with nothing in it."""
    with Store.open(DataFolder(tmp_path / "other")) as opened:
        yield opened


@pytest.fixture
def file(rich: Store, make: Any, tmp_path: Path) -> Path:
    export_to(rich, tmp_path / "copy.jsonl", now=make.hour(5))
    return tmp_path / "copy.jsonl"


def verdict(make: Any, hour: float, word: Verdict = Verdict.ACCEPTED) -> UserVerdict:
    return UserVerdict(recommendation_id="a1", verdict=word, reason="", at=make.hour(hour))


def helped(make: Any) -> FollowUp:
    """An accepted action that was done and helped."""
    return replace(followed(make), progress=Progress.DONE, done_at=make.hour(2), seen=0.07, helped=True)


def rewrite(path: Path, change: Callable[[list[dict[str, Any]]], object]) -> Path:
    """The file with some of its lines changed."""
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n")[:-1]]
    change(lines)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def first(lines: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    return next(line for line in lines if line["kind"] == kind)


# --- there and back


def test_every_kind_is_in_the_rich_store(rich: Store, tmp_path: Path) -> None:
    """Else the tests below prove less than they say."""
    counts = export_to(rich, tmp_path / "x.jsonl").counts
    assert {kind.name for kind in KINDS if not counts[kind.name]} == set()


def test_a_colleague_sees_the_same_and_goes_on_from_there(rich: Store, other: Store, file: Path, make: Any) -> None:
    import_from(other, file)
    assert other.snapshot() == rich.snapshot()
    assert other.labels(make.repo_id) == rich.labels(make.repo_id)
    assert other.item_versions(make.repo_id, 1) == rich.item_versions(make.repo_id, 1)
    assert other.forecasts("s1") == rich.forecasts("s1") != ()
    assert (other.verdicts(), other.sprints_confirmed()) == (rich.verdicts(), rich.sprints_confirmed())
    assert other.search_text("item") == rich.search_text("item")
    cursor = other.cursor(make.repo_id, "issues")
    assert cursor is not None
    assert (cursor.position, cursor.complete, cursor.note) == ("2026", True, '{"seen":{"1":"v"}}')
    assert other.reconciled_at(make.repo_id) == make.hour(1)


@pytest.mark.parametrize("name", ["copy.jsonl", "copy.jsonl.gz"])
def test_what_was_imported_is_exported_byte_for_byte(
    rich: Store, other: Store, make: Any, tmp_path: Path, name: str
) -> None:
    one, again = tmp_path / name, tmp_path / f"again-{name}"
    export_to(rich, one, now=make.hour(5))
    import_from(other, one)
    export_to(other, again, now=make.hour(5))
    assert one.read_bytes() == again.read_bytes()


def test_a_name_that_ends_in_gz_is_packed(rich: Store, file: Path, make: Any, tmp_path: Path) -> None:
    packed = tmp_path / "x.jsonl.gz"
    export_to(rich, packed, now=make.hour(5))
    assert gzip.decompress(packed.read_bytes()) == file.read_bytes()


def test_nothing_private_leaves(file: Path) -> None:
    assert "hushhush" not in file.read_text(encoding="utf-8")


def test_importing_again_changes_nothing(other: Store, file: Path, make: Any, tmp_path: Path) -> None:
    import_from(other, file)
    before = other.read(lambda c: c.exec_driver_sql("SELECT count(*) FROM forecast").scalar())
    import_from(other, file)
    assert other.read(lambda c: c.exec_driver_sql("SELECT count(*) FROM forecast").scalar()) == before
    export_to(other, tmp_path / "again.jsonl", now=make.hour(5))
    assert (tmp_path / "again.jsonl").read_bytes() == file.read_bytes()


def store_of(folder: Path, name: str, pages: list[Page]) -> Store:
    made = DataFolder(folder / name)
    made.make().database.write_bytes(empty_database())
    store = Store.open(made)
    for page in pages:
        store.apply(page).result()
    return store


@pytest.mark.timeout(600)
@settings(deadline=None, max_examples=25, derandomize=True)
@given(data=st.data())
def test_any_store_goes_there_and_back(make: Any, data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as made:
        folder, one, two = Path(made), Path(made) / "1.jsonl", Path(made) / "2.jsonl"
        pages = data.draw(workspaces(make))
        with store_of(folder, "a", pages) as source, store_of(folder, "b", []) as target:
            export_to(source, one, now=make.hour(0))
            import_from(target, one)
            export_to(target, two, now=make.hour(0))
            assert target.snapshot() == source.snapshot()
            assert one.read_bytes() == two.read_bytes()


@pytest.mark.timeout(600)
@settings(deadline=None, max_examples=25, derandomize=True)
@given(data=st.data())
def test_merging_a_file_is_like_reading_the_same_pages(make: Any, data: st.DataObject) -> None:
    theirs, mine = data.draw(workspaces(make)), data.draw(workspaces(make))
    with tempfile.TemporaryDirectory() as made:
        folder, file = Path(made), Path(made) / "copy.jsonl"
        with store_of(folder, "a", theirs) as source, store_of(folder, "b", mine) as target:
            export_to(source, file)
            import_from(target, file)
            merged = target.snapshot()
        with store_of(folder, "c", [*mine, *theirs]) as whole:
            expected = whole.snapshot()
    # How far a list was read is decided list by list and may be less than what both read.
    assert replace(merged, history_complete=True) == replace(expected, history_complete=True)


# --- joins of what has a rule of its own


def test_a_newer_verdict_here_stays_and_an_older_one_goes(rich: Store, other: Store, make: Any, file: Path) -> None:
    other.give_verdict(verdict(make, 2, Verdict.DISMISSED)).result()
    import_from(other, file)
    assert other.verdicts()["a1"].verdict is Verdict.DISMISSED
    rewrite(file, lambda lines: first(lines, "verdict").update(at="2026-06-01T00:00:00Z"))
    import_from(other, file)
    assert other.verdicts()["a1"].verdict is Verdict.ACCEPTED


def test_a_list_read_to_its_end_here_keeps_its_cursor(other: Store, file: Path, make: Any) -> None:
    other.apply(make.page(make.repo(), cursor=make.cursor("mine", complete=True))).result()
    import_from(other, file)
    cursor = other.cursor(make.repo_id, "issues")
    assert cursor is not None
    assert cursor.position == "mine"


def test_a_list_begun_here_goes_on_from_the_file_without_old_etags(other: Store, file: Path, make: Any) -> None:
    etag = Validator(repository_id=make.repo_id, url="/repos/o/r/issues", etag="mine")
    other.apply(make.page(make.repo(), cursor=make.cursor("mine", complete=True), validator=etag)).result()
    other.apply(make.page(cursor=make.cursor("", complete=False, entity="issues:history"))).result()
    import_from(other, file)
    cursor = other.cursor(make.repo_id, "issues")
    assert cursor is not None
    assert cursor.position == "2026"
    assert other.cursor(make.repo_id, "issues:history") is None
    assert other.validator(make.repo_id, "/repos/o/r/issues") is None
    assert other.snapshot().history_complete


def test_a_wish_is_fulfilled_by_a_file(other: Store, file: Path, make: Any) -> None:
    other.refuse_wish("o/r", "not shown", make.hour(0)).result()
    import_from(other, file)
    assert other.wishes() == ()


def test_whether_a_known_repository_is_tracked_is_decided_here(other: Store, file: Path, make: Any) -> None:
    other.apply(make.page(make.repo())).result()
    other.untrack("o/r").result()
    import_from(other, file)
    assert other.repositories() == ()


def test_a_label_known_here_stays_as_it_is(other: Store, file: Path, make: Any) -> None:
    renamed = Label(repository_id=make.repo_id, id=1, name="defect")
    other.apply(make.page(make.repo(), renamed)).result()
    import_from(other, file)
    assert [label.name for label in other.labels(make.repo_id)] == ["defect"]


def test_a_forgotten_repository_comes_back_with_a_file(rich: Store, file: Path, make: Any) -> None:
    rich.forget_repository(make.repo_id).result()
    import_from(rich, file)
    rich.apply(make.page(make.item(7))).result()
    assert [item.number for item in rich.snapshot().items] == [1, 2, 7]


# --- files that are not what they should be


def refused(other: Store, path: Path, match: str) -> None:
    with pytest.raises(WrongUseError, match=match):
        import_from(other, path)
    tables = ("repository", "person", "work_item", "cursor", "forecast", "board")
    counts = [other.read(lambda c, t=t: c.exec_driver_sql(f"SELECT count(*) FROM {t}").scalar()) for t in tables]  # noqa: S608
    assert counts == [0] * len(tables)


@pytest.mark.parametrize("content", [b"", b"\n", b"\x00\xff" * 99, b'{"kind":"item"}\n', b"[]\n", b'{"a":1}\n'])
def test_a_foreign_file_is_refused(other: Store, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x").write_bytes(content)
    refused(other, tmp_path / "x", r"was not written by an export of Galaxy Desktop; nothing was imported")


def test_a_newer_format_is_refused_with_what_to_do(other: Store, file: Path) -> None:
    rewrite(file, lambda lines: lines[0].update(version=4))
    refused(other, file, r"newer Galaxy Desktop \(format 4, this program reads up to 3\)\. Update the program")


def test_a_file_of_the_first_format_is_read(rich: Store, other: Store, file: Path) -> None:
    """It knows nothing of commits of pull requests."""

    def age(lines: list[dict[str, Any]]) -> None:
        lines.remove(first(lines, "pull_commits"))
        lines[0]["counts"].pop("pull_commits")
        lines[0]["version"] = 1

    import_from(other, rewrite(file, age))
    assert other.snapshot() == replace(rich.snapshot(), pull_commits=())


def test_a_file_of_the_second_format_is_read_and_tells_of_no_follow_up(other: Store, file: Path) -> None:
    def age(lines: list[dict[str, Any]]) -> None:
        lines.remove(first(lines, "follow_up"))
        lines[0]["counts"].pop("follow_up")
        lines[0]["version"] = 2

    import_from(other, rewrite(file, age))
    assert other.interventions() == ()
    assert other.ledger() != ()


def test_whether_it_helped_goes_with_the_file(rich: Store, other: Store, file: Path, make: Any) -> None:
    import_from(other, file)
    assert other.interventions() == rich.interventions() == (helped(make),)


@pytest.mark.parametrize(
    ("here", "left"),
    [
        (Progress.UNDER_WAY, Progress.DONE),
        (Progress.OVERDUE, Progress.DONE),
        (Progress.WITHDRAWN, Progress.WITHDRAWN),
        (Progress.LAPSED, Progress.LAPSED),
    ],
)
def test_what_is_settled_here_stays_and_what_is_not_is_settled_by_the_file(
    other: Store, file: Path, make: Any, here: Progress, left: Progress
) -> None:
    other.follow([replace(followed(make), progress=here)]).result()
    import_from(other, file)
    assert [one.progress for one in other.interventions()] == [left]


def test_a_file_that_is_not_there_is_a_sentence(other: Store, tmp_path: Path) -> None:
    refused(other, tmp_path / "nowhere", "is not there. Check its name")


@pytest.mark.parametrize("packed", [False, True])
def test_a_file_cut_off_anywhere_gives_nothing(
    rich: Store, other: Store, make: Any, tmp_path: Path, *, packed: bool
) -> None:
    whole = tmp_path / ("x.jsonl.gz" if packed else "x.jsonl")
    export_to(rich, whole, now=make.hour(5))
    content = whole.read_bytes()
    for cut in range(1, len(content), max(1, len(content) // 40)):
        whole.write_bytes(content[:cut])
        refused(other, whole, "cut off|file ends after|not written by|damaged")


def test_a_missing_line_is_missed(other: Store, file: Path) -> None:
    rewrite(file, lambda lines: lines.remove(first(lines, "comment")))
    refused(other, file, r"the file ends after 1 of 2 lines of the kind comment\. Nothing was imported")


BAD = {
    "number is missing": lambda lines: first(lines, "item").pop("number"),
    "number is not an integer": lambda lines: first(lines, "item").update(number=True),
    "title is empty": lambda lines: first(lines, "item").update(title=None),
    "state is none of open, closed": lambda lines: first(lines, "item").update(state="ajar"),
    "updated_at is not a moment": lambda lines: first(lines, "item").update(updated_at="yesterday"),
    "updated_at says no time zone": lambda lines: first(lines, "item").update(updated_at="2026-05-01T00:00:00"),
    "due_on is not a day": lambda lines: first(lines, "milestone").update(due_on="soon"),
    "labels is not a list": lambda lines: first(lines, "item").update(labels=[1]),
    "commits is not a list": lambda lines: first(lines, "pull_commits")["commits"][0].__setitem__(3, "2026-05-01"),
    "no line before it tells of the person 98": lambda lines: first(lines, "pull_commits")["commits"][0].__setitem__(
        2, 98
    ),
    "stamps is not an object": lambda lines: first(lines, "item").update(stamps=[]),
    "url is not a web address": lambda lines: first(lines, "item").update(url="file:///etc/passwd"),
    "full_name is not owner/name": lambda lines: first(lines, "repository").update(full_name="a b"),
    "no line before it tells of the repository 7": lambda lines: first(lines, "item").update(repository_id=7),
    "no line before it tells of the person 99": lambda lines: first(lines, "item").update(assignees=[99]),
    "content lacks title": lambda lines: first(lines, "item_version")["content"].pop("title"),
    "content.labels is not a list": lambda lines: first(lines, "item_version")["content"].update(labels="{}"),
    "points is not a number": lambda lines: first(lines, "board")["items"][0].update(points="3"),
    "items is not a list of records": lambda lines: first(lines, "board").update(items=[1]),
    "items holds something twice": lambda lines: first(lines, "board")["items"].append(
        first(lines, "board")["items"][0]
    ),
    "nonsense is no kind of line": lambda lines: first(lines, "run").update(kind="nonsense"),
    "person comes too late": lambda lines: lines.append(first(lines, "person")),
    "the digest is not that of what it says": lambda lines: first(lines, "ledger_entry").update(probability=0.9),
    "packed is damaged: the inputs are damaged": lambda lines: first(lines, "ledger_inputs").update(packed="x"),
    "baselines or origin cannot be read": lambda lines: first(lines, "ledger_entry").update(baselines="[1]"),
    "progress is none of under way, overdue, done, lapsed, withdrawn": lambda lines: first(lines, "follow_up").update(
        progress="well"
    ),
    "body is not what came of an action": lambda lines: first(lines, "follow_up").update(body="{}"),
    "body says something else than the fields beside it": lambda lines: first(lines, "follow_up").update(id="x"),
    "it is not JSON": lambda lines: first(lines, "forecast").update(probability=float("nan")),
}


@pytest.mark.parametrize("why", BAD)
def test_a_bad_line_is_reported_with_file_and_line(other: Store, file: Path, why: str) -> None:
    rewrite(file, BAD[why])
    refused(other, file, rf"copy\.jsonl, line \d+: {why}\. Nothing was imported")


@cache
def _exported(make: Any) -> bytes:
    """A file of a small store, as it is written."""
    with tempfile.TemporaryDirectory() as made, store_of(Path(made), "a", [make.page(make.repo())]) as store:
        path = Path(made) / "x.jsonl"
        store.apply(
            make.page(make.pull(1, files=("a",)), make.milestone(), make.board({1: "A"}), make.check())
        ).result()
        export_to(store, path)
        return path.read_bytes()


@settings(deadline=None, max_examples=60, derandomize=True)
@given(data=st.data())
def test_a_damaged_byte_never_breaks_the_store(make: Any, data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as made:
        path = Path(made) / "x.jsonl"
        content = bytearray(_exported(make))
        for _ in range(data.draw(st.integers(1, 3))):
            content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
        path.write_bytes(content)
        with store_of(Path(made), "b", []) as target:
            try:
                import_from(target, path)
            except WrongUseError:
                assert target.repositories() == ()
            target.snapshot()


# --- on the way


def test_progress_counts_lines_and_ends_at_the_total(rich: Store, other: Store, file: Path, tmp_path: Path) -> None:
    out: list[tuple[int, int]] = []
    back: list[tuple[int, int]] = []
    lines = export_to(rich, tmp_path / "x.jsonl", lambda done, total: out.append((done, total))).lines
    import_from(other, tmp_path / "x.jsonl", lambda done, total: back.append((done, total)))
    assert (out[0], out[-1], back[-1]) == ((0, lines), (lines, lines), (2 * lines, 2 * lines))


def test_a_stopped_export_leaves_no_file(rich: Store, tmp_path: Path) -> None:
    stop = Event()
    stop.set()
    with pytest.raises(CancelledByUserError):
        export_to(rich, tmp_path / "x.jsonl", stop=stop)
    assert not list(tmp_path.glob("*x.jsonl*"))


def test_an_import_stopped_half_way_promises_nothing_and_can_be_repeated(
    other: Store, file: Path, make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handover, "AT_ONCE", 1)
    stop = Event()
    total = file.read_bytes().count(b"\n") - 1
    with pytest.raises(CancelledByUserError):
        import_from(other, file, lambda done, _: stop.set() if done == total + 12 else None, stop=stop)
    assert other.snapshot().items != ()
    assert other.cursor(make.repo_id, "issues") is None
    import_from(other, file)
    export_to(other, file.with_name("again"), now=make.hour(5))
    assert file.with_name("again").read_bytes() == file.read_bytes()


def test_a_place_that_cannot_be_written_is_a_sentence(rich: Store, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"cannot be written .* Choose another place"):
        export_to(rich, tmp_path / "nowhere" / "x.jsonl")


def test_a_file_is_replaced_only_by_a_whole_one(rich: Store, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = file.read_bytes()

    def full(*_: object) -> bytes:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(handover, "line_of", full)
    with pytest.raises(StoreError, match="No space left"):
        export_to(rich, file)
    assert file.read_bytes() == before
    assert [path.name for path in file.parent.glob("*copy.jsonl*")] == ["copy.jsonl"]


def test_the_file_is_for_its_owner_only(file: Path) -> None:
    assert file.stat().st_mode & 0o077 == 0
