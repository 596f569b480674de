"""Activity: what the program did, how long it took, what failed, and what it raised."""

from __future__ import annotations

from datetime import datetime, time
from functools import partial
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QStackedWidget, QTabWidget, QVBoxLayout, QWidget

from galaxy_desktop.domain.attention import DigestReport, Mute
from galaxy_desktop.domain.findings import Alert, RepositoryFreshness
from galaxy_desktop.domain.work_log import Execution, Job
from galaxy_desktop.ui import words
from galaxy_desktop.ui.advice_wishes import MuteSubject, Unmute
from galaxy_desktop.ui.alert_desk import move_in_words, mute_choices, subject_of
from galaxy_desktop.ui.facade import ActivityReport
from galaxy_desktop.ui.pages.page import Page
from galaxy_desktop.ui.rows.activity import alert_table, execution_table, job_table, sync_table
from galaxy_desktop.ui.rows.table import Table
from galaxy_desktop.ui.theme import Look, Role, text_label
from galaxy_desktop.ui.view import Situation, View
from galaxy_desktop.ui.widgets.notices import EmptyState
from galaxy_desktop.ui.widgets.surface import PAGE_MARGIN, ScrollPage, empty_out
from galaxy_desktop.ui.widgets.table_view import TableView
from galaxy_desktop.ui.wishes import OpenAlert, ReadActivity, Requeue


class Sheet(QStackedWidget):
    """A table, or the words that say why it is empty; the words with the count go into the tab."""

    def __init__(self, table: Table[Any], name: str, nothing: tuple[str, str], below: QWidget | None = None) -> None:
        super().__init__()
        self.table = table
        self.name = name
        self.rows: TableView[Any] = TableView(table, name)
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 12, 0, 0)
        column.addWidget(self.rows, 1)
        if below is not None:
            column.addWidget(below)
        self.addWidget(holder)
        self.addWidget(EmptyState(*nothing))

    def fill(self, rows: tuple[Any, ...]) -> str:
        """Show these rows; returns what the tab says."""
        self.table.replace(rows)
        self.setCurrentIndex(0 if rows else 1)
        return f"{self.name} ({len(rows)})" if rows else self.name


class DigestSheet(ScrollPage):
    """This morning's digest: how sprints moved, new risks, what was held back."""

    name = "Morning digest"

    def __init__(self) -> None:
        super().__init__()
        self._lines = QVBoxLayout()
        self._lines.setSpacing(6)
        self.body.addLayout(self._lines)
        self._none = EmptyState(
            "No digest so far", "On working days, at the time that is set, it brings what was held back overnight."
        )
        self.body.addWidget(self._none, 1)
        self.body.addStretch()
        self._report: DigestReport | None = None

    def show_report(self, report: DigestReport | None, now: datetime) -> None:
        """Show a digest; the same one is left alone."""
        self._none.setVisible(report is None)
        if report is None or report == self._report:
            return
        self._report = report
        empty_out(self._lines)
        said = f"{words.clock(report.at, now)}, what happened since {words.clock(report.since, now)}"
        self._lines.addWidget(text_label(said, muted=True))
        parts = (
            ("Sprints", [move_in_words(one) for one in report.sprints]),
            ("New risks", list(report.risks)),
            ("Held back", [one.reason.splitlines()[0] for one in report.held if one.reason]),
        )
        for title, lines in parts:
            if lines:
                self._lines.addWidget(text_label(title, Role.HEADING))
            for line in lines:
                self._lines.addWidget(text_label(words.with_days(line, now.date()), wrap=True))


class ActivityPage(Page):
    """Five tables over what the workspace recorded, and the digest."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, "Activity")
        self._mutes: dict[str, Mute] = {}
        self.alerts = Sheet(
            alert_table(look, self._now, self._title_of),
            "Alerts",
            ("No alert so far", "An alert is raised when a sprint turns bad. Each is raised once."),
            self._mute_bar(),
        )
        self.executions = Sheet(
            execution_table(look, self._now),
            "What ran",
            ("Nothing ran yet", "Each step of the analysis that uses the agent graph is recorded here."),
        )
        self.jobs = Sheet(
            job_table(look, self._now), "Jobs", ("No job yet", "Work that has to survive a restart waits here.")
        )
        self.dead = Sheet(
            job_table(look, self._now),
            "Failed for good",
            ("Nothing failed for good", "A job that failed after three more tries would wait here for you."),
            self._requeue_bar(),
        )
        self.syncs = Sheet(sync_table(look, self._now), "Repositories", ("No repository yet", "Name one in Settings."))
        self.digest = DigestSheet()
        self._sheets = (self.alerts, self.executions, self.jobs, self.dead, self.syncs)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        for sheet in self._sheets:
            self.tabs.addTab(sheet, sheet.name)
        self.tabs.addTab(self.digest, self.digest.name)
        self.alerts.rows.opened.connect(self._open_alert)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(PAGE_MARGIN, 20, PAGE_MARGIN, PAGE_MARGIN)
        column.addWidget(text_label("Activity", Role.TITLE))
        column.addWidget(self.tabs, 1)
        self.set_content(content)

    def _mute_bar(self) -> QWidget:
        bar = QWidget()
        row = QHBoxLayout(bar)
        row.setContentsMargins(0, 4, 0, 0)
        self.mute = QPushButton("Mute what the selected alert is about")
        self._menu = QMenu(self)
        self._menu.aboutToShow.connect(self._fill_menu)
        self.mute.setMenu(self._menu)
        self.muted = text_label("", Role.SMALL, muted=True)
        row.addWidget(self.mute)
        row.addWidget(self.muted, 1)
        return bar

    def _chosen_alert(self) -> Alert | None:
        return self.alerts.rows.chosen() or next(iter(self.alerts.table.rows), None)

    def _fill_menu(self) -> None:
        """Until when the subject can be muted, or the way to speak of it again."""
        self._menu.clear()
        alert = self._chosen_alert()
        if alert is None:
            return
        subject = subject_of(alert)
        name = words.reference(subject) if ":" in subject else self._title_of(subject) or "The sprint"
        self._menu.addAction(name).setEnabled(False)
        if subject in self._mutes:
            self._menu.addAction("Show alerts again").triggered.connect(lambda: self.wished.emit(Unmute(subject)))
            return
        for text, until in mute_choices(alert, self._end_of(alert.sprint_id), self._now()):
            act = partial(self.wished.emit, MuteSubject(subject, until, f"{name}, {text[0].lower()}{text[1:]}"))
            self._menu.addAction(text).triggered.connect(lambda _checked=False, act=act: act())

    def _end_of(self, sprint_id: str) -> datetime | None:
        found = (s.sprint.due_on for s in self.view.all_sprints if s.sprint.id == sprint_id) if self.view else iter(())
        due = next(found, None)
        return datetime.combine(due, time(23, 59), self._now().tzinfo) if due is not None else None

    def _say_muted(self) -> None:
        told = [
            f"{words.reference(m.subject) if ':' in m.subject else self._title_of(m.subject) or 'A sprint'} "
            f"{'until ' + words.clock(m.until, self._now()) if m.until else 'until something happens on it'}"
            for m in self._mutes.values()
        ]
        self.muted.setText(f"Muted: {words.listed(told)}" if told else "")

    def _requeue_bar(self) -> QWidget:
        bar = QWidget()
        row = QHBoxLayout(bar)
        row.setContentsMargins(0, 4, 0, 0)
        self.requeue = QPushButton("Try the selected job again")
        self.requeue.clicked.connect(self._requeue)
        row.addWidget(self.requeue, 0, Qt.AlignmentFlag.AlignLeft)
        row.addStretch()
        return bar

    def situation(self, view: View) -> Situation:
        """There is something to show as soon as a workspace is open."""
        return view.situation if view.failure or view.loading else Situation.READY

    def fill(self, view: View, before: View | None) -> None:
        """Ask for what was recorded; it is shown when it comes."""
        self.wished.emit(ReadActivity(self.show_report))

    def show_report(self, report: ActivityReport) -> None:
        """Show what the program did, as far as the filters keep it."""
        view = self.view
        if view is None:
            return
        keeps, now = view.filters.keeps_moment, view.now
        alerts: tuple[Alert, ...] = view.alerts(report.alerts)
        executions: tuple[Execution, ...] = tuple(e for e in report.executions if keeps(e.started_at, now))
        jobs: tuple[Job, ...] = tuple(j for j in report.jobs if keeps(j.created_at, now))
        wanted = view.filters.repository
        syncs: tuple[RepositoryFreshness, ...] = tuple(
            r for r in report.syncs if not wanted or r.repository.full_name == wanted
        )
        contents = (alerts, executions, jobs, report.dead, syncs)
        for number, (sheet, rows) in enumerate(zip(self._sheets, contents, strict=True)):
            self.tabs.setTabText(number, sheet.fill(rows))
        self.digest.show_report(report.digest, now)
        self._mutes = {one.subject: one for one in report.mutes}
        self._say_muted()

    def open_digest(self) -> None:
        """Show the digest."""
        self.tabs.setCurrentWidget(self.digest)

    def _now(self) -> datetime:
        if self.view is None:
            raise RuntimeError("the page was never shown a view")
        return self.view.now

    def _title_of(self, sprint_id: str) -> str:
        found = (s.sprint.title for s in self.view.all_sprints if s.sprint.id == sprint_id) if self.view else iter(())
        return next(found, "")

    def _open_alert(self, alert: Alert) -> None:
        self.wished.emit(OpenAlert(alert))

    def _requeue(self) -> None:
        job = self.dead.rows.chosen() or next(iter(self.dead.table.rows), None)
        if job is not None:
            self.wished.emit(Requeue(job.id))
