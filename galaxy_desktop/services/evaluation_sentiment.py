"""`galaxy-desktop evaluate sentiment`: how well the sentiment model reads messages that people labelled elsewhere.

With a test file the model learns from the one and is scored on the other. Without it, projects are dealt into folds and
every project is read by a model that never saw a word of it. The same files give the same numbers, and the same file of
parameters byte for byte.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from galaxy_desktop.errors import ModelError, WrongUseError
from galaxy_desktop.features.sentiment_fit import Choices, Message, fit
from galaxy_desktop.features.sentiment_model import LABELS, SentimentModel, as_document, mean_vectors
from galaxy_desktop.features.sentiment_words import polarity
from galaxy_desktop.paths import models_folder
from galaxy_desktop.retrieve.embed import Embedder, MiniLM
from galaxy_desktop.services.evaluation_rows import shown
from galaxy_desktop.services.written_files import check_targets, write_whole

Emit = Callable[[str], None]
FIELDS = ("project", "text", "polarity")
FOLDS = 6
LONGEST_LINE = 1_000_000
MOST_LINES = 200_000
"""Over a hundred times what was ever published; each message takes a vector of 384 numbers and some milliseconds."""
LOADED = 0.3
"""From this polarity on the word list alone counts as positive or, below zero, as negative: a plain rule to compare with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SentimentRequest:
    """What was asked: files of labelled messages, and what to write."""

    train: Path
    test: Path | None = None
    save: Path | None = None
    as_json: bool = False


@dataclass(frozen=True, slots=True)
class Score:
    """How well labels were told; `negative_f1` is `None` where no message is or is told to be negative."""

    messages: int
    macro_f1: float
    negative_f1: float | None
    accuracy: float

    def as_json(self) -> dict[str, float | int | None]:
        """Plain numbers with four digits."""
        negative = None if self.negative_f1 is None else round(self.negative_f1, 4)
        return {
            "messages": self.messages,
            "macro_f1": round(self.macro_f1, 4),
            "negative_f1": negative,
            "accuracy": round(self.accuracy, 4),
        }


def evaluate_sentiment(request: SentimentRequest, emit: Emit, embedder: Embedder | None = None) -> int:
    """Fit, score, print, save where asked, and return the exit code.

    Raises:
        WrongUseError: a file is missing or damaged, cannot be written or would be overwritten, or no embedding model is
            installed, with what to do.
    """
    check_targets((request.save,), (request.train, request.test))
    train = read_messages(request.train)
    test = read_messages(request.test) if request.test else None
    train, test = _embedded(train, test, embedder)
    _check_labels(train, request.train)
    told = _by_folds(train, request.train) if test is None else _told(fit(train), test)
    judged = train if test is None else test
    if request.save:
        _save(request.save, fit(train), train, request.train)
    emit(_as_json(judged, told) if request.as_json else _table(request, train, judged, told))
    return 0


def read_messages(path: Path) -> list[Message]:
    """The messages of a file of JSON lines with `project`, `text` and `polarity`, not yet embedded.

    Raises:
        WrongUseError: with what is wrong, naming file and line.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="\n") as file:
            found = list(_messages(file, path))
    except FileNotFoundError:
        raise WrongUseError(f"There is no file {path}. Check the path.") from None
    except UnicodeDecodeError:
        raise WrongUseError(f"{path} is not text in UTF-8. It needs one JSON object a line.") from None
    except OSError as error:
        raise WrongUseError(f"{path} cannot be read: {error.strerror}.") from None
    if not found:
        raise WrongUseError(f"{path} is empty. It needs one JSON object a line, with {', '.join(FIELDS)}.")
    return found


def _messages(file: TextIO, path: Path) -> Iterator[Message]:
    number = 0
    while line := file.readline(LONGEST_LINE + 1):
        number += 1
        if len(line) > LONGEST_LINE:
            raise WrongUseError(f"{path}, line {number} has more than {LONGEST_LINE:,} characters.")
        if number > MOST_LINES:
            raise WrongUseError(f"{path} has more than {MOST_LINES:,} lines. Take fewer messages.")
        if line.strip():
            yield _message(line, f"{path}, line {number}")


def score(actual: Sequence[str], told: Sequence[str]) -> Score:
    """Macro F1 over the labels that occur or are told, F1 of "negative", and accuracy."""
    each: dict[str, float] = {}
    for label in LABELS:
        hit = sum(a == t == label for a, t in zip(actual, told, strict=True))
        named = sum(a == label for a in actual) + sum(t == label for t in told)
        if named:
            each[label] = 2 * hit / named
    right = sum(a == t for a, t in zip(actual, told, strict=True))
    return Score(len(actual), sum(each.values()) / len(each), each.get("negative"), right / len(actual))


def folds(projects: Mapping[str, int], count: int = FOLDS) -> list[set[str]]:
    """Projects dealt into folds of about the same number of messages, the largest first; each project in one."""
    dealt: list[set[str]] = [set() for _ in range(min(count, len(projects)))]
    for project in sorted(projects, key=lambda name: (-projects[name], name)):
        min(dealt, key=lambda fold: sum(projects[name] for name in fold)).add(project)
    return dealt


def _message(line: str, where: str) -> Message:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        place = f", column {error.colno}," if isinstance(error, json.JSONDecodeError) else ""
        raise WrongUseError(
            f"{where}{place} is not JSON. Each line needs one object with {', '.join(FIELDS)}."
        ) from None
    if not isinstance(row, dict):
        raise WrongUseError(f"{where} is not a JSON object. It needs {', '.join(FIELDS)}.")
    for name in FIELDS:
        if not isinstance(row.get(name), str):
            raise WrongUseError(f"{where} has no text in “{name}”. Each line needs {', '.join(FIELDS)}.")
    if not row["project"].strip():
        raise WrongUseError(f"{where}: “project” must not be blank.")
    label = row["polarity"].strip().casefold()
    if label not in LABELS:
        raise WrongUseError(f"{where}: polarity is “{shown(label)}”, which is none of {', '.join(LABELS)}.")
    return Message(_whole(row["project"]), _whole(row["text"]), label, ())


def _whole(text: str) -> str:
    """The text without halves of characters, which JSON can hold and nothing can print."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _embedded(
    train: list[Message], test: list[Message] | None, embedder: Embedder | None
) -> tuple[list[Message], list[Message] | None]:
    """Both files with the mean vectors of their messages; the embedding model is freed afterwards."""
    model = embedder or MiniLM(models_folder())
    try:
        return _with_vectors(train, model), None if test is None else _with_vectors(test, model)
    except ModelError as error:
        raise WrongUseError(
            f"The sentiment model reads messages with the search model {model.name}, which cannot be used here. Run the "
            f"set-up again, or name the folder that holds it in GALAXY_MODELS_DIR (now {models_folder()})."
        ) from error
    finally:
        model.close()


def _with_vectors(messages: list[Message], model: Embedder) -> list[Message]:
    vectors = mean_vectors([message.text for message in messages], model.encode)
    return [replace(message, vector=vector) for message, vector in zip(messages, vectors, strict=True)]


def _check_labels(messages: Sequence[Message], path: Path) -> None:
    missing = [label for label in LABELS if all(message.label != label for message in messages)]
    if missing:
        raise WrongUseError(f"{path} has no {' or '.join(missing)} message. To learn, each polarity must occur.")


def _told(model: SentimentModel, messages: Sequence[Message]) -> list[str]:
    return [LABELS[int(np.argmax(model.probabilities(m.text, m.vector)))] for m in messages]


def _by_folds(messages: list[Message], path: Path) -> list[str]:
    """What is told of every message by a model that did not see its project."""
    sizes: dict[str, int] = {}
    for message in messages:
        sizes[message.project] = sizes.get(message.project, 0) + 1
    if len(sizes) < 2:
        raise WrongUseError(f"{path} holds one project only. Name another file with --test, or add projects.")
    told: dict[int, str] = {}
    for fold in folds(sizes):
        rest = [m for m in messages if m.project not in fold]
        _check_labels(rest, path)
        asked = [n for n, m in enumerate(messages) if m.project in fold]
        told.update(zip(asked, _told(fit(rest), [messages[n] for n in asked]), strict=True))
    return [told[n] for n in range(len(messages))]


def _per_project(messages: Sequence[Message], told: Sequence[str]) -> dict[str, Score]:
    names = sorted({message.project for message in messages}, key=lambda name: (name.casefold(), name))
    picked = {name: [n for n, message in enumerate(messages) if message.project == name] for name in names}
    return {name: score([messages[n].label for n in ns], [told[n] for n in ns]) for name, ns in picked.items()}


def _as_json(messages: Sequence[Message], told: Sequence[str]) -> str:
    total = score([m.label for m in messages], told)
    projects = {name: one.as_json() for name, one in _per_project(messages, told).items()}
    return json.dumps({**total.as_json(), "per_project": projects}, ensure_ascii=False)


def _table(request: SentimentRequest, train: Sequence[Message], messages: Sequence[Message], told: list[str]) -> str:
    """The scores for a reader, next to the word list alone and to calling everything neutral."""
    actual = [message.label for message in messages]
    rows = [("all, the model", score(actual, told)), ("all, word list alone", score(actual, _by_words(messages)))]
    rows.append(("all, called neutral", score(actual, ["neutral"] * len(actual))))
    rows += list(_per_project(messages, told).items())
    width = max(len(name) for name, _ in rows)
    lines = [f"{'':{width}}  messages  macro F1  negative F1  accuracy"]
    for name, one in rows:
        negative = "n/a" if one.negative_f1 is None else f"{one.negative_f1:.3f}"
        lines.append(f"{name:{width}}  {one.messages:8}  {one.macro_f1:8.3f}  {negative:>11}  {one.accuracy:8.3f}")
    return "\n".join((_how(request, train, messages), "", *lines))


def _how(request: SentimentRequest, train: Sequence[Message], messages: Sequence[Message]) -> str:
    projects = {message.project for message in train}
    learned = f"{len(train)} messages of {len(projects)} projects"
    if request.test is None:
        return f"{learned}; every project was read by a model that did not learn from it."
    shared = projects & {message.project for message in messages}
    known = f" {len(shared)} projects are in both files, so the score says less about new ones." if shared else ""
    return f"Learned from {learned}, scored on {len(messages)} messages.{known}"


def _by_words(messages: Sequence[Message]) -> list[str]:
    values = [polarity(message.text).value for message in messages]
    return ["positive" if v > LOADED else "negative" if v < -LOADED else "neutral" for v in values]


def _save(path: Path, model: SentimentModel, messages: Sequence[Message], source: Path) -> None:
    """Write the parameters as JSON, one named entry a line."""
    about = {
        "what": "How a message on GitHub sounds: negative, neutral or positive; see docs/sentiment-model.md",
        "formula": "score(side) = intercept + signs . (value - mean) / spread + meaning . vector + words . tfidf; "
        "score(neutral) = 0; softmax",
        "entries": "signs: mean, spread, negative, positive; words: idf, negative, positive; meaning: one weight a "
        "dimension of the mean all-MiniLM-L6-v2 vector of the sentences",
        "data": {
            "sha256": hashlib.sha256(source.read_bytes()).hexdigest(),
            "projects": len({message.project for message in messages}),
            "messages": {label: sum(message.label == label for message in messages) for label in LABELS},
        },
        "choices": {name: getattr(Choices(), name) for name in Choices.__dataclass_fields__},
    }
    write_whole(path, _lines(as_document(replace(model, about=about))))


def _lines(document: Mapping[str, Any]) -> str:
    """JSON with one key a line, and one entry of the long tables a line."""
    parts = []
    for name, value in document.items():
        if name in ("signs", "words"):
            entries = (f"{_plain(key)}: {_plain(entry)}" for key, entry in value.items())
            parts.append(f"{_plain(name)}: {{\n" + ",\n".join(entries) + "\n}")
        else:
            parts.append(f"{_plain(name)}: {_plain(value)}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _plain(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
