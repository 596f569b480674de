"""The filters at the top: dates, repository, milestone. They act on every page."""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import QDate, QLocale, QSignalBlocker, Signal
from PySide6.QtWidgets import QComboBox, QDateEdit, QHBoxLayout, QPushButton, QSizePolicy, QWidget

from galaxy_desktop.ui import words
from galaxy_desktop.ui.view import Filters, View, last_days, next_days
from galaxy_desktop.ui.widgets.calm import TEXT_MARGIN

ALL, NEXT_14, NEXT_30, LAST_30, LAST_90, CHOSEN = range(6)
DATES = ("All dates", "Next 14 days", "Next 30 days", "Last 30 days", "Last 90 days", "From … to …")


class FilterBar(QWidget):
    """Emits the filters whenever the user changed one."""

    changed = Signal(Filters)

    def __init__(self) -> None:
        super().__init__()
        self._today = date.min
        self.dates = _combo("Dates", 130)
        self.dates.addItems(DATES)
        self.repository = _combo("Repository", 150)
        self.sprint = _combo("Milestone", 150)
        self.first, self.last = _day_edit("First day"), _day_edit("Last day")
        self._clear = QPushButton("Clear")
        self._clear.setProperty("flat", True)
        self._clear.setToolTip("Show everything")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for widget in (self.repository, self.sprint, self.dates, self.first, self.last, self._clear):
            row.addWidget(widget)
        self.dates.activated.connect(self._dates_chosen)
        self.repository.activated.connect(self._tell)
        self.sprint.activated.connect(self._tell)
        self.first.dateChanged.connect(self._tell)
        self.last.dateChanged.connect(self._tell)
        self._clear.clicked.connect(self.clear)
        self._arrange()
        self.offer(None)

    @property
    def filters(self) -> Filters:
        """The filters as they stand."""
        first, last = self._range()
        return Filters(first, last, self.repository.currentData() or "", self.sprint.currentData() or "")

    def offer(self, view: View | None) -> None:
        """Offer the repositories and milestones that there are; what was chosen stays chosen while it exists."""
        found = view.analysis if view is not None else None
        if view is not None and self._today != view.today:
            self._today = view.today
            self._set_days(*last_days(view.today, 30))
        names = [r.repository.full_name for r in found.repositories] if found else []
        _refill(self.repository, "All repositories", [(words.repository(n), n) for n in names])
        sprints = [(s.sprint.title, s.sprint.id) for s in view.all_sprints] if view is not None else []
        _refill(self.sprint, "All milestones", sprints)
        self._arrange()

    def clear(self) -> None:
        """Show everything again."""
        for combo in (self.dates, self.repository, self.sprint):
            combo.setCurrentIndex(0)
        self._tell()

    def _range(self) -> tuple[date | None, date | None]:
        choice = self.dates.currentIndex()
        if choice == CHOSEN:
            return _python_day(self.first.date()), _python_day(self.last.date())
        today = self._today
        ranges = {
            NEXT_14: lambda: next_days(today, 14),
            NEXT_30: lambda: next_days(today, 30),
            LAST_30: lambda: last_days(today, 30),
            LAST_90: lambda: last_days(today, 90),
        }
        return ranges[choice]() if choice in ranges else (None, None)

    def _dates_chosen(self) -> None:
        self._tell()
        if self.dates.currentIndex() == CHOSEN:
            self.first.setFocus()

    def _tell(self) -> None:
        self._arrange()
        self.changed.emit(self.filters)

    def _arrange(self) -> None:
        chosen = self.dates.currentIndex() == CHOSEN
        self.first.setVisible(chosen)
        self.last.setVisible(chosen)
        self._clear.setVisible(self.filters.active)

    def _set_days(self, first: date, last: date) -> None:
        for edit, day in ((self.first, first), (self.last, last)):
            with QSignalBlocker(edit):
                edit.setDate(QDate(day.year, day.month, day.day))


def _combo(name: str, width: int) -> QComboBox:
    combo = QComboBox()
    combo.setAccessibleName(name)
    combo.setToolTip(name)
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    combo.setMinimumContentsLength(11)
    combo.setMinimumWidth(100)
    combo.setMaximumWidth(width + 20)
    combo.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
    return combo


def _day_edit(name: str) -> QDateEdit:
    edit = QDateEdit()
    edit.setAccessibleName(name)
    edit.setToolTip(name)
    edit.setCalendarPopup(True)
    edit.setLocale(QLocale(QLocale.Language.English, QLocale.Country.UnitedKingdom))
    edit.setDisplayFormat("d MMM yyyy")
    edit.lineEdit().setTextMargins(TEXT_MARGIN, 0, 0, 0)
    return edit


def _refill(combo: QComboBox, everything: str, choices: list[tuple[str, str]]) -> None:
    wanted = [(everything, ""), *choices]
    if wanted == [(combo.itemText(i), combo.itemData(i)) for i in range(combo.count())]:
        return
    chosen = combo.currentData()
    with QSignalBlocker(combo):
        combo.clear()
        for text, data in wanted:
            combo.addItem(text, data)
        combo.setCurrentIndex(max(0, combo.findData(chosen)))


def _python_day(day: QDate) -> date:
    return date(day.year(), day.month(), day.day())
