"""Changes are kept whole, and what becomes of each is in the audit log: both in one transaction."""

from __future__ import annotations

import itertools
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from galaxy_desktop.domain.changes import Change, ChangeKind, ChangeState
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.store import log_book
from galaxy_desktop.store.database import Store

ROOT = Path(__file__).parent.parent.parent

KEEP_FOR_EVER = """
import itertools, sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from galaxy_desktop.domain.changes import Change, ChangeKind, ChangeState
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.store.database import Store
start = datetime(2026, 5, 1, tzinfo=UTC)
with Store.open(DataFolder(Path(sys.argv[1]))) as store:
    for number in itertools.count(len(store.audit_log(100_000))):
        change = Change(id="c1", kind=ChangeKind.COMMENT, repository_id=42, repository="o/r", item_number=1, base="",
                        mine=f"text {number}", who="user", created_at=start + timedelta(seconds=number))
        store.keep_change(change).result()
        print(number, flush=True)
"""


def approved(change: Change, make: Any) -> Change:
    return replace(
        change, state=ChangeState.APPROVED, approved_by="ada", approved_digest=change.digest, approved_at=make.hour(1)
    )


@pytest.mark.parametrize(
    ("kind", "base", "mine"),
    [
        (ChangeKind.STATE, "open", "closed:not_planned"),
        (ChangeKind.LABELS, ("a",), ("a", "b")),
        (ChangeKind.ASSIGNEES, (), ("42",)),
        (ChangeKind.MILESTONE, None, 3),
        (ChangeKind.COMMENT, "", "7"),
    ],
)
def test_a_change_comes_back_equal_and_of_the_same_types(
    store: Store, make: Any, kind: ChangeKind, base: Any, mine: Any
) -> None:
    change = make.change(kind=kind, base=base, mine=mine, theirs=mine, next_try_at=make.hour(3))
    store.keep_change(change).result()
    found = store.change("c1")
    assert found == change
    assert found is not None
    assert (type(found.mine), found.digest) == (type(mine), change.digest)


def test_a_change_nobody_made_is_none(store: Store) -> None:
    assert store.change("c1") is None


def test_changes_are_listed_newest_first_without_the_discarded(store: Store, make: Any) -> None:
    for number, state in enumerate((ChangeState.DRAFT, ChangeState.DISCARDED, ChangeState.PARKED)):
        store.keep_change(make.change(f"c{number}", at=number, state=state)).result()
    assert [one.id for one in store.changes()] == ["c2", "c0"]


def test_of_those_sent_only_the_recent_are_listed(store: Store, make: Any) -> None:
    for number in (1, 2):
        store.keep_change(make.change(f"c{number}", state=ChangeState.SENT, sent_at=make.hour(number))).result()
    store.keep_change(make.change("draft")).result()
    assert {one.id for one in store.changes(since=make.hour(1.5))} == {"c2", "draft"}
    assert len(store.changes()) == 3


def test_every_step_of_a_change_is_in_the_audit_log(store: Store, make: Any) -> None:
    draft = make.change()
    steps = [draft, approved(draft, make)]
    steps.append(replace(steps[1], state=ChangeState.SENDING, sending_since=make.hour(2), attempts=1))
    for step in steps:
        store.keep_change(step).result()
    log = store.audit_log()[::-1]
    assert [(e.who, e.what, e.at) for e in log] == [
        ("user", "change draft", make.hour(0)),
        ("ada", "change approved", make.hour(1)),
        ("ada", "change sending", make.hour(2)),
    ]
    assert {e.target for e in log} == {"o/r#1"}
    assert [e.before for e in log[1:]] == [e.after for e in log[:-1]]


def test_the_audit_log_tells_which_wording_was_approved_and_never_the_words(store: Store, make: Any) -> None:
    for words in ("my secret", "another secret"):
        store.keep_change(make.change(mine=words)).result()
    log = store.audit_log()
    assert log[0].after != log[1].after
    assert make.change(mine="my secret").digest[:12] in log[1].after
    assert "secret" not in str(log)


def test_keeping_the_same_change_again_adds_nothing(store: Store, make: Any) -> None:
    for _ in range(3):
        store.keep_change(make.change()).result()
    assert len(store.audit_log()) == 1


def test_the_moment_of_a_step_can_be_told(store: Store, make: Any) -> None:
    store.keep_change(make.change(state=ChangeState.DISCARDED), at=make.hour(9)).result()
    assert store.audit_log()[0].at == make.hour(9)


def test_a_change_that_cannot_be_audited_is_not_kept(store: Store, make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise RuntimeError("the disk is full")

    store.keep_change(make.change()).result()
    monkeypatch.setattr(log_book, "audit", full)
    with pytest.raises(RuntimeError, match="disk is full"):
        store.keep_change(approved(make.change(), make)).result()
    found = store.change("c1")
    assert found is not None
    assert found.state is ChangeState.DRAFT


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_killed_at_any_moment_change_and_log_say_the_same(folder: DataFolder) -> None:
    for lines in (1, 7, 20):
        command = [sys.executable, "-c", KEEP_FOR_EVER, str(folder.root)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as child:
            assert child.stdout is not None
            said = [int(line) for line in itertools.islice(child.stdout, lines)]
            child.send_signal(signal.SIGKILL)
        with Store.open(folder) as store:
            change, log = store.change("c1"), store.audit_log(100_000)
            assert change is not None
            assert change.mine == f"text {len(log) - 1}"
            assert change.digest[:12] in log[0].after
            assert len(log) > max(said)
