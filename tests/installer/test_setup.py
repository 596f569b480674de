"""Set-up does each thing once, goes on where it stopped, and names everything that is missing."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from installer.errors import MissingError, OfflineError, SetupError
from installer.machine import GIGABYTE, Machine
from installer.places import Places

if TYPE_CHECKING:
    from tests.installer.conftest import Bench


def test_a_fresh_checkout_ends_with_a_program_and_weights(bench: Bench) -> None:
    assert bench.setup().run()
    assert bench.places.program.exists()
    assert (bench.places.models / "tiny" / "sub" / "weights.bin").exists()


def test_torch_is_installed_before_anything_that_could_pull_another(bench: Bench) -> None:
    bench.setup().run()
    torch, project = bench.shell.said("install", "torch==2.0")[-1], bench.shell.said("--editable")[0]
    assert bench.shell.calls.index(torch) < bench.shell.calls.index(project)


def test_every_install_is_held_to_the_constraints(bench: Bench) -> None:
    bench.setup("test").run()
    assert all("--constraint" in call for call in bench.shell.said(" install "))


def test_a_second_setup_calls_nothing(bench: Bench) -> None:
    bench.setup().run()
    bench.shell.calls.clear()
    assert not bench.setup().run()
    assert bench.shell.calls == []


def test_a_second_setup_needs_no_network_no_disk_and_no_compiler(
    bench: Bench, computer: Callable[..., Machine]
) -> None:
    bench.setup().run()
    bench.machine = computer(programs=(), without=("libEGL.so.1",), free=0)
    bench.shell.failing = {"pip": "ConnectTimeoutError"}
    assert not bench.setup().run()


def test_an_interrupted_setup_goes_on_at_the_step_that_failed(bench: Bench) -> None:
    bench.shell.failing = {"--editable": "ERROR: no"}
    with pytest.raises(SetupError):
        bench.setup().run()
    bench.shell.failing, bench.shell.calls = {}, []
    bench.setup().run()
    assert bench.shell.said("-m venv") == bench.shell.said("torch==2.0") == bench.shell.said(" wheel ") == []
    assert len(bench.shell.said("--editable")) == 1


def test_llama_is_built_once_a_computer_not_once_a_checkout(bench: Bench) -> None:
    bench.setup().run()
    assert len(bench.shell.said(" wheel ", "llama-cpp-python==0.3.1")) == 1
    bench.places.stamps.unlink()
    bench.shell.calls.clear()
    bench.setup().run()
    assert bench.shell.said(" wheel ") == []
    assert len(bench.shell.said("install", "--only-binary", "llama-cpp-python==0.3.1")) == 1


def test_an_interrupted_build_leaves_no_wheel_that_looks_finished(bench: Bench) -> None:
    bench.shell.failing = {" wheel ": "error: compiler said no"}
    with pytest.raises(SetupError, match="compiler said no"):
        bench.setup().run()
    assert list(bench.places.wheels.rglob("*.whl")) == []


def test_a_kept_build_that_does_not_run_here_is_removed(bench: Bench) -> None:
    bench.places.wheels.mkdir(parents=True)
    wheel = bench.places.wheels / "llama_cpp_python-0.3.1-py3-none-any.whl"
    wheel.touch()
    bench.shell.failing = {"import llama_cpp": "Illegal instruction"}
    with pytest.raises(SetupError, match="build it anew"):
        bench.setup().run()
    assert not wheel.exists()


@pytest.mark.parametrize(
    ("chosen", "asks_for_cpu"), [(["torch"], False), (["torch", "nvidia-cublas"], True), (["triton", "torch"], True)]
)
def test_a_torch_that_would_bring_cuda_is_taken_from_the_index_that_the_user_named(
    bench: Bench, chosen: list[str], asks_for_cpu: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GALAXY_TORCH_INDEX", "https://wheels.example/cpu")
    bench.shell.chosen_by_pip = chosen
    bench.setup().run()
    assert bool(bench.shell.said("torch==2.0", "--extra-index-url")) is asks_for_cpu


def test_the_test_tools_are_a_step_of_their_own_and_include_the_program(bench: Bench) -> None:
    bench.setup().run()
    assert [step.name for step in bench.setup("test").pending()] == ["test packages"]
    bench.setup("test").run()
    assert bench.setup().pending() == bench.setup("test").pending() == ()


def test_changed_constraints_install_again_and_rebuild_nothing(bench: Bench) -> None:
    bench.setup().run()
    bench.places.constraints.write_text(bench.places.constraints.read_text() + "numpy==2.4\n")
    assert [step.name for step in bench.setup().pending()] == ["packages"]


def test_changed_settings_of_tools_install_nothing(bench: Bench) -> None:
    bench.setup().run()
    text = bench.places.pyproject.read_text()
    bench.places.pyproject.write_text(text.replace("line-length = 100", "line-length = 120"))
    assert bench.setup().pending() == ()


def test_deleted_weights_are_fetched_again_and_nothing_else(bench: Bench) -> None:
    bench.setup().run()
    (bench.places.models / "tiny" / "sub" / "weights.bin").unlink()
    assert [step.name for step in bench.setup().pending()] == ["weights"]


def test_a_deleted_environment_is_made_again(bench: Bench) -> None:
    bench.setup().run()
    bench.places.python.unlink()
    bench.places.stamps.unlink()
    bench.places.program.unlink()
    bench.places.python.parent.rmdir()
    bench.setup().run()
    assert bench.places.program.exists()


@pytest.mark.parametrize(("broken", "kept"), [({}, True), ({"import sys, pip": "No module named pip"}, False)])
def test_an_environment_that_works_is_kept_and_a_broken_one_made_anew(
    bench: Bench, broken: dict[str, str], kept: bool
) -> None:
    bench.setup().run()
    own = bench.places.venv / "mine.txt"
    own.touch()
    bench.places.stamps.unlink()
    bench.shell.failing = broken
    bench.setup().run()
    assert own.exists() is kept


@pytest.mark.parametrize(
    ("lacks", "told"),
    [
        ({"programs": ("apt-get",)}, "apt-get install -y g++"),
        ({"without": ("libxcb-cursor.so.0",)}, "apt-get install -y libxcb-cursor0"),
        ({"free": GIGABYTE}, "1.0 GB free"),
    ],
)
def test_what_is_missing_is_told_before_anything_is_done(
    bench: Bench, computer: Callable[..., Machine], lacks: dict[str, object], told: str
) -> None:
    bench.machine = computer(**lacks)
    with pytest.raises(MissingError, match=told):
        bench.setup().run()
    assert bench.shell.calls == []


def test_everything_missing_is_told_at_once(bench: Bench, computer: Callable[..., Machine]) -> None:
    bench.machine = computer(programs=("dnf",), without=("libEGL.so.1",), free=0)
    with pytest.raises(MissingError) as told:
        bench.setup().run()
    assert all(word in str(told.value) for word in ("gcc-c++", "mesa-libEGL", "GB free"))


def test_no_compiler_is_asked_for_when_a_built_wheel_lies_ready(bench: Bench, computer: Callable[..., Machine]) -> None:
    bench.places.wheels.mkdir(parents=True)
    (bench.places.wheels / "llama_cpp_python-0.3.1-py3-none-any.whl").touch()
    bench.machine = computer(programs=("apt-get",))
    assert bench.setup().run()


@pytest.mark.parametrize(
    ("printed", "kind", "told"),
    [
        ("Temporary failure in name resolution", OfflineError, "Check the network"),
        ("OSError: No space left on device", SetupError, "disk is full"),
        ("ERROR: ResolutionImpossible", SetupError, "ResolutionImpossible"),
        ("", SetupError, "gave no reason"),
    ],
)
def test_what_pip_says_becomes_a_sentence(bench: Bench, printed: str, kind: type[SetupError], told: str) -> None:
    bench.shell.failing = {"--editable": printed}
    with pytest.raises(kind, match=told):
        bench.setup().run()


def test_a_broken_pyproject_is_a_sentence(bench: Bench) -> None:
    bench.places.pyproject.write_text("[project")
    with pytest.raises(SetupError, match=r"pyproject.toml cannot be read"):
        bench.setup().pending()


def test_doctor_finds_nothing_missing_after_setup(bench: Bench) -> None:
    bench.setup().run()
    assert [finding for finding in bench.setup().findings() if not finding.good] == []


def test_doctor_names_damaged_weights_and_changes_nothing(bench: Bench) -> None:
    bench.setup().run()
    weights = bench.places.models / "tiny" / "sub" / "weights.bin"
    weights.write_bytes(b"x" * weights.stat().st_size)
    bench.shell.calls.clear()
    bad = [finding for finding in bench.setup().findings() if not finding.good]
    assert [(f.name, f.advice) for f in bad] == [("Tiny", "Type: python3 installer setup")]
    assert bench.shell.calls == []


def test_an_explicit_setup_repairs_damaged_weights(bench: Bench) -> None:
    bench.setup().run()
    weights = bench.places.models / "tiny" / "sub" / "weights.bin"
    right = weights.read_bytes()
    weights.write_bytes(b"x" * len(right))
    assert bench.setup(thorough=True).run()
    assert weights.read_bytes() == right


def test_doctor_on_a_fresh_checkout_says_what_is_to_do(bench: Bench) -> None:
    bad = {finding.name: finding.seen for finding in bench.setup().findings() if not finding.good}
    assert "torch" in bad["Environment"]
    assert "weights.bin" in bad["Tiny"]


def test_places_are_plain_values(places: Places) -> None:
    windows = dataclasses.replace(places, windows=True)
    assert windows.python == places.root / ".venv" / "Scripts" / "python.exe"
    assert windows.program.name == "galaxy-desktop.exe"
