"""`galaxy-desktop doctor`: is everything here that the program needs, and what to do where it is not.

Every check answers one `Finding`. The database is opened as each start of the program opens it, so what doctor finds
is what a start would meet. What cannot be known here (whether a tray exists is known only to a window, whether GitHub
answers only with a network) is "unknown", which is not a failure: offline is normal, and so is a network that was
switched off in the settings. GitHub is asked through the same gate as everything, and the ledger gets what was asked.
"""

from __future__ import annotations

import asyncio
import hashlib
import importlib.util
import json
import logging
import os
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from galaxy_desktop.domain.sign_in import Ability, PermissionResult
from galaxy_desktop.domain.traffic import EgressGate
from galaxy_desktop.errors import BrokenAnswerError, GalaxyError, LimitError, OfflineError
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.reason.catalog import PROSE, Catalog, Entry
from galaxy_desktop.services import clock
from galaxy_desktop.services.credentials import Credentials
from galaxy_desktop.services.egress import Egress, egress_of
from galaxy_desktop.settings import BY_NAME, Settings, environment_token

logger = logging.getLogger(__name__)

GIGABYTE = 1_000_000_000
FREE_NEEDED = GIGABYTE
CHUNK = 1 << 20
FETCH = "Type: python3 installer setup"


class Verdict(StrEnum):
    """How a check ended."""

    GOOD = "ok"
    MISSING = "missing"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: its name, how it ended, what was seen, and what to do about it (empty when nothing)."""

    name: str
    verdict: Verdict
    sentence: str
    advice: str = ""


def _free_bytes(folder: Path) -> int:
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free


def _keyring() -> Any:
    import keyring  # noqa: PLC0415 - looks for backends, which takes a moment

    return keyring.get_keyring()


def _stored_token(settings: Settings) -> str | None:
    return Credentials(settings.api_url()).token()


def _ask_github(settings: Settings, gate: EgressGate) -> int | None:
    """How many requests GitHub would still answer this hour; raises `GalaxyError` when it does not answer."""
    from galaxy_desktop.collect.budget import Budget  # noqa: PLC0415 - PyGithub takes a moment to import
    from galaxy_desktop.collect.github_client import GitHub  # noqa: PLC0415 - same
    from galaxy_desktop.services.token_check import log_of  # noqa: PLC0415 - same

    budget = Budget(clock.now)
    github = GitHub(
        settings.api_url(), _stored_token(settings), budget, clock.now,
        gate=gate, observe=log_of(gate), proxy=settings.proxy(), ca_bundle=settings.ca_bundle(),
    )  # fmt: skip
    try:
        github.get("/rate_limit")
        return budget.remaining
    finally:
        github.close()


def _try_token(settings: Settings, gate: EgressGate, repositories: Sequence[str]) -> tuple[PermissionResult, ...]:
    """What the stored token can do in the tracked repositories; raises `GalaxyError` when nothing could be tried."""
    from galaxy_desktop.services.token_check import examine, route_of  # noqa: PLC0415 - PyGithub takes a moment

    token = _stored_token(settings)
    _, results = examine(settings.api_url(), token, repositories=repositories, route=route_of(settings, gate))
    return results


@dataclass(frozen=True, slots=True)
class Profile:
    """What the database told: the settings, and the names of the tracked repositories."""

    settings: Settings = field(default_factory=Settings)
    repositories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Doctor:
    """All checks of one profile; what they ask is handed in, so that tests can answer."""

    folder: DataFolder
    catalog: Callable[[], Catalog] = Catalog.read
    free: Callable[[Path], int] = _free_bytes
    keyring: Callable[[], Any] = _keyring
    stored_token: Callable[[Settings], str | None] = _stored_token
    github: Callable[[Settings, EgressGate], int | None] = _ask_github
    permissions: Callable[[Settings, EgressGate, Sequence[str]], tuple[PermissionResult, ...]] = _try_token
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    platform: str = sys.platform

    def findings(self) -> tuple[Finding, ...]:
        """Every check, in the order a person would look; blocking (hashes are computed, GitHub is asked)."""
        database, profile = self.database()
        settings = profile.settings
        here = (
            self.disk(),
            database,
            self.keyring_backend(),
            self.token(settings),
            self.engine(),
            *self.weights(settings.text("model")),
            self.screen(),
            self.tray(),
        )
        if not settings.flag("network"):
            said = "The network is switched off, so GitHub was not asked."
            return (*here, Finding("Network", Verdict.UNKNOWN, said, "Switch it on in Settings to ask."))
        gate = egress_of(settings, None, clock.now)
        try:
            return (*here, self.reach_github(settings, gate), *self.token_permissions(profile, gate))
        finally:
            self._keep(gate)

    def disk(self) -> Finding:
        """Free space where the profile is."""
        free = self.free(self.folder.root)
        seen = f"{free / GIGABYTE:.1f} GB are free in {self.folder.root}."
        if free >= FREE_NEEDED:
            return Finding("Disk", Verdict.GOOD, seen)
        return Finding(
            "Disk", Verdict.MISSING, seen, f"Free some space there: {FREE_NEEDED / GIGABYTE:.0f} GB is enough."
        )

    def database(self) -> tuple[Finding, Profile]:
        """Whether the database opens, and what it holds (the defaults where it does not)."""
        path = self.folder.database
        if not path.exists():
            return Finding("Database", Verdict.GOOD, "Nothing is stored yet; the first sync makes it."), Profile()
        from galaxy_desktop.store.database import Store  # noqa: PLC0415 - only where there is a database

        try:
            store = Store.open(self.folder)
        except GalaxyError as error:
            return Finding("Database", Verdict.MISSING, str(error)), Profile()
        try:
            names = tuple(one.full_name for one in store.repositories())
            settings = Settings.from_text(store.settings())
        finally:
            store.close()
        words = "1 repository is" if len(names) == 1 else f"{len(names)} repositories are"
        return Finding("Database", Verdict.GOOD, f"{path} opens; {words} tracked."), Profile(settings, names)

    def keyring_backend(self) -> Finding:
        """Whether this computer has a keyring for the token."""
        try:
            backend = self.keyring()
            usable = backend.priority > 0
        except Exception as error:  # noqa: BLE001 - every backend has errors of its own
            seen = f"It cannot be opened ({type(error).__name__})."
            return Finding("Keyring", Verdict.MISSING, seen, self._get_keyring())
        name = f"{type(backend).__module__}.{type(backend).__qualname__}"
        if usable:
            return Finding("Keyring", Verdict.GOOD, f"The token is kept in {name}.")
        if environment_token():
            return Finding("Keyring", Verdict.UNKNOWN, "None is here; the token comes from GALAXY_GITHUB_TOKEN.")
        return Finding("Keyring", Verdict.MISSING, "This computer has none that works.", self._get_keyring())

    def token(self, settings: Settings) -> Finding:
        """Whether a token is set; without one public repositories can still be read, slowly."""
        if environment_token():
            return Finding("Token", Verdict.GOOD, "It comes from GALAXY_GITHUB_TOKEN.")
        if self.stored_token(settings):
            return Finding("Token", Verdict.GOOD, "It is in the keyring.")
        return Finding(
            "Token",
            Verdict.UNKNOWN,
            "None is set: only public repositories can be read, 60 requests an hour.",
            "Open the program and enter one in Settings.",
        )

    def engine(self) -> Finding:
        """Whether llama.cpp is installed."""
        if importlib.util.find_spec("llama_cpp") is not None:
            return Finding("llama.cpp", Verdict.GOOD, "It is installed.")
        return Finding("llama.cpp", Verdict.MISSING, "It is not installed; explanations are facts only.", FETCH)

    def weights(self, chosen: str) -> tuple[Finding, ...]:
        """The weights in use, each file read and compared with the published hash."""
        try:
            catalog = self.catalog()
            wanted = [e for e in catalog.entries if e.purpose != PROSE or e.name == chosen]
            found = [_weights_finding(entry, catalog.folder_of(entry.name)) for entry in wanted]
        except GalaxyError as error:
            return (Finding("Weights", Verdict.MISSING, str(error), FETCH),)
        if chosen not in {entry.name for entry in wanted}:
            sentence = f"The model chosen in Settings, {chosen}, is not in the list of models."
            found.append(Finding("Model", Verdict.MISSING, sentence, "Choose another one on the Models page."))
        return tuple(found)

    def screen(self) -> Finding:
        """Whether a window can open here."""
        if not self.platform.startswith("linux"):
            return Finding("Screen", Verdict.GOOD, "Windows open on this system.")
        named = next((n for n in ("WAYLAND_DISPLAY", "DISPLAY") if self.environment.get(n)), None)
        if named:
            return Finding("Screen", Verdict.GOOD, f"{named} is {self.environment[named]}.")
        return Finding("Screen", Verdict.UNKNOWN, "No screen in this session; the commands work without one.")

    def tray(self) -> Finding:
        """Only a window can ask for the tray."""
        return Finding("Tray", Verdict.UNKNOWN, "Known once the window is open: its status line says so.")

    def reach_github(self, settings: Settings, gate: EgressGate) -> Finding:
        """Whether GitHub answers; being offline is normal."""
        try:
            left = self.github(settings, gate)
        except (OfflineError, BrokenAnswerError, LimitError) as error:
            return Finding("GitHub", Verdict.UNKNOWN, str(error))
        except GalaxyError as error:
            return Finding("GitHub", Verdict.MISSING, str(error), "Check the token and the address in Settings.")
        more = "" if left is None else f"; {left} requests are left this hour"
        return Finding("GitHub", Verdict.GOOD, f"{settings.api_url()} answers{more}.")

    def token_permissions(self, profile: Profile, gate: EgressGate) -> tuple[Finding, ...]:
        """What the token can do, one line for all that it can and one for each thing that it cannot."""
        if not environment_token() and not self.stored_token(profile.settings):
            return ()
        try:
            results = self.permissions(profile.settings, gate, profile.repositories)
        except GalaxyError:
            return ()  # the line about GitHub has said it
        able = "; ".join(one.feature for one in results if one.ability is Ability.YES)
        good = (Finding("Token can", Verdict.GOOD, f"{able}."),) if able else ()
        return good + tuple(_lacking(one) for one in results if one.ability is not Ability.YES)

    def _keep(self, gate: Egress) -> None:
        """Enter what was asked into the ledger and the log of the profile, where there is one."""
        rows = gate.hosts()
        gate.close()
        if not rows or not self.folder.database.exists():
            return
        from galaxy_desktop.store.database import Store  # noqa: PLC0415 - only where there is a database

        try:
            with Store.open(self.folder) as store:
                store.add_traffic(rows).result()
                store.log_exchanges(gate.noted).result()
        except GalaxyError as error:
            logger.info("The ledger of hosts could not be written: %s", error)

    def _get_keyring(self) -> str:
        if self.platform.startswith("linux"):
            return "Install and unlock a keyring such as gnome-keyring or KWallet, or set GALAXY_GITHUB_TOKEN."
        return "Unlock the system's keyring, or set GALAXY_GITHUB_TOKEN."


def _lacking(result: PermissionResult) -> Finding:
    verdict = Verdict.MISSING if result.needed and result.ability is Ability.NO else Verdict.UNKNOWN
    return Finding("Token", verdict, result.sentence)


def _weights_finding(entry: Entry, folder: Path) -> Finding:
    # Set-up brings what every start needs; a larger model is a person's own choice and download.
    basic = entry.purpose != PROSE or entry.name == BY_NAME["model"].default
    advice = FETCH if basic else f"Download it on the Models page, or type: galaxy-desktop models download {entry.name}"
    absent = [file.path for file in entry.files if not (folder / file.path).is_file()]
    if absent:
        return Finding(entry.title, Verdict.MISSING, f"{', '.join(absent)}: not in {folder}.", advice)
    wrong = [file.path for file in entry.files if _sha256(folder / file.path) != file.sha256]
    if wrong:
        return Finding(entry.title, Verdict.MISSING, f"{', '.join(wrong)}: not the published content.", advice)
    return Finding(entry.title, Verdict.GOOD, f"{entry.bytes / 1e6:.0f} MB in {folder}, content as published.")


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(CHUNK):
            digest.update(piece)
    return digest.hexdigest()


def as_lines(findings: Sequence[Finding]) -> list[str]:
    """The findings for a terminal: a word, a sentence, and below it what to do."""
    lines: list[str] = []
    for finding in findings:
        lines.append(f"{finding.verdict.value:8}{finding.name}: {finding.sentence}")
        if finding.advice:
            lines.append(f"{'':8}{finding.advice}")
    missing = sum(finding.verdict is Verdict.MISSING for finding in findings)
    lines.append("Everything needed is here." if not missing else f"{missing} of {len(findings)} checks need you.")
    return lines


async def run(folder: DataFolder, emit: Callable[[str], None], *, as_json: bool = False) -> int:
    """Print every finding; the exit code is 1 when something is missing."""
    findings = await asyncio.to_thread(Doctor(folder).findings)
    if as_json:
        emit(json.dumps({"findings": [asdict(finding) for finding in findings]}, indent=2))
    else:
        emit("\n".join(as_lines(findings)))
    return 1 if any(finding.verdict is Verdict.MISSING for finding in findings) else 0
