"""The store: everything the program remembers, behind one thread-safe class that knows records and no rows.

Reads run in the caller's thread on a connection that only reads; each call sees one consistent state. Writes go
through one lane (see `writer`) and return futures that are done when the data is on the disk. Opening brings the
file to this program's version (see `migrate`) and gives back the jobs that a killed process had claimed.

What the Sync page and the outbox need is in `desk`, advice and attention in `advice_desk`, runs of the
language model in `model_desk`; handing the whole local copy over is in `handover`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from concurrent.futures import Future
from datetime import date, datetime, tzinfo
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from sqlalchemy import Engine, text
from sqlalchemy.engine import Connection

from galaxy_desktop.domain.evidence import Evidence
from galaxy_desktop.domain.findings import Alert, Analysis, RepositoryFreshness, UserVerdict
from galaxy_desktop.domain.ledger import LedgerEntry, Origin, Outcome
from galaxy_desktop.domain.sprints import Snapshot
from galaxy_desktop.domain.sync import Cursor, SyncStatus, Validator
from galaxy_desktop.domain.work import Label, Repository, WorkItem
from galaxy_desktop.domain.work_log import AuditEntry, Execution
from galaxy_desktop.errors import StoreError
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.store import findings, ledger, log_book, search, snapshot, workspace
from galaxy_desktop.store.engine import in_sentences, reading_engine, writing_engine
from galaxy_desktop.store.jobs import JobQueue
from galaxy_desktop.store.ledger import Said
from galaxy_desktop.store.migrate import migrate
from galaxy_desktop.store.provider_desk import ProviderDesk
from galaxy_desktop.store.writer import Writer

T = TypeVar("T")


class Store(ProviderDesk):
    """One open database file; make it with `Store.open`, end it with `close`."""

    def __init__(self, path: Path, writer: Writer, readers: Engine) -> None:
        super().__init__()
        self._path = path
        self._writer = writer
        self._readers = readers
        self._closed = False
        self.jobs = JobQueue(self)

    @classmethod
    def open(cls, folder: DataFolder) -> Store:
        """Open the database of a profile, made or migrated as needed; `StoreError` says why it cannot be."""
        try:
            folder.make()
        except OSError as error:
            raise StoreError(
                f"The folder {folder.root} cannot be made: {error.strerror}. Choose another one."
            ) from error
        engine = writing_engine(folder.database)
        try:
            migrate(engine, folder)
            writer = Writer(engine, folder.database)
        except BaseException:
            engine.dispose()
            raise
        store = cls(folder.database, writer, reading_engine(folder.database))
        try:
            store.jobs.recover().result()
        except BaseException:
            store.close()
            raise
        return store

    @property
    def folder(self) -> Path:
        """The folder of the profile: what can be made again from the database may lie beside it."""
        return self._path.parent

    def close(self) -> None:
        """Finish queued writes, join the thread, close every connection; calling it again does nothing."""
        self._closed = True
        self._writer.close()
        self._readers.dispose()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    # --- lanes

    def write(self, run: Callable[[Connection], T]) -> Future[T]:
        """Run in the writer's lane; the future is done when the change is on the disk."""
        return self._writer.submit(run)

    def read(self, run: Callable[[Connection], T]) -> T:
        """Run in this thread on a connection of its own that sees one state of the database and cannot write."""
        if self._closed:
            raise StoreError("The database is closed: the program is shutting down.")
        with in_sentences(self._path), self._readers.begin() as connection:
            return run(connection)

    def check(self) -> str:
        """Look through the whole file for damage; "ok", or what SQLite found."""
        return str(self.read(lambda c: c.scalar(text("PRAGMA quick_check(1)"))))

    # --- what GitHub told

    def cursor(self, repository_id: int, entity: str) -> Cursor | None:
        """Where reading one list of a repository stands."""
        return self.read(lambda c: snapshot.cursor(c, repository_id, entity))

    def validator(self, repository_id: int, url: str) -> Validator | None:
        """The ETag that GitHub gave for one URL."""
        return self.read(lambda c: snapshot.validator(c, repository_id, url))

    def repositories(self) -> tuple[Repository, ...]:
        """The tracked repositories, by name."""
        return self.read(snapshot.repositories)

    def labels(self, repository_id: int) -> tuple[Label, ...]:
        """The labels of a repository, by name."""
        return self.read(lambda c: snapshot.labels(c, repository_id))

    def track(self, full_name: str) -> Future[None]:
        """Track "owner/name", known or not yet; case does not matter, and asking twice changes nothing."""
        return self.write(lambda c: workspace.track(c, full_name))

    def untrack(self, full_name: str) -> Future[None]:
        """Stop tracking a repository; what is stored of it stays."""
        return self.write(lambda c: workspace.untrack(c, full_name))

    def wanted(self) -> tuple[str, ...]:
        """Names asked for whose repository is not known yet."""
        return self.read(snapshot.wanted)

    def forget_wish(self, full_name: str) -> Future[None]:
        """Drop a name from those asked for."""
        return self.write(lambda c: workspace.forget_wish(c, full_name))

    def item_versions(self, repository_id: int, number: int) -> tuple[WorkItem, ...]:
        """Every version of a work item that was seen, oldest first; fields of its head and size are not part of it."""
        return self.read(lambda c: snapshot.item_versions(c, repository_id, number))

    def versions_of_changed(self, moment: datetime) -> dict[str, tuple[WorkItem, ...]]:
        """Versions of the items that changed after a moment and were seen in several, oldest first, by evidence id."""
        return self.read(lambda c: snapshot.versions_of_changed(c, moment))

    def earliest(self) -> datetime | None:
        """When the first item that is stored was created."""
        return self.read(snapshot.earliest)

    def status(self, repository_id: int) -> SyncStatus | None:
        """The state of one repository's collection."""
        return self.read(lambda c: snapshot.status(c, repository_id))

    def freshness(self) -> tuple[RepositoryFreshness, ...]:
        """What is stored of each tracked repository and how fresh it is, by name."""
        return self.read(snapshot.freshness)

    def snapshot(self, since: datetime | None = None) -> Snapshot:
        """Everything about the tracked repositories at this moment.

        Of the comments only those of open items and of items with a milestone; with `since` also of those closed later.
        """
        return self.read(lambda c: snapshot.snapshot(c, since))

    def history_complete(self) -> bool:
        """Whether every list of items of the tracked repositories was read to its end."""
        return self.read(lambda c: snapshot.history_complete(c, snapshot.repositories(c)))

    def search_text(
        self, query: str, limit: int = 20, repository_ids: Collection[int] | None = None
    ) -> tuple[Evidence, ...]:
        """Items and comments of tracked repositories that hold the words of any text."""
        return self.read(lambda c: search.search_text(c, query, limit, repository_ids))

    # --- what the program concluded

    def sprints_confirmed(self) -> frozenset[str]:
        """Ids of the sprints a person agreed with."""
        return self.read(findings.sprints_confirmed)

    def confirm_sprint(self, sprint_id: str, at: datetime) -> Future[None]:
        """A person agrees with how a sprint was put together."""
        return self.write(lambda c: findings.confirm_sprint(c, sprint_id, at))

    def save_analysis(self, analysis: Analysis, said: Said | None = None) -> Future[None]:
        """Store an evaluation: findings, evidence, what it enters into the ledger, and the whole; all or nothing."""

        def save(connection: Connection) -> None:
            findings.save_analysis(connection, analysis)
            if said is not None:
                ledger.add(connection, said, analysis.as_of.tzinfo)

        return self.write(save)

    def enter(self, said: Said, zone: tzinfo | None) -> Future[int]:
        """Enter into the ledger what is news there; how many entries were made."""
        return self.write(lambda c: ledger.add(c, said, zone))

    def ledger(self, sprint_id: str | None = None, origin: Origin | None = None) -> tuple[LedgerEntry, ...]:
        """What was said, oldest first: of one sprint or all, live, in replays, or both."""
        return self.read(lambda c: ledger.entries(c, sprint_id, origin))

    def ledger_outcomes(self) -> dict[str, Outcome]:
        """How sprints came out, by sprint."""
        return self.read(ledger.outcomes)

    def unjudged(self) -> dict[str, list[tuple[datetime, date | None]]]:
        """The ends that were said, and when, of sprints that have no outcome yet."""
        return self.read(ledger.unjudged)

    def ledger_inputs(self, digest: str) -> str | None:
        """The canonical JSON of a forecast's inputs; `None` when they are not here or were forgotten."""
        return self.read(lambda c: ledger.inputs(c, digest))

    def latest_analysis(self) -> Analysis | None:
        """The last evaluation whole, to show it at once."""
        return self.read(findings.latest_analysis)

    def forecasts(self, sprint_id: str) -> tuple[tuple[datetime, float | None], ...]:
        """The ledger of a sprint, oldest first: when, and which probability was said."""
        return self.read(lambda c: findings.forecasts(c, sprint_id))

    def alerts(self) -> tuple[Alert, ...]:
        """Every alert ever raised, newest first."""
        return self.read(findings.alerts)

    def alerts_unshown(self) -> tuple[Alert, ...]:
        """The alerts that nobody has been shown, newest first."""
        return self.read(lambda c: findings.alerts(c, unshown=True))

    def verdicts(self) -> dict[str, UserVerdict]:
        """The last word on each recommendation, by its id."""
        return self.read(findings.verdicts)

    # --- what the program did

    def settings(self) -> dict[str, str]:
        """The stored settings as text."""
        return self.read(log_book.settings)

    def set_setting(self, name: str, value: str, who: str, at: datetime) -> Future[None]:
        """Store a setting; audited."""
        return self.write(lambda c: log_book.set_setting(c, name, value, who, at))

    def record_execution(self, execution: Execution) -> Future[None]:
        """Store one run of one node of the agent graph."""
        return self.write(lambda c: log_book.record_execution(c, execution))

    def executions(self, limit: int = 200) -> tuple[Execution, ...]:
        """The last executions, newest first."""
        return self.read(lambda c: log_book.executions(c, limit))

    def audit(self, entry: AuditEntry) -> Future[None]:
        """Add an entry to the audit log."""
        return self.write(lambda c: log_book.audit(c, entry))

    def audit_log(self, limit: int = 200) -> tuple[AuditEntry, ...]:
        """The last entries of the audit log, newest first."""
        return self.read(lambda c: log_book.audit_log(c, limit))
