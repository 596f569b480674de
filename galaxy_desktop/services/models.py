"""Models, from nothing to running: what the Models page and `galaxy-desktop models` stand on.

The desk knows which models there are, judges whether each fits this computer, and passes downloads, imports and checks
to the queue. It decides what may be done: only what is here and fits can be used, what is in use is not removed without
a second word, and what set-up brings is not downloaded.

Nothing here waits for a transfer, and nothing talks to the network by itself: a download begins when a person asks for
it, after being told from which host and how much. Methods read the disk, so a window calls them on a worker thread.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from galaxy_desktop.collect.raw_http import Route, bare_host
from galaxy_desktop.domain.models import (
    Fit,
    FitReport,
    GraphicsDevice,
    Memory,
    ModelFacts,
    ModelsOverview,
    Presence,
    Shape,
    Standing,
    Transfer,
    TransferState,
    size,
)
from galaxy_desktop.domain.traffic import EgressGate
from galaxy_desktop.errors import ModelError, RefusedError, WrongUseError
from galaxy_desktop.reason.catalog import PROSE, Catalog, Entry, File
from galaxy_desktop.reason.downloads import free_bytes
from galaxy_desktop.reason.folder_lock import alone_with
from galaxy_desktop.reason.gguf import check_usable, read_header
from galaxy_desktop.reason.memory_need import judge, need_of, reckoned_speed, smaller
from galaxy_desktop.reason.model_files import remove
from galaxy_desktop.reason.offload import badge
from galaxy_desktop.reason.own_models import OwnModels, file_name_from, name_from, own_entry
from galaxy_desktop.services import model_memory
from galaxy_desktop.services.model_http import HttpTransport, check_address
from galaxy_desktop.services.model_transfers import IMPORTS, Surroundings, Transfers
from galaxy_desktop.settings import Settings

logger = logging.getLogger(__name__)

SETUP = "python3 installer setup"
Speeds = Callable[[Catalog], Mapping[str, float]]
"""Tokens a second of the models that were measured on this computer, by name."""


class InUseError(RefusedError):
    """A model that is in use is not removed without a second word."""


class DoesNotFitError(ModelError):
    """A model that does not fit this computer is not used without a second word."""


class Door(EgressGate, Protocol):
    """The program's door to the network, which says whether it is open."""

    @property
    def on(self) -> bool:
        """Whether the network is switched on."""
        ...


class ModelsDesk:
    """The models of this computer under the settings of one profile; every method may be called on any thread."""

    def __init__(
        self,
        settings: Callable[[], Settings],
        door: Door,
        publish: Callable[[Transfer], None],
        now: Callable[[], datetime],
        *,
        catalog: Callable[[], Catalog] = Catalog.read,
        memory: Callable[[], Memory] = model_memory.measure,
        speeds: Speeds | None = None,
        graphics: Callable[[], tuple[GraphicsDevice, ...] | None] = model_memory.graphics,
        free: Callable[[Path], int] = free_bytes,
    ) -> None:
        """Reads nothing yet; `publish` hears of transfers, on any thread."""
        self._settings = settings
        self._door = door
        self._catalog = catalog
        self._memory = memory
        self._speeds = speeds or (lambda models: model_memory.speeds(models, gpu=self._gpu_wanted))
        self._graphics = graphics
        self._free = free
        self._now = now
        self._shapes: dict[tuple[str, int, int], Shape] = {}
        self._lock = threading.Lock()
        self._transfers: Transfers | None = None
        self._publish = publish
        self.standing: Standing | None = None
        """How the model in use stands in the engine, `None` before it was asked for."""
        self.stop_loading: Callable[[], None] = lambda: None
        """Ends the loading of the model in use; called on the event loop's thread."""

    @property
    def transfers(self) -> Transfers:
        """The queue; made when it is first needed."""
        with self._lock:
            if self._transfers is None:
                around = Surroundings(
                    folder=self._catalog().folder,
                    catalog=self._catalog,
                    connect=lambda: HttpTransport(self._route, lambda: self._door.on),
                    limit=lambda: self._settings().number("model_speed_limit") * 1000,
                    mirrors=lambda: self._settings().model_mirrors(),
                    now=self._now,
                    free=self._free,
                )
                self._transfers = Transfers(around, self._publish)
            return self._transfers

    def _route(self) -> Route:
        settings = self._settings()
        return Route(gate=self._door, proxy=settings.proxy(), ca_bundle=settings.ca_bundle())

    # --- what is known

    def overview(self) -> ModelsOverview:
        """Every model with its badge and its state; raises `ModelError` when the catalog cannot be read."""
        catalog, memory = self._catalog(), self._memory()
        reports = self._reports(catalog, memory)
        return ModelsOverview(
            models=tuple(self._facts(catalog, entry, reports.get(entry.name)) for entry in catalog.entries),
            folder=str(catalog.folder),
            disk_free=self._free(catalog.folder),
            disk_used=_used(catalog.folder),
            memory=memory,
            network_on=self._door.on,
            limit_kb=self._settings().number("model_speed_limit"),
        )

    def facts(self, name: str) -> ModelFacts:
        """One model as it stands; raises `ModelError` for an unknown one."""
        catalog = self._catalog()
        entry = catalog.find(name)
        return self._facts(catalog, entry, self._reports(catalog, self._memory()).get(name))

    def _facts(self, catalog: Catalog, entry: Entry, fit: FitReport | None) -> ModelFacts:
        transfer = self.transfers.of(entry.name)
        if transfer is not None and transfer.state is TransferState.CANCELLED:
            transfer = None
        addresses = self._addresses(entry)
        return ModelFacts(
            name=entry.name,
            title=entry.title,
            purpose=entry.purpose,
            note=entry.note,
            bytes=entry.bytes,
            license_title=entry.license_title,
            license_url=entry.license_url,
            source=entry.source,
            host=bare_host(addresses[0]) if addresses else "",
            sha256=entry.files[0].sha256,
            presence=_presence(catalog, entry),
            bytes_here=catalog.bytes_here(entry.name),
            own=entry.own,
            package=entry.package,
            in_use=entry.purpose != PROSE or entry.name == self._settings().text("model"),
            machine_gb=entry.machine_gb,
            context_tokens=entry.context_tokens,
            added_at=entry.added_at,
            fit=fit,
            transfer=transfer,
            standing=self.standing if self.standing is not None and self.standing.name == entry.name else None,
        )

    def _addresses(self, entry: Entry) -> tuple[str, ...]:
        try:
            return entry.addresses(entry.files[0], self._settings().model_mirrors())
        except WrongUseError as error:
            logger.info("The mirrors of the environment cannot be used: %s", error)
            return ()

    @property
    def _gpu_wanted(self) -> bool:
        return self._settings().text("model_gpu") == "auto"

    def _reports(self, catalog: Catalog, memory: Memory) -> dict[str, FitReport]:
        """The badges of all models that write prose, with a smaller suggestion where one does not fit."""
        speeds = self._speeds(catalog)
        measured = [(entry.bytes, speeds[entry.name]) for entry in catalog.prose if entry.name in speeds]
        known = [entry for entry in catalog.prose if entry.bytes]
        shapes = {entry.name: self._shape(catalog, entry) for entry in known}
        needs = {entry.name: need_of(entry.bytes, shapes[entry.name]) for entry in known}
        used = needs.get(self._settings().text("model"))
        if used is not None:
            memory = replace(memory, reclaimable=model_memory.held_by_model(memory, used.total))
        devices, wanted = self._graphics(), self._gpu_wanted
        reports = {
            entry.name: judge(
                needs[entry.name],
                memory,
                shapes[entry.name],
                graphics=badge(needs[entry.name], shapes[entry.name], devices, wanted=wanted),
                tokens_per_second=speeds.get(entry.name) or reckoned_speed(entry.bytes, measured),
                measured=entry.name in speeds,
            )
            for entry in known
        }
        return {name: self._with_suggestion(report, reports, catalog) for name, report in reports.items()}

    @staticmethod
    def _with_suggestion(report: FitReport, others: Mapping[str, FitReport], catalog: Catalog) -> FitReport:
        if report.fit is Fit.FITS:
            return report
        name = smaller(report.need, tuple(others.items()))
        if not name:
            return report
        other = catalog.find(name)
        said = f"{report.sentence} {other.title} fits: it needs {size(others[name].need.total)}."
        return replace(report, sentence=said, suggestion=name)

    def _shape(self, catalog: Catalog, entry: Entry) -> Shape | None:
        """What the file itself says where it is here, else what the catalog says."""
        path = catalog.path_of(entry.name, entry.files[0])
        if not catalog.is_present(entry.name):
            return entry.shape
        stat = path.stat()
        key = (str(path), stat.st_size, stat.st_mtime_ns)
        if key not in self._shapes:
            try:
                self._shapes[key] = read_header(path).shape()
            except ModelError as error:
                logger.info("The header of %s cannot be read: %s", path.name, error)
                return entry.shape
        return self._shapes[key]

    # --- what a person asks for

    def download(self, name: str) -> None:
        """Fetch a model, or go on with it.

        Raises:
            RefusedError: it is here already, set-up brings it, or nobody offers it.
            StoreError: the folder cannot be written.
        """
        catalog = self._catalog()
        entry = catalog.find(name)
        if catalog.is_present(name):
            raise RefusedError(f"{entry.title} is on this computer already.")
        if entry.package:
            raise RefusedError(f"{entry.title} comes with the program. To bring it back, type: {SETUP}")
        if not entry.addresses(entry.files[0], self._settings().model_mirrors()):
            raise RefusedError(f"Nobody offers {entry.title} for download. Import its file again.")
        self.transfers.download(name)

    def add_address(self, url: str, sha256: str = "", name: str = "") -> str:
        """Put a GGUF at an address onto the list of own models; its name. Nothing is asked of the network.

        Raises:
            RefusedError: the address will not do.
            WrongUseError: the hash is none, or the name is taken.
        """
        url, sha256 = url.strip(), sha256.strip().lower()
        host = check_address(url)
        if sha256 and (len(sha256) != 64 or set(sha256) - set("0123456789abcdef")):
            raise WrongUseError("A SHA-256 has 64 hexadecimal digits. Copy it again, or leave it out.")
        shown = unquote(urlsplit(url).path.rsplit("/", 1)[-1])
        if not shown.lower().endswith(".gguf"):
            raise WrongUseError(f"The address does not lead to a GGUF file: {shown or host}. It must end in .gguf.")
        catalog = self._catalog()
        known = next((one for one in catalog.entries if one.url == url), None)
        if known is not None:
            return known.name
        taken = [one.name for one in catalog.entries]
        if name and name in taken:
            raise WrongUseError(f"There is a model called {name} already. Give this one another name.")
        called = name_from(name or shown, taken)
        file = File(file_name_from(called), 0, sha256)
        title = shown[: -len(".gguf")][:120]
        with alone_with(catalog.folder, IMPORTS):
            OwnModels(catalog.folder).keep(
                own_entry(called, title, file, url=url, added_at=self._now().date().isoformat())
            )
        return called

    def pause(self, name: str) -> None:
        """Stop a download and keep what came, also over restarts."""
        self.transfers.pause(name)

    def cancel(self, name: str) -> None:
        """End a download, an import or a check; what came of it is deleted."""
        self.transfers.cancel(name)

    def verify(self, name: str) -> None:
        """Read the files of a model again and compare them with their hashes."""
        self._catalog().find(name)
        self.transfers.verify(name)

    def take_in(self, source: Path, *, link: bool = False) -> None:
        """Import a file; what is no usable model is refused here, before anything is queued."""
        check_usable(read_header(source), source.name)
        self.transfers.take_in(source, link=link)

    def check_use(self, name: str, *, anyway: bool = False) -> ModelFacts:
        """The model, if the prose may be written with it.

        Raises:
            ModelError: it is unknown, does not write, is not here or cannot be used.
            DoesNotFitError: it does not fit this computer, and nobody insists.
        """
        catalog = self._catalog()
        path = catalog.weights(name)
        check_usable(read_header(path), path.name)
        facts = self.facts(name)
        if facts.fit is not None and facts.fit.fit is Fit.TOO_LARGE and not anyway:
            raise DoesNotFitError(f"{facts.title} does not fit this computer. {facts.fit.sentence}")
        return facts

    def remove(self, name: str, *, confirmed: bool = False) -> str:
        """Delete a model; the answer says what that freed and how it comes back.

        Raises:
            InUseError: it is in use and nobody confirmed.
            ModelError: another program is at work on it.
        """
        catalog = self._catalog()
        entry = catalog.find(name)
        if self.facts(name).in_use and not confirmed:
            raise InUseError(
                f"{entry.title} is in use. Without it explanations are facts only. "
                "Choose another model first, or confirm that you want it removed."
            )
        self.transfers.cancel(name)
        self.transfers.wait_for(name)
        with alone_with(catalog.folder, name):
            freed = remove(catalog, name)
        back = f" To bring it back, type: {SETUP}" if entry.package else ""
        return f"{entry.title} was removed, which freed {size(freed)}.{back}"

    # --- the life of the program

    def network_switched(self, *, on: bool) -> None:
        """Go on with what waited for the network."""
        if self._transfers is not None:
            self._transfers.network_switched(on=on)

    def recall(self) -> None:
        """Go on with the downloads that were running when the program ended."""
        self.transfers.recall()

    def close(self) -> None:
        """End what runs, keeping it for the next start; blocking."""
        if self._transfers is not None:
            self._transfers.close()


def _presence(catalog: Catalog, entry: Entry) -> Presence:
    if catalog.is_present(entry.name):
        return Presence.HERE
    if catalog.is_damaged(entry.name):
        return Presence.DAMAGED
    return Presence.PART if catalog.bytes_here(entry.name) else Presence.ABSENT


def _used(folder: Path) -> int:
    """Bytes of everything in the models folder."""
    found = 0
    for where, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):  # a download just gave it another name
                found += (Path(where) / name).stat().st_size
    return found


def offer(facts: ModelFacts) -> str:
    """What a person agrees to with a download: how much, from where, under which license."""
    left = facts.bytes - facts.bytes_here if facts.presence is Presence.PART else facts.bytes
    amount = size(left) if facts.bytes else "A file of unknown size"
    where = f"{facts.host} (and the store it sends on to)" if facts.host else "nowhere"
    license_words = facts.license_title or "License unknown"
    return f"{amount} from {where}. {license_words}."
