"""Threads and batch are chosen by a trial that is short, and remembered for this machine."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from galaxy_desktop.reason.seat import Pace
from galaxy_desktop.reason.tuning import Notebook, Plan, first_plan, machine_key, measure

PLAN = Plan(write_threads=3, read_threads=4, at_once=128, write_speed=9.5, read_speed=80.0)


class Machine:
    """A model whose speed is a table; its clock moves only while it works."""

    def __init__(self, writing: dict[int, float], reading: dict[tuple[int, int], float]) -> None:
        self.now = 0.0
        self.tried: list[object] = []
        self._writing, self._reading = writing, reading
        self._threads = (1, 1)

    def set_threads(self, writing: int, reading: int) -> None:
        self._threads = (writing, reading)

    def try_writing(self, tokens: int) -> None:
        self.tried.append(self._threads[0])
        self.now += tokens / self._writing.get(self._threads[0], 1.0)

    def try_reading(self, tokens: int, at_once: int) -> None:
        self.tried.append((self._threads[1], at_once))
        self.now += tokens / self._reading.get((self._threads[1], at_once), 100.0)


def _measured(machine: Machine, cores: int = 4, budget_s: float = 1e9) -> Plan:
    return measure(machine, cores, largest=256, clock=lambda: machine.now, budget_s=budget_s)


def test_the_fastest_number_of_threads_and_batch_is_chosen() -> None:
    plan = _measured(Machine({3: 10, 4: 14, 2: 9}, {(4, 128): 400.0, (3, 64): 200.0}))
    assert (plan.write_threads, plan.read_threads, plan.at_once) == (4, 4, 128)
    assert (round(plan.write_speed), round(plan.read_speed)) == (14, 400)


def test_a_core_is_not_taken_for_a_trifle() -> None:
    assert _measured(Machine({3: 10, 4: 10.3, 2: 9}, {})).write_threads == 3


def test_half_of_the_cores_win_where_the_other_half_is_slow() -> None:
    assert _measured(Machine({3: 6, 4: 5, 2: 8}, {})).write_threads == 2


def test_a_trial_whose_time_is_up_keeps_the_best_so_far() -> None:
    machine = Machine({3: 1, 4: 100, 2: 100}, {})
    plan = _measured(machine, budget_s=5)
    assert (plan.write_threads, plan.at_once, machine.tried) == (3, 64, [1, 3])


def test_what_interrupts_a_trial_ends_it() -> None:
    machine = Machine({}, {})

    def interrupted(tokens: int) -> None:
        raise KeyError(tokens)

    machine.try_writing = interrupted  # type: ignore[method-assign]
    with pytest.raises(KeyError):
        _measured(machine)


@pytest.mark.parametrize("cores", [1, 2, 8, 64])
def test_before_a_trial_one_core_is_left_to_the_others(cores: int) -> None:
    plan = first_plan(cores)
    assert (plan.write_threads, plan.measured) == (max(1, cores - 1), False)


def test_a_plan_is_remembered_per_key(tmp_path: Path) -> None:
    notebook = Notebook(tmp_path / "new" / "speeds.json")
    notebook.keep("a", PLAN)
    assert Notebook(tmp_path / "new" / "speeds.json").find("a") == PLAN
    assert notebook.find("b") is None


def test_without_a_path_nothing_is_remembered() -> None:
    notebook = Notebook(None)
    notebook.keep("a", PLAN)
    assert notebook.find("a") is None


def test_the_oldest_notes_go(tmp_path: Path) -> None:
    notebook = Notebook(tmp_path / "speeds.json")
    for n in range(50):
        notebook.keep(str(n), PLAN)
    assert (notebook.find("0"), notebook.find("49")) == (None, PLAN)


@given(st.one_of(st.binary(max_size=80), st.text(max_size=80).map(str.encode)))
def test_a_damaged_notebook_is_as_good_as_none(content: bytes) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "speeds.json"
        path.write_bytes(content)
        assert Notebook(path).find("a") is None


@pytest.mark.parametrize(
    "wrong", [{"write_threads": 0}, {"write_threads": 1e9}, {"at_once": "64"}, {"read_speed": -1}, {"more": 1}]
)
def test_a_plan_that_we_would_not_write_is_not_used(tmp_path: Path, wrong: dict[str, object]) -> None:
    path = tmp_path / "speeds.json"
    Notebook(path).keep("a", PLAN)
    told = json.loads(path.read_text())
    told["plans"]["a"] |= wrong
    path.write_text(json.dumps(told))
    assert Notebook(path).find("a") is None


def test_a_folder_that_cannot_be_written_is_no_failure(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    Notebook(tmp_path / "file" / "speeds.json").keep("a", PLAN)


def test_another_model_version_or_machine_is_another_key() -> None:
    keys = {
        machine_key("m", "v", 2),
        machine_key("n", "v", 2),
        machine_key("m", "w", 2),
        machine_key("m", "v", 4),
        machine_key("m", "v", 2, "gpu"),
    }
    assert len(keys) == 5


def test_several_slow_steps_in_a_row_mean_that_the_cores_are_wanted_elsewhere() -> None:
    pace = Pace(10.0)
    assert [pace.too_slow(1, seconds) for seconds in (0.3, 0.3, 0.1, 0.3, 0.3, 0.3, 0.3)] == [False] * 6 + [True]


def test_without_a_measurement_no_step_is_slow() -> None:
    pace = Pace(0.0)
    assert not any(pace.too_slow(1, 100.0) for _ in range(10))
