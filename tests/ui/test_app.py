"""The composition root, as far as it goes without a desktop: places, options, crashes, a whole start and stop."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from PySide6.QtWidgets import QMessageBox

from galaxy_desktop.app import BUG, Places, _crashes_told, _models, run_app
from galaxy_desktop.errors import WrongUseError
from galaxy_desktop.paths import MAIN, data_folder, demo_folder
from galaxy_desktop.ui import single
from galaxy_desktop.ui.main_window import MainWindow
from galaxy_desktop.ui.single import ProfileLock

ROOT = Path(__file__).resolve().parent.parent.parent
STAGE = ROOT / "tests" / "desktop" / "stage.py"


def test_the_usual_start_opens_the_users_own_folder() -> None:
    places = Places()
    assert places.first == MAIN
    assert places.of(MAIN) == data_folder()
    assert places.of("demo: blocked") == demo_folder("blocked")


def test_a_named_folder_belongs_to_what_was_asked_for(tmp_path: Path) -> None:
    own = Places(str(tmp_path))
    assert own.of(MAIN).root == tmp_path
    assert own.of("demo: blocked") == demo_folder("blocked")


def test_a_demo_in_a_named_folder_never_makes_that_folder_the_users_own(tmp_path: Path) -> None:
    demo = Places(str(tmp_path), "blocked")
    assert demo.first == "demo: blocked"
    assert demo.of("demo: blocked").root == tmp_path
    assert demo.of(MAIN) == data_folder()


def test_an_unknown_demo_is_wrong_use() -> None:
    with pytest.raises(WrongUseError, match="healthy"):
        run_app(["--demo", "nonsense"])


def test_a_copy_that_does_not_answer_is_told(tmp_path: Path, qtbot: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(single, "PATIENCE_S", 0.1)
    holder = ProfileLock(tmp_path)
    with pytest.raises(WrongUseError, match="does not answer"):
        run_app(["--data-dir", str(tmp_path)])
    holder.release()


def test_the_models_of_the_catalogue_can_be_chosen() -> None:
    assert "smollm2-135m-instruct" in {m.name for m in _models()}
    assert all("GB on disk" in m.size for m in _models())


def test_an_error_that_nobody_caught_is_logged_and_told_once(
    window: MainWindow, caplog: pytest.LogCaptureFixture
) -> None:
    window.show()
    with _crashes_told(window):
        for number in range(3):
            error = ZeroDivisionError(f"fault {number}")
            sys.excepthook(type(error), error, None)
        boxes = window.findChildren(QMessageBox)
    assert [box.text() for box in boxes] == [BUG]
    assert caplog.text.count("An error that nobody caught") == 3
    boxes[0].close()


def test_an_error_in_a_thread_is_logged(window: MainWindow, caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> None:
        raise ZeroDivisionError("in a thread")

    with _crashes_told(window):
        worker = threading.Thread(target=fail)
        worker.start()
        worker.join()
    assert "in a thread" in caplog.text


def test_the_hooks_are_given_back(window: MainWindow) -> None:
    before = (sys.excepthook, threading.excepthook)
    with _crashes_told(window):
        assert sys.excepthook != before[0]
    assert (sys.excepthook, threading.excepthook) == before


QUITTING = """
import sys
sys.path[:0] = [{root!r}, {desktop!r}]
import logging, stage
from galaxy_desktop.ui.conductor import Conductor
from galaxy_desktop.ui.wishes import Quit
teller = logging.StreamHandler(sys.stdout)
logging.getLogger("galaxy_desktop").addHandler(teller)
hear = Conductor._hear
def hear_and_quit(self, event):
    hear(self, event)
    self.carry_out(Quit())
Conductor._hear = hear_and_quit
workspaces = []
def opener(profile, folder):
    workspaces.append(stage.fake(profile, folder))
    return workspaces[-1]
code = stage.run_app(["--data-dir", sys.argv[1]], opener=opener)
print("CALLS", [c[0] for c in workspaces[0].calls])
sys.exit(code)
"""


def test_a_whole_start_and_stop_goes_in_order(tmp_path: Path) -> None:
    script = QUITTING.format(root=str(ROOT), desktop=str(STAGE.parent))
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    told = done.stdout
    order = ["The window stands", "Showing main", "Asked for: Quit", "Stopping", "Stopped"]
    places = [told.index(step) for step in order]
    assert places == sorted(places)
    calls = told.partition("CALLS ")[2]
    assert calls.index("'open'") < calls.index("'start'") < calls.index("'stop'")
    assert "Traceback" not in told + done.stderr
    assert json.loads((tmp_path / "window.json").read_text(encoding="utf-8"))["profile"] == MAIN


def test_the_log_of_a_start_lies_in_the_profiles_folder(tmp_path: Path) -> None:
    script = QUITTING.format(root=str(ROOT), desktop=str(STAGE.parent))
    subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        timeout=120,
        check=True,
    )
    (file,) = (tmp_path / "logs").iterdir()
    assert "The window stands" in file.read_text(encoding="utf-8")
    assert logging.getLogger("galaxy_desktop").handlers == []
