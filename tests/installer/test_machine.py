"""What the computer must bring, and the exact words to type where it is missing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from installer.advice import MANAGERS, how_to_install
from installer.machine import QT_ITSELF, QT_ON_X11, Machine

Computer = Callable[..., Machine]


@pytest.mark.parametrize(
    ("program", "told"),
    [
        ("apt-get", "sudo apt-get install -y g++"),
        ("dnf", "sudo dnf install -y gcc-c++"),
        ("pacman", "sudo pacman -S --needed gcc"),
        ("zypper", "sudo zypper install -y gcc-c++"),
    ],
)
def test_a_missing_compiler_is_advised_in_the_words_of_the_distribution(
    computer: Computer, program: str, told: str
) -> None:
    finding = computer(programs=(program,)).compiler()
    assert not finding.good
    assert finding.advice == f"Type: {told}"


def test_an_unknown_distribution_is_told_what_and_not_how(computer: Computer) -> None:
    assert "compiler" in computer(programs=()).compiler().advice


def test_a_compiler_that_cannot_run_does_not_count(computer: Computer) -> None:
    assert not computer(answers=lambda command: None).compiler().good


def test_the_compiler_named_in_the_environment_counts(computer: Computer) -> None:
    machine = computer(programs=("my-c++",), environment={"CXX": "my-c++ -m64"})
    assert machine.compiler().good


def test_a_mac_without_command_line_tools_is_told_to_get_them(computer: Computer) -> None:
    def answers(command: Sequence[str]) -> str | None:
        return None if command[0] == "xcode-select" else "clang"

    finding = computer(platform="darwin", answers=answers).compiler()
    assert (finding.good, finding.advice) == (False, "Type: xcode-select --install")


@pytest.mark.parametrize("found", ["", "C:\\VisualStudio"])
def test_windows_wants_the_build_tools_that_visual_studio_reports(computer: Computer, found: str) -> None:
    finding = computer(platform="win32", programs=(), answers=lambda command: found).compiler()
    assert finding.good is bool(found)
    assert found or "Build Tools" in finding.advice


def test_cmake_is_never_missing_because_pip_brings_it(computer: Computer) -> None:
    assert computer(programs=()).cmake().good
    assert "pip brings it" in computer(programs=()).cmake().seen


def test_all_missing_libraries_are_in_one_line(computer: Computer) -> None:
    finding = computer(without=("libxcb-cursor.so.0", "libEGL.so.1")).qt_libraries()
    assert finding.advice == "Type: sudo apt-get install -y libegl1 libxcb-cursor0"


def test_packages_that_bring_several_libraries_are_named_once(computer: Computer) -> None:
    without = ("libxcb-randr.so.0", "libxcb-shape.so.0")
    assert computer(programs=("dnf",), without=without).qt_libraries().advice.endswith("install -y libxcb")


@pytest.mark.parametrize(("qt", "good"), [("", False), ("xcb", False), ("offscreen", True), ("wayland", True)])
def test_x11_libraries_are_needed_only_where_x11_is_used(computer: Computer, qt: str, good: bool) -> None:
    machine = computer(without=("libxcb-cursor.so.0",), environment={"QT_QPA_PLATFORM": qt})
    assert machine.qt_libraries().good is good


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_only_linux_is_asked_for_libraries(computer: Computer, platform: str) -> None:
    assert computer(platform=platform, without=QT_ITSELF + QT_ON_X11).qt_libraries().good


@pytest.mark.parametrize("manager", MANAGERS, ids=lambda manager: manager.program)
def test_every_package_manager_has_a_name_for_everything(manager: object) -> None:
    names = getattr(manager, "names", {})
    assert set(names) == {"compiler", "venv", *QT_ITSELF, *QT_ON_X11}


def test_every_system_package_for_qt_is_installed_on_the_test_machine() -> None:
    script = (Path(__file__).parents[2] / ".ci" / "run").read_text()
    line = how_to_install((*QT_ITSELF, *QT_ON_X11), "linux", lambda name: name if name == "apt-get" else None)
    # These come with the others as their dependencies.
    implied = {"libglib2.0-0", "libx11-xcb1", "libxkbcommon0"}
    assert set(line.split("-y ")[1].split()) - implied <= set(script.split())


def test_disk_says_how_much_is_there_and_how_much_is_needed(computer: Computer, tmp_path: Path) -> None:
    finding = computer(free=2_500_000_000).disk(tmp_path)
    assert not finding.good
    assert "2.5 GB free" in finding.seen
    assert "6 GB needed" in finding.seen


def test_this_computer_answers_for_itself(tmp_path: Path) -> None:
    machine = Machine()
    assert machine.python().good
    assert machine.disk(tmp_path / "not" / "made" / "yet", needed=1).good
