"""Killed with SIGKILL at random points, the file reopens: whole pages, no alert twice, no job lost or run again."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from galaxy_desktop.domain.work_log import JobState, Priority
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.store.database import Store

PROGRAM = Path(__file__).parent / "writing_program.py"
ROOT = PROGRAM.parent.parent.parent
REPO, ITEMS = 42, 20
KILLS = 15

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")


@dataclass
class Told:
    """What all the programs said before they were killed."""

    pages: list[int] = field(default_factory=list)
    alerts: Counter[str] = field(default_factory=Counter)
    finished: Counter[str] = field(default_factory=Counter)
    entered: set[str] = field(default_factory=set)
    opened_at: list[int] = field(default_factory=list)

    def hear(self, line: str) -> None:
        word, _, rest = line.strip().partition(" ")
        match word:
            case "open":
                self.opened_at.append(int(rest))
            case "page":
                self.pages.append(int(rest))
            case "alert":
                self.alerts[rest] += 1
            case "entered":
                self.entered.add(rest)
            case "finished":
                self.finished[rest] += 1


def run_and_kill(root: Path, lines: int, told: Told) -> None:
    """Kill the program right after it said so many lines; what it says while dying counts too."""
    command = [sys.executable, str(PROGRAM), str(root)]
    where = PROGRAM.parent.parent.parent
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=where, env={"PYTHONPATH": str(where)}
    ) as child:
        assert child.stdout is not None
        for _ in range(lines):
            told.hear(child.stdout.readline())
        child.send_signal(signal.SIGKILL)
        rest = child.stdout.read().splitlines(keepends=True)
        for line in rest:
            if line.endswith("\n"):
                told.hear(line)
    assert child.returncode == -signal.SIGKILL


def check(folder: DataFolder, told: Told) -> None:
    with Store.open(folder) as store:
        assert store.check() == "ok"
        cursor = store.cursor(REPO, "issues")
        position = int(cursor.position) if cursor else 0
        assert position >= max(told.pages, default=0)
        titles = Counter(item.title for item in store.snapshot().items)
        assert titles == ({f"page {position}": ITEMS} if position else {})
        stored = Counter(alert.id for alert in store.alerts())
        assert set(told.alerts) <= set(stored)
        entries = store.ledger()
        assert told.entered <= {one.sprint_id for one in entries} == store.ledger_outcomes().keys()
        assert max(Counter(one.sprint_id for one in entries).values(), default=1) == 1
        assert all(store.ledger_inputs(one.inputs_digest) == f'{{"seed":{one.seed}}}' for one in entries)
        done = {job.key for job in store.jobs.recent(100_000) if job.state is JobState.DONE}
        assert set(told.finished) <= done


def claim_and_wait(root: Path, at: datetime) -> None:
    """A program that takes the only job and is killed while it works on it."""
    script = (
        "import sys; from pathlib import Path; from datetime import datetime, UTC\n"
        "from galaxy_desktop.paths import DataFolder\n"
        "from galaxy_desktop.store.database import Store\n"
        "store = Store.open(DataFolder(Path(sys.argv[1])))\n"
        "job = store.jobs.claim(datetime.fromisoformat(sys.argv[2]))\n"
        "print('claimed', job.attempts, flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", script, str(root), at.isoformat()]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as child:
        assert child.stdout is not None
        assert child.stdout.readline().startswith("claimed ")
        child.send_signal(signal.SIGKILL)


def test_a_job_whose_program_is_killed_runs_again_as_its_next_attempt(folder: DataFolder, make: Any) -> None:
    with Store.open(folder) as store:
        store.jobs.enqueue("k", "x", "", Priority.NORMAL, make.hour(0)).result()
    for attempts in (1, 2):
        claim_and_wait(folder.root, make.hour(attempts))
        with Store.open(folder) as store:
            (job,) = store.jobs.recent()
            assert (job.state, job.attempts) == (JobState.WAITING, attempts)
    with Store.open(folder) as store:
        last = store.jobs.claim(make.hour(3))
        assert last is not None
        store.jobs.finish(last.id, make.hour(2)).result()
        assert store.jobs.claim(make.hour(9)) is None


@pytest.mark.timeout(300)
def test_a_program_killed_at_any_moment_loses_and_doubles_nothing(folder: DataFolder) -> None:
    chance, told = random.Random("kills"), Told()
    for _ in range(KILLS):
        run_and_kill(folder.root, chance.randint(1, 40), told)
        check(folder, told)
    assert max(told.alerts.values()) == 1
    assert max(told.finished.values()) == 1
    assert len(told.opened_at) == KILLS
    assert told.opened_at == sorted(told.opened_at)
