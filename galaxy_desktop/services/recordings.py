"""Recorded runs of the language model: kept in the store, exported to a file, read back, and played again.

A recording holds prompts and answers, and with them words out of issues; it stays on this computer, only the newest are
kept, and forgetting a repository takes those that speak of it (see `store.model_runs`).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from galaxy_desktop.domain.recorded import PassedOver, RecordedRun, RunBrief
from galaxy_desktop.errors import WrongUseError
from galaxy_desktop.store.database import Store

if TYPE_CHECKING:
    from galaxy_desktop.reason.graph import Replayed
    from galaxy_desktop.reason.recording import Recording
    from galaxy_desktop.reason.reply_recording import RecordedReply

Emit = Callable[[str], None]
SAME, OTHER = 0, 1
RUNS_LOOKED_AT = 20
"""So many of the newest runs are looked through for who could not answer."""
NONE_YET = "No run of the language model is recorded yet. Runs are recorded when the model words a sprint."


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What `galaxy-desktop replay` is asked: a run by its id or out of a file, and where to export it instead."""

    run_id: str = ""
    file: Path | None = None
    export: Path | None = None
    as_json: bool = False


def rememberer(store: Store, sprint_id: str, now: Callable[[], datetime]) -> Callable[[Recording], None]:
    """What keeps the recording of a sprint's run; returns at once, the write follows."""

    def remember(recording: Recording) -> None:
        store.keep_run(
            RecordedRun(
                run_id=recording.run_id,
                sprint_id=sprint_id,
                at=now(),
                model=recording.engine,
                weights=recording.weights,
                prompts=recording.prompts,
                body=recording.to_json(),
            )
        )

    return remember


def keep_reply(store: Store, recorded: RecordedReply) -> None:
    """Keep the recording of an answer or of a look for patterns; returns at once, the write follows."""
    if recorded.calls:
        store.keep_run(
            RecordedRun(
                run_id=recorded.run_id,
                sprint_id=recorded.subject if recorded.kind == "patterns" else "",
                at=recorded.at,
                model=recorded.engine,
                weights=recorded.weights,
                prompts=recorded.prompts,
                body=recorded.to_json(),
            )
        )


def passed_over(store: Store, most: int = 5) -> tuple[PassedOver, ...]:
    """The last runs in which somebody could not answer, the newest first; blocking.

    They come from the recordings, so they are as few as those, and forgotten with them.
    """
    found: list[PassedOver] = []
    for brief in store.recorded_runs()[:RUNS_LOOKED_AT]:
        run = store.recorded_run(brief.run_id)
        sentences = passed_over_in(run.body) if run is not None else ()
        if sentences:
            found.append(PassedOver(run_id=brief.run_id, at=brief.at, model=brief.model, sentences=sentences))
        if len(found) == most:
            break
    return tuple(found)


def passed_over_in(body: str) -> tuple[str, ...]:
    """Who could not answer in a recording; nothing where it cannot be read."""
    try:
        calls = json.loads(body)["calls"]
        rows = [(*row.get("passed_over", ()), row.get("error", "")) for row in calls]
    except (ValueError, KeyError, TypeError, AttributeError):
        return ()
    return tuple(dict.fromkeys(str(sentence) for row in rows for sentence in row if sentence))


async def run(store: Store | None, wish: Wish, emit: Emit) -> int:
    """Carry a wish out: list, export or replay; 1 when a replay ended in other sentences.

    Raises:
        WrongUseError: there is no such run.
        ModelError: the file or the row holds no recording.
    """
    from galaxy_desktop.reason import graph  # noqa: PLC0415 - LangGraph takes two seconds
    from galaxy_desktop.reason.recording import Recording  # noqa: PLC0415 - with the graph
    from galaxy_desktop.reason.reply_recording import RecordedReply, is_reply  # noqa: PLC0415 - same

    if not wish.run_id and wish.file is None:
        _emit_list(store.recorded_runs() if store is not None else (), wish, emit)
        return SAME
    text = _text_of(store, wish)
    recording = RecordedReply.from_json(text) if is_reply(text) else Recording.from_json(text)
    if wish.export is not None:
        wish.export.write_text(text + "\n", encoding="utf-8")
        emit(f"The recording is in {wish.export}. It holds words out of your issues: mind whom you give it to.")
        return SAME
    if isinstance(recording, RecordedReply):
        return _replay_reply(recording, wish, emit)
    again = await graph.replay(recording)
    if wish.as_json:
        emit(json.dumps(as_rows(recording, again), ensure_ascii=False, indent=1))
    else:
        emit("\n".join([*_who(recording.passed_over), _in_words(again)]))
    return SAME if again.same else OTHER


def _replay_reply(recorded: RecordedReply, wish: Wish, emit: Emit) -> int:
    """Check a recorded answer again, and say what comes of it."""
    from galaxy_desktop.reason.reply_recording import replay  # noqa: PLC0415 - with the checks

    again = replay(recorded)
    if wish.as_json:
        rows = {
            "run_id": recorded.run_id,
            "model": recorded.engine,
            "weights": recorded.weights,
            "prompts": dict(recorded.prompts),
            "calls": len(recorded.calls),
            "same": again.same,
            "sentences": list(again.kept),
            "removed": [{"text": text, "reason": why} for text, why in again.removed],
            "changed_prompts": list(again.changed),
            "passed_over": list(recorded.passed_over),
        }
        emit(json.dumps(rows, ensure_ascii=False, indent=1))
    else:
        lines = [
            recorded.subject,
            "",
            *_who(recorded.passed_over),
            *again.kept,
            *(f"- removed: {text} ({why})" for text, why in again.removed),
        ]
        lines += [f"These prompts read differently today: {'; '.join(again.changed)}."] if again.changed else []
        verdict = "the same sentences" if again.same else "other sentences"
        emit("\n".join([*lines, "", f"The checks let {verdict} through {'as' if again.same else 'than'} then."]))
    return SAME if again.same else OTHER


def _text_of(store: Store | None, wish: Wish) -> str:
    """The recording that is meant, as text."""
    if wish.file is not None:
        try:
            return wish.file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise WrongUseError(f"{wish.file} cannot be read as a recording: {error}") from error
    found = store.recorded_run(wish.run_id) if store is not None else None
    if found is None:
        raise WrongUseError(f"No run {wish.run_id!r} is recorded. See which there are: galaxy-desktop replay")
    return found.body


def as_rows(recording: Recording, again: Replayed) -> dict[str, Any]:
    """What came of a replay, for programs."""
    return {
        "run_id": again.run_id,
        "model": recording.engine,
        "weights": recording.weights,
        "prompts": dict(recording.prompts),
        "calls": len(recording.calls),
        "same": again.same,
        "sentences": [{"text": one.text, "evidence": list(one.evidence)} for one in again.explanation.sentences],
        "removed": [{"text": one.text, "reason": one.reason} for one in again.explanation.unsupported],
        "gone": list(again.gone),
        "new": list(again.new),
        "changed_prompts": list(again.changed),
        "passed_over": list(recording.passed_over),
    }


def _who(sentences: tuple[str, ...]) -> list[str]:
    """Who could not answer then."""
    return [f"Then: {one}" for one in sentences]


def _in_words(again: Replayed) -> str:
    lines = [one.text for one in again.explanation.sentences]
    removed = again.explanation.unsupported
    if removed:
        lines += ["", "Removed:", *(f"- {one.text} ({one.reason})" for one in removed)]
    if again.changed:
        lines += ["", f"These prompts read differently today: {'; '.join(again.changed)}."]
    lines += ["", _verdict(again)]
    return "\n".join(lines)


def _verdict(again: Replayed) -> str:
    if again.same:
        return "The checks let the same sentences through as then."
    told = [
        f"{len(again.gone)} of then are gone" if again.gone else "",
        f"{len(again.new)} are new" if again.new else "",
    ]
    return f"The checks let other sentences through than then: {', '.join(one for one in told if one) or 'in another order'}."


def _emit_list(briefs: tuple[RunBrief, ...], wish: Wish, emit: Emit) -> None:
    if wish.as_json:
        rows = [
            {
                "run_id": one.run_id,
                "at": one.at.isoformat(),
                "model": one.model,
                "weights": one.weights,
                "prompts": dict(one.prompts),
                "characters": one.size,
            }
            for one in briefs
        ]
        emit(json.dumps({"runs": rows}, indent=1))
        return
    for one in briefs:
        emit(f"{one.at:%Y-%m-%d %H:%M} UTC  {one.model or 'no model'}  {one.run_id}")
    if not briefs:
        emit(NONE_YET)
