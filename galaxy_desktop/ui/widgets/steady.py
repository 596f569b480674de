"""Keeps what a person just clicked under the mouse while the page around it is laid out anew.

A page beside the evidence panel is narrower: its texts wrap, its columns stack, and everything below moves down. So the
place of the clicked row is taken before, and the page is scrolled by as much as the row moved, before anything is
painted.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QEvent, QPoint, QTimer
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QAbstractItemView, QApplication, QScrollArea, QWidget

MOST_PASSES = 4
"""How often layouts settle each other: texts that wrap change the height, which may bring a scroll bar."""


@contextmanager
def held_in_place(page: QWidget) -> Iterator[None]:
    """Whatever changes the width of `page` inside, its row or button with the focus (or under the mouse) stays put."""
    found = _anchor(page)
    if found is None:
        yield
        return
    area, widget = found
    before = _height_of(widget, area)
    yield
    _scroll_back(area, widget, before)
    QTimer.singleShot(0, area, lambda: _scroll_back(area, widget, before))


def _anchor(page: QWidget) -> tuple[QScrollArea, QWidget] | None:
    """What to hold, and the area that scrolls it; `None` where nothing of the page was touched or nothing scrolls."""
    for touched in (page.window().focusWidget(), QApplication.widgetAt(QCursor.pos())):
        if touched is None or not page.isAncestorOf(touched):
            continue
        table = touched.parentWidget()
        widget = table if isinstance(table, QAbstractItemView) else touched
        for area in (*page.findChildren(QScrollArea), *([page] if isinstance(page, QScrollArea) else [])):
            inside = area.widget()
            if area.isVisible() and inside is not None and inside.isAncestorOf(widget):
                return area, widget
    return None


def _height_of(widget: QWidget, area: QScrollArea) -> int:
    """How far below the top of the area it is, in pixels; of a table its current row."""
    if isinstance(widget, QAbstractItemView) and widget.currentIndex().isValid():
        top = widget.visualRect(widget.currentIndex()).top()
        return widget.viewport().mapTo(area, QPoint(0, top)).y()
    return widget.mapTo(area, QPoint(0, 0)).y()


def _scroll_back(area: QScrollArea, widget: QWidget, before: int) -> None:
    for _ in range(MOST_PASSES):
        QApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest.value)
        inside = area.widget()
        if inside is None or not inside.isAncestorOf(widget):
            return  # the page was filled anew meanwhile
        moved = _height_of(widget, area) - before
        if not moved:
            return
        bar = area.verticalScrollBar()
        bar.setValue(bar.value() + moved)
