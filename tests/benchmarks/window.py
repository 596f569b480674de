"""A program with a window that says when it was painted: the real one, or an empty window of PySide6.

    python -m tests.benchmarks.window empty | app | content

`empty` and `app` end with the first paint; `content` with the paint that shows the last evaluation. A line says
when, by the computer's steady clock, and a second one how much memory the process holds. Nothing else is imported
before, so that both begin alike.
"""

from __future__ import annotations

import os
import sys
import time
from typing import Any

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication, QMainWindow

PAINTED = "painted"


class FirstPaint(QObject):
    """Listens to the program's events until a main window is painted that is `ready`."""

    ready = True

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Notice the paint; the timer fires when it is done."""
        if self.ready and event.type() == QEvent.Type.Paint and isinstance(watched, QMainWindow):
            QTimer.singleShot(0, _say_and_end)
        return False


def _say_and_end() -> None:
    print(PAINTED, time.monotonic(), flush=True)
    import psutil

    print(psutil.Process().memory_info().rss, flush=True)
    os._exit(0)


def _wait_for_content(paint: FirstPaint) -> None:
    """Let the filter wait until the window has an evaluation to show, and ask for a paint of it."""
    from galaxy_desktop.ui.main_window import MainWindow

    show = MainWindow.show_view

    def show_view(self: MainWindow, view: Any) -> None:
        show(self, view)
        if view.analysis is not None:
            paint.ready = True
            self.update()

    MainWindow.show_view = show_view  # type: ignore[method-assign]


def main() -> None:
    """Open the window that was asked for."""
    which = sys.argv[1]
    app = QApplication(["galaxy-desktop"])
    paint = FirstPaint()
    app.installEventFilter(paint)
    if which == "empty":
        window = QMainWindow()
        window.resize(1240, 820)
        window.show()
        app.exec()
        return
    if which == "content":
        paint.ready = False
        _wait_for_content(paint)
    from galaxy_desktop.cli import main as program

    sys.exit(program([]))


if __name__ == "__main__":
    main()
