"""What a model gets to read when it looks for patterns in a sprint: how its items stand, and what came of earlier ones.

Everything here was said by code: how the open items stand (fact functions), how similar sprints ended, and what came of
actions that were accepted. Names that people gave are cut out of it, as for every other question to a model.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from galaxy_desktop.domain.asking import FactCall, FactName, Scope
from galaxy_desktop.domain.evidence import Evidence
from galaxy_desktop.domain.findings import Analysis, Sentence, SprintAnalysis
from galaxy_desktop.domain.sprints import Snapshot
from galaxy_desktop.explain.lookup_scene import Scene, anchor_of
from galaxy_desktop.explain.lookups import look_up
from galaxy_desktop.explain.material import statements_of
from galaxy_desktop.reason.reply import Material

LOOKED_AT = (
    FactName.BLOCKERS, FactName.REVIEWS, FactName.BUILDS, FactName.STUCK, FactName.LATE, FactName.SIMILAR,
)  # fmt: skip
MOST_OUTCOMES = 6


def material_of(
    analysis: Analysis, one: SprintAnalysis, snapshot: Snapshot, history: Sequence[Evidence] = ()
) -> Material:
    """The material in which a model may look for patterns of a sprint; `history` is what a search found of the past.

    Words out of the history may be quoted; only what code says supports a claim.
    """
    scene, scope = Scene(analysis, snapshot), Scope(sprint_ids=(one.sprint.id,))
    found = look_up(scene, [FactCall(name, scope) for name in LOOKED_AT])
    sentences = [line for finding in found for line in finding.sentences if _is_of_items(line)]
    statements = statements_of([*sentences, *_outcomes(analysis)], snapshot)
    people = {person.login for item in snapshot.items for person in (item.author, *item.assignees) if person}
    return Material(
        statements=statements,
        passages={one.id: one.quote for one in history}
        | {i: snapshot.items_by_id[i].title for line in statements for i in line.evidence if i in snapshot.items_by_id},
        names={other.sprint.name: anchor_of(other) for other in analysis.sprints},
        people=tuple(sorted(people)),
        today=analysis.as_of.date(),
    )


def _is_of_items(line: Sentence) -> bool:
    """Whether a sentence tells of something, rather than of nothing ("no open item is known ...")."""
    return not line.text.startswith(("No ", "On every "))


def _outcomes(analysis: Analysis) -> Iterator[Sentence]:
    """What came of actions that were accepted, the newest first."""
    done = [one for one in analysis.follow_ups if one.progress.final and one.helped is not None]
    for one in done[:MOST_OUTCOMES]:
        ids = tuple(dict.fromkeys((*(e.id for e in one.evidence), *one.intervention.item_ids)))
        if ids:
            yield Sentence(one.sentence, ids)
