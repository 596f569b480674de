"""The fact function about what changed: in the sprints, and in the repositories as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from galaxy_desktop.domain.asking import FactCall, Finding, Scope
from galaxy_desktop.domain.findings import Sentence, SprintAnalysis
from galaxy_desktop.domain.since import ChangeKind, ItemChange, SprintSince
from galaxy_desktop.domain.work import ItemKind
from galaxy_desktop.explain.lookup_scene import MOST_CITED, MOST_LISTED, Scene, anchor_of, named, told
from galaxy_desktop.explain.since import headline, in_points, moment_in_words, tenths
from galaxy_desktop.explain.words import counted, joined, sentence


def changed(scene: Scene, call: FactCall) -> Finding:
    """What changed since a moment; the comparison must be in the scene."""
    moment = call.scope.since
    since = scene.since.get((moment, call.scope.until)) if moment is not None else None
    if since is None:
        return told(call, (), nothing="What was known then is not stored, so it cannot be compared.")
    sentences: list[Sentence] = []
    wanted = {one.sprint.id: one for one in scene.sprints(call.scope, running=False)}
    quiet: list[SprintAnalysis] = []
    for told_sprint in since.sprints:
        one = wanted.get(told_sprint.sprint_id)
        if one is None:
            continue
        if told_sprint.quiet and not told_sprint.is_new and told_sprint.moved.after is None:
            quiet.append(one)
        else:
            sentences += _changes_of(scene, told_sprint, one)
    if quiet:
        names = joined([one.sprint.name for one in quiet[:MOST_CITED]])
        more = f" and {len(quiet) - MOST_CITED} more" if len(quiet) > MOST_CITED else ""
        cited = tuple(i for one in quiet for i in anchor_of(one)[:1])[:MOST_CITED]
        sentences.append(Sentence(f"Nothing changed in {names}{more}.", cited))
    sentences += _elsewhere(scene, call.scope)
    when = moment_in_words(since.since, since.as_of)
    return told(call, sentences, f"compared with {when}", f"No sprint is open now or was on {when}.")


def _changes_of(scene: Scene, since: SprintSince, one: SprintAnalysis) -> Iterator[Sentence]:
    if since.is_new:
        began = f": it began on {scene.day(one.sprint.starts_at)}" if one.sprint.starts_at else ""
        yield Sentence(f"{one.sprint.name} is new since then{began}.", anchor_of(one))
        return
    yield Sentence(f"{one.sprint.name}: {_lower(headline(since))}.", anchor_of(one))
    for part, share in zip(since.moved.parts, tenths(since.moved), strict=False):
        if share:
            text = f"{in_points(share)} through {part.cause}: {sentence(part.words)}"
            yield Sentence(text, part.item_ids[:MOST_CITED] or anchor_of(one))
    for kind in ChangeKind:
        found = since.of_kind(kind)
        if found:
            yield _change(scene, kind, found)
    if since.quiet:
        yield Sentence(f"Nothing else changed in {one.sprint.name}.", anchor_of(one))


def _change(scene: Scene, kind: ChangeKind, found: tuple[ItemChange, ...]) -> Sentence:
    said = [f"{named(scene, c.item_id)}{f' ({c.words})' if c.words else ''}" if c.item_id else c.words for c in found]
    rest = f", and {len(said) - MOST_LISTED} more" if len(said) > MOST_LISTED else ""
    cited = tuple(dict.fromkeys(i for c in found for i in c.evidence))[:MOST_CITED]
    return Sentence(f"{kind.capitalize()}: {joined(said[:MOST_LISTED])}{rest}.", cited)


def _elsewhere(scene: Scene, scope: Scope) -> Iterator[Sentence]:
    """What happened in the repositories, whether it belongs to a sprint or not; nothing where a sprint was named."""
    if scope.sprint_ids or scope.since is None:
        return
    for repository in scope.repositories or [one.full_name for one in scene.snapshot.repositories]:
        merged, closed, opened = [], [], []
        for item in scene.items(Scope(repositories=(repository,))):
            if _in_time(item.merged_at, scope):
                merged.append(item.evidence_id)
            elif item.kind is ItemKind.ISSUE and _in_time(item.closed_at, scope):
                closed.append(item.evidence_id)
            if _in_time(item.created_at, scope):
                opened.append(item.evidence_id)
        parts = [
            f"{counted(len(ids), word)} {'was' if len(ids) == 1 else 'were'} {verb}"
            for ids, word, verb in (
                (merged, "pull request", "merged"),
                (closed, "issue", "closed"),
                (opened, "item", "opened"),
            )
            if ids
        ]
        if parts:
            cited = tuple(dict.fromkeys((*merged[-3:], *closed[-2:], *opened[-2:], *merged, *closed, *opened)))[
                :MOST_CITED
            ]
            yield Sentence(f"In {repository} as a whole {joined(parts)} in that time.", cited)


def _in_time(moment: datetime | None, scope: Scope) -> bool:
    return (
        moment is not None
        and scope.since is not None
        and moment >= scope.since
        and (scope.until is None or moment < scope.until)
    )


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
