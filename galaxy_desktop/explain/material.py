"""What a model may be told of an answer: the sentences of code, without a single word that somebody else wrote.

An issue may be called "99 % done" and a label "on track". In the sentence that is shown such a name stands in quotation
marks beside its item; told to a model as a fact it would support a lie. So every name from outside is cut out here, and
what consists of nothing else is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from galaxy_desktop.domain.findings import Sentence
from galaxy_desktop.domain.sprints import Snapshot

SHORTEST_CUT = 3
FEWEST_WORDS = 3
_QUOTED = re.compile("\u201c[^\u201d]*\u201d")


def statements_of(sentences: Iterable[Sentence], snapshot: Snapshot) -> tuple[Sentence, ...]:
    """The sentences without quotations and without any name that people gave to something that is stored.

    When all sentences together name one sprint only, they say "the sprint" for it: without its name they would say nothing.
    """
    told = []
    outside = outside_names(snapshot)
    lines = list(sentences)
    spoken = [name for name in _sprints(snapshot) if any(_named(name).search(one.text) for one in lines)]
    for one in lines:
        text = _QUOTED.sub(" ", one.text)
        if len(spoken) == 1:
            text = _named(spoken[0]).sub("the sprint", text)
        for name in outside:
            if name in text:
                text = text.replace(name, " ")
        text = re.sub(r"\s+([.,;:])", r"\1", " ".join(text.split()))
        if len(text.split()) >= FEWEST_WORDS:
            told.append(Sentence(text, one.evidence))
    return tuple(dict.fromkeys(told))


def _sprints(snapshot: Snapshot) -> Iterator[str]:
    """What sprints are called in sentences, see `Sprint.name`."""
    titles = [milestone.title for milestone in snapshot.milestones]
    titles += [iteration.title for board in snapshot.boards for iteration in board.iterations]
    for title in dict.fromkeys(titles):
        yield title if title.casefold().startswith("sprint") else f"Sprint {title}"


def _named(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")


def outside_names(snapshot: Snapshot) -> tuple[str, ...]:
    """Everything that people named: titles, labels, workflows, checks, tags, environments; longest first."""
    found = {" ".join(name.split()) for name in _names(snapshot)}
    return tuple(sorted((name for name in found if len(name) >= SHORTEST_CUT), key=lambda name: (-len(name), name)))


def _names(snapshot: Snapshot) -> Iterator[str]:
    for item in snapshot.items:
        yield item.title
        yield from item.labels
    yield from (milestone.title for milestone in snapshot.milestones)
    yield from (iteration.title for board in snapshot.boards for iteration in board.iterations)
    yield from (run.name for run in snapshot.runs)
    yield from (check.name for check in snapshot.checks)
    for release in snapshot.releases:
        yield from (release.tag, release.name)
    yield from (deployment.environment for deployment in snapshot.deployments)
