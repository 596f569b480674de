"""A run of the agents written down whole, and played again without a model.

What a run depends on is the facts that its agents stated, the words of others that it might quote, what the templates
had said, the day, and what the model answered. All of that is in a `Recording`, as plain JSON that a person can read: the
prompts as they were sent with their names and versions, the answers as they came, the model by name and content, seed and
parameters. `RecordingEngine` listens to an engine, `ReplayEngine` stands in for one. Replaying runs the same graph over
the recorded facts and answers (see `graph.replay`); it ends in the same sentences unless the checks changed meanwhile.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from types import MappingProxyType
from typing import Any

from galaxy_desktop.domain.findings import Explanation, Sentence
from galaxy_desktop.domain.inference import Priority
from galaxy_desktop.domain.stopping import StopFlag
from galaxy_desktop.errors import CancelledByUserError, ModelError
from galaxy_desktop.reason.engine import Engine, Generation, OnStage, OnToken, Parameters, Prompt, Schema
from galaxy_desktop.reason.sheet import Sheet, empty

FORMAT = 1
NO_RECORDING = (
    "This is no recording of a run of this program. Export one with: galaxy-desktop replay RUN_ID --export FILE"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One question to a model and its answer.

    `version` names prompt files with their versions. `error` is the sentence of a call that failed, `stopped` is true
    where the answer is only what had been written when time was up. `passed_over` says who was asked before the one that
    answered and could not.
    """

    version: str
    system: str
    user: str
    max_tokens: int
    answer: str = ""
    complete: bool = True
    model: str = ""
    seed: int = 0
    parameters: Mapping[str, Any] = field(default_factory=dict)
    tokens_in: int = 0
    tokens_out: int = 0
    seconds: float = 0.0
    error: str = ""
    stopped: bool = False
    passed_over: tuple[str, ...] = ()

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Call:
        """The call in a row of JSON; raises `TypeError` for one with unknown fields."""
        return cls(**{**row, "passed_over": tuple(map(str, row.get("passed_over", ())))})

    @property
    def tasks(self) -> tuple[str, ...]:
        """The names of its prompt files."""
        return tuple(name for name, _ in prompts_of(self.version))


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What a run rests on besides the agents' facts.

    `telling` is the evidence that the model reads first, `told` what the templates said, `names` what the sprint is
    called, `people` the logins that no quotation may name, `outdated` earlier and later versions of quoted texts.
    """

    telling: tuple[str, ...] = ()
    mode: str = "facts"
    told: tuple[Sentence, ...] = ()
    names: tuple[str, ...] = ()
    today: date | None = None
    people: tuple[str, ...] = ()
    outdated: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A run: what it rested on, the facts of each agent, the calls of the model, and how it ended."""

    run_id: str
    engine: str
    scene: Scene
    parts: Mapping[str, Sheet]
    calls: tuple[Call, ...]
    result: Explanation
    reasons: tuple[str, ...] = ()

    @property
    def weights(self) -> str:
        """The content of the model by its hash, as the engine named it; "" when no call was answered."""
        return next((call.model for call in self.calls if call.model), "")

    @property
    def prompts(self) -> tuple[tuple[str, str], ...]:
        """Names and versions of all prompts that were sent."""
        return tuple(sorted({one for call in self.calls for one in prompts_of(call.version)}))

    @property
    def passed_over(self) -> tuple[str, ...]:
        """Who was asked and could not answer, in sentences."""
        return passed_over(self.calls)

    def part(self, node: str) -> Sheet:
        """The facts that an agent stated."""
        return self.parts.get(node) or empty()

    def to_json(self) -> str:
        """The recording as text; the order of facts is kept, because prompts are laid out in it."""
        rows = {
            "format": FORMAT,
            "run_id": self.run_id,
            "engine": self.engine,
            "scene": {
                "telling": self.scene.telling,
                "mode": self.scene.mode,
                "told": [_row(one) for one in self.scene.told],
                "names": self.scene.names,
                "today": self.scene.today.isoformat() if self.scene.today else None,
                "people": self.scene.people,
                "outdated": dict(self.scene.outdated),
            },
            "parts": dict(self.parts),
            "calls": [asdict(call) for call in self.calls],
            "result": {
                "mode": self.result.mode,
                "sentences": [_row(one) for one in self.result.sentences],
                "removed": self.result.removed,
            },
            "reasons": self.reasons,
        }
        return json.dumps(rows, ensure_ascii=False, indent=1)

    @classmethod
    def from_json(cls, text: str) -> Recording:
        """The recording that a text holds; raises `ModelError` when it is none, or of a later version."""
        try:
            rows = json.loads(text)
            if rows["format"] != FORMAT:
                raise ModelError("This recording was made by another version of the program and cannot be replayed.")
            return cls(
                run_id=str(rows["run_id"]),
                engine=str(rows["engine"]),
                scene=_scene(rows["scene"]),
                parts={str(node): _sheet(part) for node, part in rows["parts"].items()},
                calls=tuple(Call.of(call) for call in rows["calls"]),
                result=Explanation(
                    mode=str(rows["result"]["mode"]),
                    sentences=tuple(map(_sentence, rows["result"]["sentences"])),
                    removed=int(rows["result"]["removed"]),
                ),
                reasons=tuple(map(str, rows["reasons"])),
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ModelError(NO_RECORDING) from error


def prompts_of(version: str) -> tuple[tuple[str, str], ...]:
    """Names and versions out of "system 1, recommender 2"."""
    pairs = (one.strip().rpartition(" ") for one in version.split(",") if one.strip())
    return tuple((name or number, number if name else "") for name, _, number in pairs)


class RecordingEngine:
    """An engine that writes down what the one inside is asked and answers; also what had come when it was stopped."""

    def __init__(self, inside: Engine) -> None:
        """Listen to an engine; closing the recorder closes it."""
        self._inside = inside
        self._lock = threading.Lock()
        self._open: list[_Listening] = []

    @property
    def name(self) -> str:
        """The name of the engine inside."""
        return self._inside.name

    @property
    def calls(self) -> tuple[Call, ...]:
        """All calls so far, in the order in which they were begun."""
        with self._lock:
            return tuple(one.call() for one in self._open)

    def generate(
        self,
        prompt: Prompt,
        *,
        schema: Schema | None,
        max_tokens: int,
        stop: StopFlag,
        on_token: OnToken | None = None,
        on_stage: OnStage | None = None,
        priority: Priority = Priority.BACKGROUND,
    ) -> Generation:
        """Ask the engine inside, and write down what came of it."""
        listening = _Listening(prompt, max_tokens)
        with self._lock:
            self._open.append(listening)

        def hear(token: str) -> None:
            listening.heard.append(token)
            if on_token is not None:
                on_token(token)

        known = said_of(self._inside)
        try:
            listening.written = self._inside.generate(
                prompt,
                schema=schema,
                max_tokens=max_tokens,
                stop=stop,
                on_token=hear,
                on_stage=on_stage,
                priority=priority,
            )
        except CancelledByUserError:
            listening.stopped = True
            raise
        except ModelError as error:
            listening.error = str(error)
            raise
        finally:
            listening.passed_over = said_of(self._inside)[len(known) :]
        return listening.written

    def count_tokens(self, text: str) -> int:
        """How many tokens the text costs the engine inside."""
        return self._inside.count_tokens(text)

    def close(self) -> None:
        """Close the engine inside."""
        self._inside.close()


def passed_over(calls: Iterable[Call]) -> tuple[str, ...]:
    """Who was asked in some calls and could not answer, each sentence once."""
    return tuple(dict.fromkeys(sentence for call in calls for sentence in (*call.passed_over, call.error) if sentence))


def said_of(engine: object) -> tuple[str, ...]:
    """The sentences about engines that could not answer, where several are asked in order (see `fallback`)."""
    said = getattr(engine, "said", ())
    return tuple(map(str, said))


class _Listening:
    """A call that may still be going on."""

    def __init__(self, prompt: Prompt, max_tokens: int) -> None:
        self.prompt = prompt
        self.max_tokens = max_tokens
        self.heard: list[str] = []
        self.written: Generation | None = None
        self.error = ""
        self.stopped = False
        self.passed_over: tuple[str, ...] = ()

    def call(self) -> Call:
        """What is known of it now; an answer that has not ended counts as stopped."""
        call = Call(
            version=self.prompt.version,
            system=self.prompt.system,
            user=self.prompt.user,
            max_tokens=self.max_tokens,
            passed_over=self.passed_over,
        )
        written = self.written
        if written is None:
            stopped = self.stopped or not self.error
            return replace(call, answer="".join(self.heard), complete=False, error=self.error, stopped=stopped)
        return replace(
            call,
            answer=written.text,
            complete=written.complete,
            model=written.model,
            seed=written.seed,
            parameters=dict(written.parameters),
            tokens_in=written.tokens_in,
            tokens_out=written.tokens_out,
            seconds=round(written.seconds, 3),
        )


class ReplayEngine:
    """An engine that answers from a recording: the same prompt gets the same answer, or the same failure.

    A prompt that reads differently than it did is answered by what its task was answered then; `changed` names it.
    """

    def __init__(self, calls: Iterable[Call], name: str = "recording") -> None:
        """Answer from these calls; each is given once."""
        self._name = name
        self._left = list(calls)
        self._lock = threading.Lock()
        self.changed: list[str] = []

    @property
    def name(self) -> str:
        """The name of the engine that was recorded."""
        return self._name

    def generate(
        self,
        prompt: Prompt,
        *,
        schema: Schema | None,
        max_tokens: int,
        stop: StopFlag,
        on_token: OnToken | None = None,
        on_stage: OnStage | None = None,
        priority: Priority = Priority.BACKGROUND,
    ) -> Generation:
        """The recorded answer; raises `ModelError` as then, or when nothing like it was asked.

        Schema, limit and urgency do not matter: the answer is as it was.
        """
        del schema, max_tokens, on_stage, priority
        if stop.is_set():
            raise CancelledByUserError
        call = self._take(prompt)
        if call.error:
            raise ModelError(call.error)
        if on_token is not None:
            on_token(call.answer)
        known: Parameters = MappingProxyType(dict(call.parameters))
        return Generation(
            call.answer,
            call.tokens_in,
            call.tokens_out,
            call.seconds,
            complete=call.complete,
            seed=call.seed,
            parameters=known,
            model=call.model,
        )

    def count_tokens(self, text: str) -> int:
        """About as many tokens as English text costs; nothing depends on it in a replay."""
        return len(text) // 4 + 1

    def close(self) -> None:
        """Nothing runs."""

    def _take(self, prompt: Prompt) -> Call:
        with self._lock:
            same = [c for c in self._left if (c.system, c.user) == (prompt.system, prompt.user)]
            tasks = tuple(name for name, _ in prompts_of(prompt.version))
            found = same or [c for c in self._left if c.tasks == tasks]
            if not found:
                raise ModelError("The recording holds no answer to this question.")
            if not same:
                self.changed.append(prompt.version)
            self._left.remove(found[0])
            return found[0]


def _row(one: Sentence) -> dict[str, Any]:
    return {"text": one.text, "evidence": list(one.evidence)}


def _sentence(row: Mapping[str, Any]) -> Sentence:
    return Sentence(str(row["text"]), tuple(map(str, row["evidence"])))


def _scene(rows: Mapping[str, Any]) -> Scene:
    return Scene(
        telling=_texts(rows["telling"]),
        mode=str(rows["mode"]),
        told=tuple(map(_sentence, rows["told"])),
        names=_texts(rows["names"]),
        today=date.fromisoformat(rows["today"]) if rows["today"] else None,
        people=_texts(rows["people"]),
        outdated={str(i): _texts(texts) for i, texts in rows["outdated"].items()},
    )


def _sheet(rows: Mapping[str, Any]) -> Sheet:
    return {
        "context": {str(i): list(_texts(said)) for i, said in rows["context"].items()},
        "table": list(_texts(rows["table"])),
        "quotes": {str(i): str(text) for i, text in rows["quotes"].items()},
        "urls": list(_texts(rows["urls"])),
    }


def _texts(rows: Sequence[Any]) -> tuple[str, ...]:
    return tuple(map(str, rows))
