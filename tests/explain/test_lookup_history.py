"""What is told of the past: how bugs were fixed, how deployments went, what came of accepted actions."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from galaxy_desktop.domain.asking import FactName, Finding
from galaxy_desktop.domain.evidence import Evidence
from galaxy_desktop.domain.findings import Analysis, Effort, FollowUp, Intervention, Progress
from galaxy_desktop.domain.repository_facts import Deployment
from galaxy_desktop.domain.sprints import Snapshot
from galaxy_desktop.domain.work import Commit, ItemKind, Repository, Review, State, WorkItem
from galaxy_desktop.explain.lookup_scene import Scene
from galaxy_desktop.explain.lookups import look_up
from galaxy_desktop.explain.questions import understand
from galaxy_desktop.explain.sources import sources_of

NOW = datetime(2026, 5, 6, 12, tzinfo=UTC)
SEEN = {"observed_at": NOW, "url": "https://github.com/o/r"}


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


@pytest.fixture(scope="module")
def scene(make: Any) -> Scene:
    """Two bugs: the login's was fixed by a pull request, the parser's by a commit; one deployment was taken back."""
    case = make.case()
    one, two, *_ = case.snapshot.items
    login = replace(one, title="Login times out", labels=("bug",), created_at=ago(9), closed_at=ago(6))
    parser = replace(two, title="Parser crashes on tabs", created_at=ago(30), closed_at=ago(20))
    pull = replace(
        one, number=15, kind=ItemKind.PULL_REQUEST, title="Raise the timeout", body="Fixes #1", merged_at=ago(6)
    )
    back = replace(pull, number=16, title="Revert “Raise the timeout”", body="", merged_at=ago(3))
    review = Review(
        repository_id=1, repository="o/r", id=4, item_number=15, author=None, verdict="approved", submitted_at=ago(6),
        body="Ten seconds are enough for slow phones.", **SEEN,
    )  # fmt: skip
    commit = Commit(
        repository_id=1, repository="o/r", sha="abc1234567", message="Skip tabs\n\nfixes o/r#2", author=None,
        committed_at=ago(20), **SEEN,
    )  # fmt: skip
    snapshot = replace(
        case.snapshot, items=(login, parser, pull, back), reviews=(review,), commits=(commit,),
        deployments=(_deployment(1, 10), _deployment(2, 4)), repositories=(Repository(id=1, full_name="o/r", url="u"),),
    )  # fmt: skip
    told = case.analysis()
    follow_ups = (_followed("review_pull_request", "Review o/r#15", helped=True), _followed("split", "Split o/r#2"))
    analysis = Analysis(
        as_of=NOW, engine="e", repositories=(), sprints=(told,), dependencies=(), alerts=(), follow_ups=follow_ups
    )
    return Scene(analysis, snapshot)


def _deployment(number: int, days: float) -> Deployment:
    return Deployment(
        repository_id=1, repository="o/r", id=number, sha="abc1234567", ref="main", environment="production",
        state="success", created_at=ago(days), updated_at=ago(days), **SEEN,
    )  # fmt: skip


def _followed(kind: str, summary: str, *, helped: bool | None = None) -> FollowUp:
    act = Intervention(
        id=f"{kind}@1", recommendation_id=kind, sprint_id="sprint-11", sprint_title="0.7", kind=kind, summary=summary,
        item_ids=("issue:o/r#1",), effort=Effort.SMALL, accepted_at=ago(5), done_by=NOW.date(), done_when="", probability=0.5,
        promised=0.1, due_on=None, planned_days=None, before=(), evidence=(Evidence("issue:o/r#1", "issue", "u", "Login", NOW),),
    )  # fmt: skip
    done = Progress.DONE if helped is not None else Progress.UNDER_WAY
    return FollowUp(intervention=act, progress=done, sentence="Accepted, done; P moved +6", helped=helped)


def ask(scene: Scene, question: str) -> Finding:
    (found,) = look_up(scene, understand(question, scene).calls)
    return found


def texts(scene: Scene, question: str) -> list[str]:
    return [one.text for one in ask(scene, question).sentences]


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("how did we fix login timeouts before?", FactName.FIXED),
        ("how was #1 resolved", FactName.FIXED),
        ("have we seen a parser crash before?", FactName.FIXED),
        ("were there similar bugs?", FactName.FIXED),
        ("what happened after the last deployment?", FactName.DEPLOYED),
        ("how did the deployment go?", FactName.DEPLOYED),
        ("did we roll back?", FactName.DEPLOYED),
        ("did reviewing help?", FactName.HELPED),
        ("what came of the advice?", FactName.HELPED),
        ("how many bugs were fixed?", FactName.COUNT),
        ("what was deployed?", FactName.SHIPPED),
        ("which pull requests have to be reviewed before Friday?", FactName.REVIEWS),
    ],
)
def test_a_question_about_the_past_is_told_from_one_about_now(scene: Scene, question: str, name: FactName) -> None:
    assert understand(question, scene).calls[0].name is name


def test_how_a_bug_was_fixed_cites_the_bug_its_pull_request_and_the_review(scene: Scene) -> None:
    found = ask(scene, "how did we fix login problems before?")
    assert [one.text for one in found.sentences] == [
        "o/r#1 “Login times out” was fixed by o/r#15 “Raise the timeout”, merged on Thursday 30 April.",
        "A review of o/r#15 said “Ten seconds are enough for slow phones.”.",
    ]
    assert found.sentences[0].evidence == ("issue:o/r#1", "pr:o/r#15")
    cited = [i for one in found.sentences for i in one.evidence]
    assert [one.id for one in sources_of(scene.analysis, scene.snapshot, cited)] == cited


def test_a_bug_that_a_commit_closed_cites_the_commit(scene: Scene) -> None:
    (sentence,) = ask(scene, "how was the parser crash solved?").sentences
    assert "fixed by the commit abc123456 “Skip tabs”" in sentence.text
    assert sentence.evidence == ("issue:o/r#2", "commit:o/r@abc1234567")
    assert len(sources_of(scene.analysis, scene.snapshot, sentence.evidence)) == 2


def test_of_a_bug_that_was_never_resolved_nothing_is_told(scene: Scene) -> None:
    found = ask(scene, "how did we fix printing?")
    assert found.sentences == ()
    assert "“printing”" in found.nothing


def test_a_deployment_tells_what_it_carried_and_what_took_it_back(scene: Scene) -> None:
    said = texts(scene, "what happened after the last deployment?")
    assert "success; merged since the one before it: o/r#15 “Raise the timeout”." in said[0]
    assert said[1] == "Within two days after it o/r#16 “Revert 'Raise the timeout'” followed."


def test_after_a_quiet_deployment_nothing_is_claimed_but_what_is_not_stored(scene: Scene) -> None:
    quiet = replace(scene, snapshot=replace(scene.snapshot, deployments=(_deployment(3, 1),)))
    assert texts(quiet, "how did the deployment go?")[1] == "Since then no revert, no hotfix and no new bug is stored."


def test_whether_an_action_helped_is_told_as_its_follow_up_says(scene: Scene) -> None:
    assert texts(scene, "did reviewing help?") == ["“Review o/r#15” in 0.7: Accepted, done; P moved +6."]


def test_several_actions_are_summed_up(scene: Scene) -> None:
    assert texts(scene, "what helped so far?")[0] == "Of 2 accepted actions 1 was done; 1 helped, 0 did not."


def test_without_anything_in_the_past_that_is_said(scene: Scene) -> None:
    empty = Scene(replace(scene.analysis, follow_ups=()), Snapshot())
    for question in ("did it help?", "how did we fix it before?", "what happened after the last deployment?"):
        assert ask(empty, question).nothing


def test_an_open_bug_and_one_that_was_not_planned_have_no_resolution(scene: Scene) -> None:
    items: list[WorkItem] = [
        replace(i, state=State.OPEN)
        if i.number == 1
        else replace(i, state_reason="not_planned")
        if i.number == 2
        else i
        for i in scene.snapshot.items
    ]
    assert not ask(
        replace(scene, snapshot=replace(scene.snapshot, items=tuple(items))), "how did we fix it before?"
    ).sentences
