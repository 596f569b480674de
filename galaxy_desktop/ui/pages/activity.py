"""Activity: what the program did, how long it took, what failed, and what it raised."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QStackedWidget, QTabWidget, QVBoxLayout, QWidget

from galaxy_desktop.domain.findings import Alert, RepositoryFreshness
from galaxy_desktop.domain.work_log import Execution, Job
from galaxy_desktop.ui.facade import ActivityReport
from galaxy_desktop.ui.pages.page import Page
from galaxy_desktop.ui.rows.activity import alert_table, execution_table, job_table, sync_table
from galaxy_desktop.ui.rows.table import Table
from galaxy_desktop.ui.theme import Look, Role, text_label
from galaxy_desktop.ui.view import Situation, View
from galaxy_desktop.ui.widgets.notices import EmptyState
from galaxy_desktop.ui.widgets.surface import PAGE_MARGIN
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


class ActivityPage(Page):
    """Five tables over what the workspace recorded."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, "Activity")
        self.alerts = Sheet(
            alert_table(look, self._now, self._title_of),
            "Alerts",
            ("No alert so far", "An alert is raised when a sprint turns bad. Each is raised once."),
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
        self._sheets = (self.alerts, self.executions, self.jobs, self.dead, self.syncs)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        for sheet in self._sheets:
            self.tabs.addTab(sheet, sheet.name)
        self.alerts.rows.opened.connect(self._open_alert)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(PAGE_MARGIN, 20, PAGE_MARGIN, PAGE_MARGIN)
        column.addWidget(text_label("Activity", Role.TITLE))
        column.addWidget(self.tabs, 1)
        self.set_content(content)

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
