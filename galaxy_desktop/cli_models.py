"""`galaxy-desktop models`: list, download, verify, import, use and remove, over the same desk as the Models page.

A download says first from which host and how much; typing the command is the person's word for it. What is printed on
stdout is the answer (JSON with `--json`), progress and remarks go to stderr. Ctrl+C pauses a download: the same
command goes on with it, and so does the window.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from galaxy_desktop.errors import WrongUseError
from galaxy_desktop.paths import DataFolder, data_folder
from galaxy_desktop.subcommands import Commands, Declare, add_group

if TYPE_CHECKING:
    from galaxy_desktop.domain.models import ModelFacts, ModelsOverview, Transfer
    from galaxy_desktop.services.models import ModelsDesk
    from galaxy_desktop.store.database import Store

Emit = Callable[[str], None]
NEWS_SHARE = 0.1
"""Where nobody watches, progress is told each tenth."""

TEXTS = {
    "list": "say which models there are, whether they fit this computer, and which are here",
    "download": "fetch a model, or go on with it",
    "verify": "read models again and compare them with their hashes",
    "import": "make a GGUF file a model of this program",
    "use": "let this model word the explanations",
    "remove": "delete a model from this computer",
}


def add_models_command(commands: Commands[argparse.ArgumentParser]) -> None:
    """`models` and what it can do."""
    add_group(commands, "models", "list, download, verify, import, use and remove language models", TEXTS, _OPTIONS)


def _download_options(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "name", metavar="NAME|ADDRESS", help="a model of the list, or the https address of a GGUF file"
    )
    command.add_argument("--sha256", metavar="HEX", default="", help="what the file of an address must be")
    command.add_argument(
        "--name", dest="called", metavar="NAME", default="", help="what to call the model of an address"
    )


def _verify_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("names", nargs="*", metavar="NAME", help="models to read (default: all that are here)")


def _import_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("file", metavar="FILE", help="a GGUF file")
    command.add_argument("--link", action="store_true", help="do not copy: let both names mean the same bytes")


def _use_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("name", metavar="NAME", help="a model that is here")
    command.add_argument("--anyway", action="store_true", help="also when it does not fit this computer")


def _remove_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("name", metavar="NAME", help="a model of the list")
    command.add_argument("--yes", action="store_true", help="also when it is in use")


_OPTIONS: dict[str, Declare] = {
    "download": _download_options,
    "verify": _verify_options,
    "import": _import_options,
    "use": _use_options,
    "remove": _remove_options,
}


def run(options: argparse.Namespace, emit: Emit, remark: Emit | None = None) -> int:
    """Carry out one of them; the exit code. `remark` hears of progress, stderr by default.

    Raises:
        GalaxyError: with the sentence to print.
    """
    from galaxy_desktop.services.logs import logging_to  # noqa: PLC0415 - the window needs none of it

    folder = data_folder(getattr(options, "data_dir", None))
    watcher = Watcher(remark or _to_stderr, live=remark is None and sys.stderr.isatty())
    with logging_to(folder.make()), _desk(folder, watcher.hear) as (desk, store):
        command = Command(desk, store, watcher, emit, as_json=options.json)
        actions: dict[str, Callable[[], int]] = {
            "list": command.show,
            "download": lambda: command.download(options.name, options.sha256, options.called),
            "verify": lambda: command.verify(tuple(options.names)),
            "import": lambda: command.take_in(Path(options.file).expanduser(), link=options.link),
            "use": lambda: command.use(options.name, anyway=options.anyway),
            "remove": lambda: command.remove(options.name, confirmed=options.yes),
        }
        return actions[options.what]()


class Watcher:
    """Hears of transfers: the last news counts, and progress is told on one line or in tenths."""

    def __init__(self, remark: Emit, *, live: bool = False) -> None:
        """With `live` a person watches a terminal: one line that changes."""
        self._remark = remark
        self._live = live
        self._told: tuple[str, int] = ("", -1)
        self.last: Transfer | None = None

    def hear(self, transfer: Transfer) -> None:
        """Take news; called on the thread of the transfer."""
        self.last = transfer
        line = progress_line(transfer)
        if self._live and line:
            sys.stderr.write(f"\r{line[:118]:<118}")
            sys.stderr.flush()
        elif line:
            tenth = int((transfer.share or 0.0) / NEWS_SHARE + 1e-9)
            stage, before = self._told
            if stage != transfer.stage or tenth > before or transfer.sentence:  # each stage begins at nothing again
                self._told = (transfer.stage, tenth)
                self._remark(line)

    def end(self) -> None:
        """Leave the line that changes."""
        if self._live:
            sys.stderr.write("\n")


class Command:
    """The commands of one run."""

    def __init__(self, desk: ModelsDesk, store: Store, watcher: Watcher, emit: Emit, *, as_json: bool) -> None:
        self._desk = desk
        self._store = store
        self._watcher = watcher
        self._emit = emit
        self._as_json = as_json

    def show(self) -> int:
        """`list`."""
        shown = self._desk.overview()
        self._emit(json.dumps(overview_fields(shown), indent=2) if self._as_json else "\n".join(overview_lines(shown)))
        return 0

    def download(self, named: str, sha256: str, called: str) -> int:
        """`download`: of the list, or from an address."""
        from galaxy_desktop.services.models import offer  # noqa: PLC0415 - brings the network's libraries

        if "://" in named:
            named = self._desk.add_address(named, sha256, called)
        elif sha256 or called:
            raise WrongUseError("--sha256 and --name are for an address. Leave them out for a model of the list.")
        facts = self._desk.facts(named)
        self._desk.download(named)
        if not self._as_json:
            _to_stderr(f"{facts.title}: {offer(facts)}")
        return self._follow(named)

    def verify(self, names: tuple[str, ...]) -> int:
        """`verify`: these, or all that are here."""
        from galaxy_desktop.domain.models import Presence  # noqa: PLC0415 - with the desk

        here = [one.name for one in self._desk.overview().models if one.presence is Presence.HERE]
        codes, told = [0], []
        for name in names or here:
            self._desk.verify(name)
            self._wait()
            last = self._last()
            codes.append(last.exit_code)
            told.append({"name": name, "ok": not last.exit_code, "sentence": last.sentence})
            if not self._as_json:
                self._emit(last.sentence)
        if self._as_json:
            self._emit(json.dumps({"models": told}, indent=2))
        elif not told:
            self._emit("No model is on this computer.")
        return max(codes)

    def take_in(self, source: Path, *, link: bool) -> int:
        """`import`."""
        self._desk.take_in(source, link=link)
        return self._follow(source.name)

    def use(self, name: str, *, anyway: bool) -> int:
        """`use`: the setting of the profile."""
        from galaxy_desktop.services import clock  # noqa: PLC0415 - with the desk
        from galaxy_desktop.services.models import DoesNotFitError  # noqa: PLC0415 - same

        try:
            facts = self._desk.check_use(name, anyway=anyway)
        except DoesNotFitError as error:
            raise DoesNotFitError(f"{error} To use it all the same, add --anyway.") from error
        self._store.set_setting("model", name, "user", clock.now()).result()
        fit = f" {facts.fit.sentence}" if facts.fit else ""
        self._say(f"{facts.title} words the explanations from now on.{fit}", name=name)
        return 0

    def remove(self, name: str, *, confirmed: bool) -> int:
        """`remove`."""
        from galaxy_desktop.services.models import InUseError  # noqa: PLC0415 - brings the network's libraries

        try:
            said = self._desk.remove(name, confirmed=confirmed)
        except InUseError as error:
            raise InUseError(f"{error} On the command line that is --yes.") from error
        self._say(said, name=name)
        return 0

    def _follow(self, name: str) -> int:
        """Wait for a transfer and say how it ended; Ctrl+C pauses a download."""
        try:
            self._wait()
        except KeyboardInterrupt:
            self._desk.pause(name)
            self._desk.transfers.wait()
            self._watcher.end()
            _to_stderr("Paused. The same command goes on with it.")
            raise
        last = self._last()
        if last.exit_code and not self._as_json:
            _to_stderr(last.sentence)
        else:
            self._say(last.sentence, name=name, state=str(last.state), bytes=last.done)
        return last.exit_code

    def _wait(self) -> None:
        self._desk.transfers.wait()
        self._watcher.end()

    def _last(self) -> Transfer:
        if self._watcher.last is None:
            raise RuntimeError("a transfer ended without news")
        return self._watcher.last

    def _say(self, sentence: str, **more: Any) -> None:
        self._emit(json.dumps({**more, "sentence": sentence}, indent=2) if self._as_json else sentence)


@contextmanager
def _desk(folder: DataFolder, hear: Callable[[Transfer], None]) -> Iterator[tuple[ModelsDesk, Store]]:
    """The desk of a profile, whose requests go into the ledger of that profile."""
    from galaxy_desktop.services import clock  # noqa: PLC0415 - the window needs none of it
    from galaxy_desktop.services.egress import egress_of  # noqa: PLC0415 - same
    from galaxy_desktop.services.models import ModelsDesk  # noqa: PLC0415 - same
    from galaxy_desktop.settings import Settings  # noqa: PLC0415 - same
    from galaxy_desktop.store.database import Store  # noqa: PLC0415 - same

    with Store.open(folder) as store:
        settings = Settings.from_text(store.settings())
        egress = egress_of(settings, store, clock.now)
        desk = ModelsDesk(lambda: settings, egress, hear, clock.now)
        try:
            yield desk, store
        finally:
            desk.close()
            egress.close()


def progress_line(transfer: Transfer) -> str:
    """How far a transfer is, on one line; "" where there is nothing to tell."""
    from galaxy_desktop.domain.models import TransferState, size  # noqa: PLC0415 - with the desk

    if transfer.state not in (TransferState.RUNNING, TransferState.WAITING) or transfer.exit_code:
        return ""
    if transfer.sentence:
        return transfer.sentence
    done = f"{size(transfer.done)} of {size(transfer.total)}" if transfer.total else size(transfer.done)
    share = f"{transfer.share:.0%}, " if transfer.share is not None else ""
    speed = f", {size(transfer.speed)}/s" if transfer.speed else ""
    left = f", {_span(transfer.seconds_left)} left" if transfer.seconds_left is not None else ""
    return f"{transfer.stage.capitalize()}: {share}{done}{speed}{left}"


def overview_lines(shown: ModelsOverview) -> list[str]:
    """The list for a terminal."""
    from galaxy_desktop.domain.models import size  # noqa: PLC0415 - with the desk

    rows = [(" ", "NAME", "SIZE", "FIT", "STATE")]
    rows += [
        ("*" if one.in_use else "", one.name, size(one.bytes) if one.bytes else "?", _fit(one), state_words(one))
        for one in shown.models
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, [*widths, 0], strict=True)).rstrip() for row in rows
    ]
    memory = shown.memory
    lines += [
        "",
        "* in use",
        f"Folder: {shown.folder} ({size(shown.disk_used)} used, {size(shown.disk_free)} free on the disk)",
        f"Memory: {size(memory.free)} of {size(memory.total)} free",
    ]
    notes = [f"{one.name}: {one.fit.sentence}" for one in shown.models if one.fit and str(one.fit.fit) != "fits"]
    ended = [f"{one.name}: {one.transfer.sentence}" for one in shown.models if one.transfer and one.transfer.sentence]
    return [*lines, *notes, *ended]


def overview_fields(shown: ModelsOverview) -> dict[str, Any]:
    """The list as JSON: the records as they are, with the memory that each model needs in all."""
    fields = asdict(shown)
    for given, one in zip(fields["models"], shown.models, strict=True):
        given["share_here"] = round(one.share_here, 4)
        if one.fit is not None:
            given["fit"]["need"]["total"] = one.fit.need.total
    return fields


def state_words(facts: ModelFacts) -> str:
    """Where a model stands: "on disk", "partly downloaded 43 %, paused", "not here"."""
    from galaxy_desktop.domain.models import Presence, size  # noqa: PLC0415 - with the desk

    said = str(facts.presence)
    if facts.presence is Presence.PART:
        said = f"{said} {facts.share_here:.0%}" if facts.bytes else f"{said}, {size(facts.bytes_here)}"
    transfer = facts.transfer
    if transfer is not None and facts.presence is not Presence.HERE:
        said = f"{said}, {transfer.state}"
    return said


def _fit(facts: ModelFacts) -> str:
    return str(facts.fit.fit) if facts.fit else "-" if facts.purpose != "prose" else "not known yet"


def _span(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _to_stderr(line: str) -> None:
    print(line, file=sys.stderr, flush=True)  # noqa: T201 - this is what the terminal is for
