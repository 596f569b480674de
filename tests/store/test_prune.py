"""Pruning drops what is old and of no more use, and nothing else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from galaxy_desktop.domain.changes import ChangeState
from galaxy_desktop.domain.work_log import Execution, Priority
from galaxy_desktop.store.database import Store


def execution(at: Any) -> Execution:
    return Execution(
        run_id="r", node="n", model="", status="ok", input_digest="", output_digest="", started_at=at, duration_s=1
    )


def later(make: Any, days: float) -> Any:
    return make.hour(0) + timedelta(days=days)


def test_a_young_store_loses_nothing(filled: Store, make: Any) -> None:
    filled.record_execution(execution(make.hour(0))).result()
    filled.log_exchanges([make.exchange()]).result()
    filled.keep_change(make.change(state=ChangeState.DISCARDED)).result()
    assert filled.prune(later(make, 6)).result() == 0


def test_done_jobs_go_after_a_week_and_dead_letters_stay(store: Store, make: Any) -> None:
    for key in ("done", "dead", "waiting"):
        store.jobs.enqueue(key, "x", "", Priority.NORMAL, make.hour(0)).result()
    done = store.jobs.claim(make.hour(0))
    assert done is not None
    store.jobs.finish(done.id, make.hour(0)).result()
    for _ in range(4):
        dead = store.jobs.claim(later(make, 1))
        assert dead is not None
        store.jobs.fail(dead.id, "broken", make.hour(0)).result()
    assert store.prune(later(make, 8)).result() == 1
    assert {job.key for job in store.jobs.recent()} == {"dead", "waiting"}


def test_old_executions_requests_and_costs_go(store: Store, make: Any) -> None:
    for day in (0, 395):
        store.record_execution(execution(later(make, day))).result()
        store.log_exchanges([make.exchange(day * 24)]).result()
    assert store.prune(later(make, 405)).result() == 3
    assert (len(store.executions()), len(store.exchanges())) == (1, 1)
    assert (store.usage(make.hour(0).date()), len(store.usage(later(make, 395).date()))) == ((), 1)


def test_discarded_changes_go_after_a_month_and_sent_ones_stay(store: Store, make: Any) -> None:
    for state in (ChangeState.DISCARDED, ChangeState.SENT, ChangeState.DRAFT):
        sent = make.hour(1) if state is ChangeState.SENT else None
        store.keep_change(make.change(str(state), state=state, sent_at=sent)).result()
    assert store.prune(later(make, 31)).result() == 1
    assert {one.id for one in store.changes()} == {"sent", "draft"}
    assert len(store.audit_log()) == 3


def test_pruning_twice_finds_nothing_more(store: Store, make: Any) -> None:
    store.log_exchanges([make.exchange()]).result()
    assert store.prune(later(make, 31)).result() == 1
    assert store.prune(later(make, 31)).result() == 0
