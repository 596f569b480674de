"""The words of the Models page: badge, state, progress and what a person agrees to. Wording only."""

from __future__ import annotations

from galaxy_desktop.domain.models import (
    EngineState,
    Fit,
    ModelFacts,
    ModelsOverview,
    Presence,
    Standing,
    Transfer,
    TransferKind,
    TransferState,
    size,
)
from galaxy_desktop.ui import words
from galaxy_desktop.ui.theme import Tone
from galaxy_desktop.ui.view import ModelChoice

FIT = {
    Fit.FITS: ("Fits", Tone.GOOD),
    Fit.SLOW: ("Slow", Tone.WATCH),
    Fit.TOO_LARGE: ("Does not fit", Tone.BAD),
}
PURPOSE = {"prose": "Writes", "embeddings": "Finds texts"}
BUSY = {TransferKind.DOWNLOAD: "Downloading", TransferKind.IMPORT: "Importing", TransferKind.VERIFY: "Verifying"}
OFFLINE = "The network is switched off: downloads wait until it is on again. Files can be imported."
SETUP = "It comes with the program. To bring it back, type: python3 installer setup"
PROSE = "prose"
WHAT_NOW = "Until it loads, explanations are facts only. Try again, verify the file, or use another model of this list."
STAYS_STOPPED = "It stays so until you load it, and explanations are facts only meanwhile."


def fit(facts: ModelFacts) -> tuple[str, Tone]:
    """The badge: a word, and the tone that goes with it."""
    if facts.purpose != PROSE:
        return "Fits", Tone.GOOD
    return FIT[facts.fit.fit] if facts.fit is not None else ("Not known yet", Tone.QUIET)


def fit_tip(facts: ModelFacts) -> str:
    """The arithmetic behind the badge, a line each."""
    if facts.fit is None:
        return "" if facts.purpose != PROSE else "Its size is not known before it is here."
    return "\n".join((facts.fit.sentence, *facts.fit.arithmetic))


def state(facts: ModelFacts) -> tuple[str, Tone]:
    """Where a model stands, and the tone: "Downloading 43 %, 5 min left", "On disk, in use"."""
    transfer = facts.transfer
    if transfer is not None and transfer.active:
        return _active(transfer), Tone.ACCENT if transfer.state is TransferState.RUNNING else Tone.WATCH
    if facts.presence is Presence.HERE:
        return _in_use(facts.standing) if facts.in_use else ("On disk", Tone.GOOD)
    if facts.presence is Presence.DAMAGED:
        return "Damaged", Tone.BAD
    stopped = transfer is not None and transfer.state is TransferState.FAILED
    if facts.presence is Presence.PART:
        share = f" {words.percent(facts.share_here)}" if facts.bytes else f", {size(facts.bytes_here)}"
        why = ", stopped" if stopped else ", paused" if transfer is not None else ""
        return f"Partly downloaded{share}{why}", Tone.BAD if stopped else Tone.WATCH
    if stopped:
        return "Not here, stopped", Tone.BAD
    return ("Not here, but in use", Tone.BAD) if facts.in_use else ("Not here", Tone.QUIET)


def _in_use(standing: Standing | None) -> tuple[str, Tone]:
    """How the model in use stands in the engine."""
    if standing is None or standing.state in (EngineState.READY, EngineState.FREED):
        return "On disk, in use", Tone.GOOD
    if standing.state is EngineState.FAILED:
        return "In use, cannot be loaded", Tone.BAD
    if standing.state is EngineState.STOPPED:
        return "In use, loading stopped", Tone.WATCH
    share = f" {words.percent(standing.share)}" if standing.share is not None else ""
    return f"In use, loading{share}", Tone.ACCENT


def loading(standing: Standing) -> str:
    """How far the loading of a model is."""
    share = f", {words.percent(standing.share)}" if standing.share is not None else ""
    return f"Loading it into memory{share}"


def standing(facts: ModelFacts) -> tuple[str, Tone | None]:
    """How the model in use stands, in a sentence or two for its card; "" where there is nothing to say."""
    told = facts.standing
    if told is None or not facts.in_use or facts.presence is not Presence.HERE or told.state is EngineState.LOADING:
        return "", None
    if told.state is EngineState.FAILED:
        return f"{told.sentence} {WHAT_NOW}", Tone.BAD
    if told.state is EngineState.STOPPED:
        return f"Its loading was stopped. {STAYS_STOPPED}", Tone.WATCH
    if told.state is EngineState.READY:
        return f"Loaded, on {told.place}. {told.sentence}".strip(), None
    return "Not in memory just now: the next text loads it.", None


def _active(transfer: Transfer) -> str:
    if transfer.state is TransferState.QUEUED:
        return "Waits for its turn"
    if transfer.state is TransferState.WAITING:
        return "Waits"
    share = f" {words.percent(transfer.share)}" if transfer.share is not None else ""
    left = f", {span(transfer.seconds_left)} left" if transfer.seconds_left is not None else ""
    checking = transfer.kind is TransferKind.DOWNLOAD and transfer.stage.startswith("checking")
    return f"{'Checking' if checking else BUSY[transfer.kind]}{share}{left}"


def progress(transfer: Transfer) -> str:
    """How far a transfer is, in full: "2.11 GB of 4.92 GB from huggingface.co, 12 MB/s, 4 min left"."""
    if transfer.sentence and transfer.state is not TransferState.RUNNING:
        return transfer.sentence
    if transfer.state is TransferState.QUEUED:
        return "It begins as soon as what is before it is done."
    done = f"{size(transfer.done)} of {size(transfer.total)}" if transfer.total else size(transfer.done)
    if transfer.state is TransferState.PAUSED:
        return f"Paused at {done}. It stays so until you resume it."
    said = [f"{done} from {transfer.host}" if transfer.host else done]
    if transfer.speed:
        said.append(f"{size(transfer.speed)}/s")
    if transfer.seconds_left is not None:
        said.append(f"{span(transfer.seconds_left)} left")
    stage = transfer.stage or BUSY[transfer.kind].lower()
    return f"{stage[:1].upper()}{stage[1:]}: {', '.join(said)}"


def span(seconds: float) -> str:
    """A time that is left: "40 s", "5 min", "1.5 h"."""
    if seconds < 90:
        return f"{max(1, round(seconds))}{words.SPACE}s"
    return f"{seconds / 60:.0f}{words.SPACE}min" if seconds < 5400 else f"{seconds / 3600:.1f}{words.SPACE}h"


def origin(facts: ModelFacts) -> str:
    """Where a model comes from and under which license: a line for its card."""
    said = [facts.license_title or "License unknown"]
    if facts.source:
        said.append(f"from {words.breakable(facts.source)}")
    if facts.added_at:
        said.append(f"added {facts.added_at}")
    return "  ·  ".join(said)


def amount(facts: ModelFacts) -> str:
    """Its size on disk, "–" while nobody knows it."""
    return size(facts.bytes) if facts.bytes else "–"


def agreement(facts: ModelFacts, overview: ModelsOverview | None) -> tuple[str, ...]:
    """What a person agrees to with a download, a line each: how much, from where, where to, under which license."""
    left = max(0, facts.bytes - facts.bytes_here)
    much = size(left) if facts.bytes else "The size is told by the server"
    lines = [
        f"From: {facts.host}, and the store it sends on to",
        f"Size: {much}",
        f"License: {_license(facts)}" + (f" ({facts.license_url})" if facts.license_url else ""),
    ]
    if overview is not None:
        lines.append(f"Into: {overview.folder}, with {size(overview.disk_free)} free on that disk")
    return tuple(lines)


def _license(facts: ModelFacts) -> str:
    return facts.license_title.removeprefix("License ") or "unknown"


CONSENT = (
    "Nothing of yours is sent but your address on the network, as with any download. The file is compared with its "
    "published SHA-256 before it is used."
)
CONSENT_UNKNOWN = (
    "Nothing of yours is sent but your address on the network, as with any download. Nobody published a SHA-256 of this "
    "file, so it is only known to be whole, not to be what its name says."
)


def consent(facts: ModelFacts) -> str:
    """What leaves the computer with a download, and what is known of the file."""
    return CONSENT if facts.sha256 else CONSENT_UNKNOWN


def disk(overview: ModelsOverview) -> str:
    """What the models take of the disk and what is left: "190 MB used by models, 71.2 GB free"."""
    return f"{size(overview.disk_used)} used by models, {size(overview.disk_free)} free"


def memory(overview: ModelsOverview) -> str:
    """The memory of the machine: "14.2 GB of 16.4 GB free"."""
    return f"{size(overview.memory.free)} of {size(overview.memory.total)} free"


def process(overview: ModelsOverview) -> str:
    """The memory of this program: "620 MB used by Galaxy Desktop"."""
    return f"{size(overview.memory.resident)} used by Galaxy Desktop"


def choice(facts: ModelFacts) -> ModelChoice:
    """The model as Settings and the welcome steps offer it."""
    needs = f", {size(facts.fit.need.total)} of memory: {facts.fit.fit} here" if facts.fit is not None else ""
    return ModelChoice(
        name=facts.name,
        title=facts.title if facts.fit is None or facts.fit.fit is Fit.FITS else f"{facts.title} ({facts.fit.fit})",
        note=facts.note,
        size=f"{amount(facts)} on disk{needs}",
        present=facts.presence is Presence.HERE,
    )
