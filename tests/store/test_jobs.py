"""The durable queue: order, retries by the caller's clock, dead letters, and exactly one end."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest

from galaxy_desktop.domain.work_log import Job, JobState, Priority
from galaxy_desktop.errors import StoreError
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.store.database import Store
from galaxy_desktop.store.jobs import JobQueue


@pytest.fixture
def queue(store: Store) -> JobQueue:
    return store.jobs


def add(queue: JobQueue, make: Any, key: str = "k", priority: Priority = Priority.NORMAL, at: float = 0) -> int:
    return queue.enqueue(key, "sync", "{}", priority, make.hour(at)).result()


def take(queue: JobQueue, make: Any, at: float = 0) -> Job:
    job = queue.claim(make.hour(at))
    assert job is not None
    return job


def fail_until_dead(queue: JobQueue, make: Any) -> list[float]:
    """Fails the only job as often as it comes back; the seconds after which each attempt began."""
    now, waits = make.hour(0), []
    while queue.recent()[0].state is not JobState.DEAD:
        waits.append((queue.recent()[0].not_before - now).total_seconds())
        now = queue.recent()[0].not_before
        job = queue.claim(now)
        assert job is not None
        queue.fail(job.id, "It broke.", now).result()
    return waits


def test_jobs_run_by_priority_then_by_age(queue: JobQueue, make: Any) -> None:
    order = [Priority.LOW, Priority.NORMAL, Priority.HIGH, Priority.CRITICAL, Priority.NORMAL]
    for number, priority in enumerate(order):
        add(queue, make, f"job {number}", priority)
    assert [take(queue, make).key for _ in order] == ["job 3", "job 2", "job 1", "job 4", "job 0"]
    assert queue.claim(make.hour(1)) is None


def test_a_job_comes_back_as_it_was(queue: JobQueue, make: Any) -> None:
    id_ = queue.enqueue("k", "sync", '{"a":"é"}', Priority.HIGH, make.hour(0)).result()
    job = take(queue, make)
    assert (job.id, job.kind, job.payload, job.priority) == (id_, "sync", '{"a":"é"}', Priority.HIGH)
    assert (job.state, job.attempts, job.created_at) == (JobState.RUNNING, 1, make.hour(0))


def test_a_key_that_waits_or_runs_is_not_added_again(queue: JobQueue, make: Any) -> None:
    first = add(queue, make)
    assert add(queue, make) == first
    take(queue, make)
    assert add(queue, make) == first
    queue.finish(first, make.hour(1)).result()
    assert add(queue, make) != first


def test_a_job_does_not_run_before_its_time(queue: JobQueue, make: Any) -> None:
    add(queue, make, at=1)
    assert queue.claim(make.hour(0.5)) is None
    assert take(queue, make, at=1).key == "k"


def test_a_finished_job_never_runs_again(queue: JobQueue, make: Any) -> None:
    add(queue, make)
    queue.finish(take(queue, make).id, make.hour(1)).result()
    assert queue.claim(make.hour(9)) is None
    done = queue.recent()[0]
    assert (done.state, done.finished_at) == (JobState.DONE, make.hour(1))


def test_a_failed_job_is_tried_again_after_1_4_and_16_seconds_and_then_dead(queue: JobQueue, make: Any) -> None:
    add(queue, make)
    assert fail_until_dead(queue, make) == [0, 1, 4, 16]
    (dead,) = queue.dead()
    assert (dead.attempts, dead.error, dead.state) == (4, "It broke.", JobState.DEAD)
    assert queue.claim(make.hour(99)) is None


def test_a_dead_letter_can_be_requeued_with_all_its_attempts(queue: JobQueue, make: Any) -> None:
    id_ = add(queue, make)
    fail_until_dead(queue, make)
    queue.requeue(id_, make.hour(2)).result()
    assert queue.dead() == ()
    job = take(queue, make, at=2)
    assert (job.id, job.attempts, job.finished_at) == (id_, 1, None)


def test_a_dead_letter_is_not_requeued_beside_the_same_work(queue: JobQueue, make: Any) -> None:
    id_ = add(queue, make)
    fail_until_dead(queue, make)
    add(queue, make)
    with pytest.raises(StoreError, match="already waiting"):
        queue.requeue(id_, make.hour(2)).result()


@pytest.mark.parametrize("end", ["finish", "fail", "requeue"])
def test_a_job_that_is_not_running_cannot_be_ended(queue: JobQueue, make: Any, end: str) -> None:
    id_ = add(queue, make)
    ways = {"finish": queue.finish, "requeue": queue.requeue, "fail": lambda i, at: queue.fail(i, "x", at)}
    with pytest.raises(StoreError, match=f"Job {id_} is not"):
        ways[end](id_, make.hour(1)).result()


def test_a_job_of_a_process_that_is_gone_is_recovered_at_open_as_one_attempt(folder: DataFolder, make: Any) -> None:
    with Store.open(folder) as store:
        add(store.jobs, make)
        take(JobQueue(store, owner="999999999@1.00"), make)
    with Store.open(folder) as store:
        (job,) = store.jobs.recent()
        assert (job.state, job.attempts) == (JobState.WAITING, 1)
        assert job.error == "The program stopped while this was running."
        assert job.not_before == make.hour(0) + timedelta(seconds=1)


def test_a_job_of_a_living_process_is_left_alone(folder: DataFolder, make: Any) -> None:
    """The command line beside the window: both have the file open."""
    with Store.open(folder) as window:
        add(window.jobs, make)
        job = take(window.jobs, make)
        with Store.open(folder) as beside:
            assert beside.jobs.recover(make.hour(1)).result() == 0
            assert beside.jobs.claim(make.hour(9)) is None
        window.jobs.finish(job.id, make.hour(1)).result()


def test_a_process_id_used_again_does_not_keep_a_dead_claim(store: Store, make: Any) -> None:
    add(store.jobs, make)
    number = JobQueue(store)._owner.partition("@")[0]
    take(JobQueue(store, owner=f"{number}@1.00"), make)
    assert store.jobs.recover(make.hour(1)).result() == 1
    assert store.jobs.recent()[0].not_before == make.hour(1) + timedelta(seconds=1)


def test_a_job_whose_process_died_four_times_is_dead(store: Store, make: Any) -> None:
    add(store.jobs, make)
    gone = JobQueue(store, owner="999999999@1.00")
    for hour in range(4):
        take(gone, make, at=hour)
        store.jobs.recover(make.hour(hour)).result()
    assert [job.key for job in store.jobs.dead()] == ["k"]


def test_two_workers_never_get_the_same_job(store: Store, make: Any) -> None:
    for number in range(20):
        add(store.jobs, make, f"job {number}")
    other = JobQueue(store, owner="another")
    taken = [take(queue, make).id for _ in range(10) for queue in (store.jobs, other)]
    assert len(set(taken)) == 20


def test_one_key_cannot_be_active_twice_even_by_hand(store: Store, folder: DataFolder, make: Any) -> None:
    add(store.jobs, make)
    with closing(sqlite3.connect(folder.database)) as connection, pytest.raises(sqlite3.IntegrityError):
        connection.execute(
            "INSERT INTO job SELECT NULL, key, kind, payload, 0, 'running', 0, '', '', NULL, NULL, '', '' FROM job"
        )
