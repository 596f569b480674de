"""Fact functions about the past: how bugs were fixed, how deployments went, what came of accepted actions.

They tell what was seen, in the order of time, and claim no causes: "within two days after it" is all that is known of a
bug that was reported after a deployment. Whether an action helped is told by its follow-up, from the forecast.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from galaxy_desktop.domain.asking import FactCall, Finding, Scope
from galaxy_desktop.domain.findings import FollowUp, Progress, Sentence
from galaxy_desktop.domain.history import AFTERMATH, PastDeployment, ResolvedBug, past_deployments, resolved_bugs
from galaxy_desktop.domain.work import Commit
from galaxy_desktop.explain.lookup_scene import (
    MOST_CITED,
    Scene,
    named,
    quoted,
    reference,
    rest_of,
    stem,
    stems,
    told,
    words_of,
)
from galaxy_desktop.explain.words import counted, joined, sentence

MOST_TOLD = 3
"""Bugs, deployments and actions that are told one by one."""
_SAY_NOTHING = stems(
    words_of(
        "accepted action actions advice came bug bugs far deploy deployed deployment deployments error errors fix fixed help helped "
        "intervention interventions issue problem problems recommendation recommendations solve solved"
    )
)
"""Words of such questions that name nothing: every answer has them."""


def fixed(scene: Scene, call: FactCall) -> Finding:
    """How bugs like this were fixed before: what closed each, and what a review of that said."""
    known = [one for one in resolved_bugs(scene.snapshot) if _asked_for(one, call.scope)]
    wanted = stems(call.scope.words) - _SAY_NOTHING
    shared = {id(one): len(wanted & _words_of_bug(one)) for one in known}
    least = max(shared.values(), default=0) if wanted else 0
    found = [one for one in known if not wanted or (least and shared[id(one)] == least)]
    found.sort(key=lambda one: (str(one.issue.closed_at), one.issue.evidence_id), reverse=True)
    sentences = [line for one in found[:MOST_TOLD] for line in _of_bug(scene, one)]
    sentences += rest_of(len(found), MOST_TOLD, [one.issue.evidence_id for one in found[MOST_TOLD:]])
    said = joined([f"“{w}”" for w in call.scope.words if stem(w) in wanted])
    about = f" that speaks of {said}" if wanted else ""
    note = f"No such bug speaks of {said} together; this is what comes closest." if 0 < least < len(wanted) else ""
    return told(
        call, sentences, nothing=f"No bug{about} is stored of which it is known how it was resolved.", note=note
    )


def _asked_for(one: ResolvedBug, scope: Scope) -> bool:
    issue = one.issue
    return not (
        (scope.repositories and issue.repository not in scope.repositories)
        or (scope.item_ids and issue.evidence_id not in scope.item_ids)
        or not _between(issue.closed_at, scope)
    )


def _between(moment: datetime | None, scope: Scope) -> bool:
    if moment is None:
        return scope.since is None and scope.until is None
    return (scope.since is None or moment >= scope.since) and (scope.until is None or moment < scope.until)


def _words_of_bug(one: ResolvedBug) -> frozenset[str]:
    said = [one.issue.title, one.issue.body, *(pull.title for pull in one.pulls), *one.issue.labels]
    return stems(word for text in said for word in words_of(text))


def _of_bug(scene: Scene, one: ResolvedBug) -> Iterator[Sentence]:
    issue, bug = one.issue, named(scene, one.issue.evidence_id)
    for pull in one.pulls[-1:]:
        merged = f", merged on {scene.day(pull.merged_at)}" if pull.merged_at else ""
        text = f"{bug} was fixed by {named(scene, pull.evidence_id)}{merged}."
        yield Sentence(text, (issue.evidence_id, pull.evidence_id))
    for commit in one.commits[-1:] if not one.pulls else ():
        first = commit.message.partition("\n")[0]
        text = f"{bug} was fixed by the commit {commit.sha[:9]} {quoted(first)} on {scene.day(commit.committed_at)}."
        yield Sentence(text, (issue.evidence_id, commit.evidence_id))
    for review in one.said[:1]:
        text = f"A review of {reference(one.pulls[-1].evidence_id)} said {quoted(review.body)}."
        yield Sentence(text, (review.evidence_id,))
    for comment in one.words if not one.pulls else ():
        text = f"When {reference(issue.evidence_id)} was closed, somebody wrote {quoted(comment.body)}."
        yield Sentence(text, (comment.evidence_id, issue.evidence_id))


def deployed(scene: Scene, call: FactCall) -> Finding:
    """How the newest deployments ended, what they carried, and what followed within two days."""
    known = [
        one
        for one in past_deployments(scene.snapshot)
        if (not call.scope.repositories or one.deployment.repository in call.scope.repositories)
        and _between(one.deployment.created_at, call.scope)
    ]
    known.sort(key=lambda one: (one.deployment.created_at, one.deployment.evidence_id), reverse=True)
    places = {(one.deployment.repository, one.deployment.environment): one for one in reversed(known)}
    newest = [one for one in known if one in places.values()]
    sentences = [line for one in newest[:MOST_TOLD] for line in _of_deployment(scene, one)]
    sentences += rest_of(len(newest), MOST_TOLD, [one.deployment.evidence_id for one in newest[MOST_TOLD:]])
    return told(call, sentences, nothing="No deployment with a result is stored.")


def _of_deployment(scene: Scene, one: PastDeployment) -> Iterator[Sentence]:
    it = one.deployment
    carried = [named(scene, pull.evidence_id) for pull in one.carried[-MOST_TOLD:]]
    more = len(one.carried) - len(carried)
    rest = f", and {more} more" if more > 0 else ""
    what = f"; merged since the one before it: {joined(carried)}{rest}" if carried else ""
    text = f"{it.repository} was deployed to {quoted(it.environment)} on {scene.day(it.created_at)}: {it.state}{what}."
    yield Sentence(text, (it.evidence_id, *(pull.evidence_id for pull in one.carried[-MOST_TOLD:])))
    for later in one.undone[:MOST_TOLD]:
        if isinstance(later, Commit):
            name = f"the commit {later.sha[:9]} {quoted(later.message.partition(chr(10))[0])}"
        else:
            name = named(scene, later.evidence_id)
        yield Sentence(f"Within two days after it {name} followed.", (later.evidence_id, it.evidence_id))
    if one.bugs:
        bugs = [named(scene, bug.evidence_id) for bug in one.bugs[:MOST_TOLD]]
        count = f"{counted(len(one.bugs), 'bug')} {'was' if len(one.bugs) == 1 else 'were'} reported"
        cited = (it.evidence_id, *(bug.evidence_id for bug in one.bugs[: MOST_CITED - 1]))
        yield Sentence(f"Within two days after it {count}: {joined(bugs)}.", cited)
    if not one.undone and not one.bugs:
        when = "Within two days after it" if scene.now >= it.created_at + AFTERMATH else "Since then"
        yield Sentence(f"{when} no revert, no hotfix and no new bug is stored.", (it.evidence_id,))


def helped(scene: Scene, call: FactCall) -> Finding:
    """What came of actions that were accepted: whether they were done, and what they moved."""
    known = [one for one in scene.analysis.follow_ups if one.progress is not Progress.WITHDRAWN and _cited(one)]
    sprints = set(call.scope.sprint_ids)
    known = [one for one in known if not sprints or one.intervention.sprint_id in sprints]
    wanted = stems(call.scope.words) - _SAY_NOTHING
    found = [one for one in known if wanted & _words_of_action(one)] if wanted else known
    found.sort(key=lambda one: (one.intervention.accepted_at, one.intervention.id), reverse=True)
    sentences = [*_in_sum(found), *(_of_action(one) for one in found[:MOST_TOLD])]
    sentences += rest_of(len(found), MOST_TOLD, [i for one in found[MOST_TOLD:] for i in _cited(one)[:1]])
    about = f" that speaks of {joined([f'“{w}”' for w in call.scope.words])}" if wanted else ""
    return told(
        call, sentences, nothing=f"No action{about} was accepted so far, so nothing is known of what came of it."
    )


def _words_of_action(one: FollowUp) -> frozenset[str]:
    act = one.intervention
    return stems((*words_of(act.summary), *act.kind.split("_")))


def _cited(one: FollowUp) -> tuple[str, ...]:
    ids = (*(e.id for e in one.evidence), *(e.id for e in one.intervention.evidence))
    return tuple(dict.fromkeys(ids))[:MOST_CITED]


def _of_action(one: FollowUp) -> Sentence:
    act = one.intervention
    return Sentence(f"{quoted(act.summary.rstrip('.'))} in {act.sprint_title}: {sentence(one.sentence)}", _cited(one))


def _in_sum(found: Sequence[FollowUp]) -> Iterable[Sentence]:
    """How many were done and how many of those helped, where there are several."""
    done = [one for one in found if one.progress is Progress.DONE]
    if len(found) < 2:
        return ()
    well, badly = sum(one.helped is True for one in done), sum(one.helped is False for one in done)
    verdict = f"; {well} helped, {badly} did not" if well or badly else ""
    cited = tuple(dict.fromkeys(i for one in found for i in _cited(one)[:1]))[:MOST_CITED]
    return (
        Sentence(
            f"Of {counted(len(found), 'accepted action')} {len(done)} {'was' if len(done) == 1 else 'were'} done{verdict}.",
            cited,
        ),
    )
