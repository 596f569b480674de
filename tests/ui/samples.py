"""A hand-made evaluation with every state a page has to show: numbers, no numbers, long names, cycles, externals."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from galaxy_desktop.domain.evidence import Evidence
from galaxy_desktop.domain.facts import (
    BurnupPoint,
    DayCount,
    Dependency,
    EdgeKind,
    Family,
    Feature,
    FeatureSet,
    FlowHistory,
    ItemFacts,
)
from galaxy_desktop.domain.findings import (
    Alert,
    Analysis,
    Completion,
    Effort,
    Explanation,
    FanPoint,
    Forecast,
    Health,
    HealthPart,
    ItemBrief,
    NoForecast,
    Recommendation,
    RepositoryFreshness,
    Risk,
    Sentence,
    Severity,
    SprintAnalysis,
)
from galaxy_desktop.domain.sprints import Sprint
from galaxy_desktop.domain.work import Repository, RepositoryState, State

NOW = datetime(2026, 5, 6, 12, tzinfo=UTC)
API, WEB, APP = "acme/api", "acme/web", "acme/mobile-application-for-field-engineers"
NAMES = (API, WEB, APP)
LONG_TITLE = "Hardening of the billing pipeline, phase two, with the migration of every remaining customer"

TITLES = {
    f"issue:{API}#12": "Charge cards through the new payment provider",
    f"issue:{API}#17": "Idempotency keys for retries of a payment",
    f"issue:{API}#23": "Webhook for refunds",
    f"issue:{WEB}#41": "Checkout form shows the delivery date",
    f"issue:{WEB}#44": "Error messages a customer can act on",
    f"pr:{WEB}#88": "Checkout form, second half",
    f"issue:{APP}#9": "Pay with a saved card",
    f"issue:{APP}#10": "Offline receipt that survives a restart of the telephone and a change of the user's account",
    f"pr:{API}#90": "Idempotency keys",
}


def cite(evidence_id: str, quote: str = "") -> Evidence:
    """Evidence as the real pipeline makes it."""
    kind = evidence_id.removeprefix("external:").partition(":")[0]
    place, _, number = evidence_id.partition(":")[2].partition("#")
    folder = {"pr": "pull", "issue": "issues", "milestone": "milestone"}.get(kind, "x")
    url = "" if kind == "feature" else f"https://github.com/{place}/{folder}/{number}"
    return Evidence(evidence_id, kind, url, quote or TITLES.get(evidence_id, "seen"), NOW - timedelta(minutes=9))


def repositories() -> tuple[RepositoryFreshness, ...]:
    """One that is fresh, one that waits, one that is offline."""
    states = (
        (RepositoryState.SYNCED, "synced 11:51"),
        (RepositoryState.WAITING, "waiting for GitHub until 12:32"),
        (RepositoryState.OFFLINE, "offline since 09:14"),
    )
    return tuple(
        RepositoryFreshness(
            repository=Repository(id=i, full_name=name, url=f"https://github.com/{name}"),
            items=140 + i,
            open_items=20 + i,
            comments=610,
            synced_at=NOW - timedelta(minutes=9 + 170 * (i > 1)),
            state=state,
            sentence=sentence,
        )
        for i, (name, (state, sentence)) in enumerate(zip(NAMES, states, strict=True))
    )


def burnup(start: date, days: int, scope: int, rate: float) -> tuple[BurnupPoint, ...]:
    """Work done at a steady rate, with scope that grows on the fourth day."""
    return tuple(
        BurnupPoint(day=start + timedelta(days=i), scope=scope + (3 if i > 3 else 0), done=min(scope, int(i * rate)))
        for i in range(days)
    )


def forecast(probability: float | None, why: NoForecast | None = None) -> Forecast:
    """A forecast with a number, or with the reason why there is none."""
    today = NOW.date()
    early = why is NoForecast.TOO_LITTLE_HISTORY
    fan = tuple(
        FanPoint(
            day=today + timedelta(days=i),
            low=7 + i * 0.6,
            middle=min(14.0, 7 + i * 1.0),
            high=min(14.0, 7 + i * 1.5),
        )
        for i in range(10)
    )
    return Forecast(
        probability=probability,
        why_none=why,
        raw_share=probability,
        n_active_days=3 if early else 34,
        n_completed=4 if early else 51,
        runs=10_000,
        seed=7,
        as_of=NOW,
        engine="test 1",
        completion=None
        if early or why in (NoForecast.ALL_DONE, NoForecast.CLOSED)
        else Completion(p50=date(2026, 5, 12), p70=date(2026, 5, 13), p85=date(2026, 5, 15), p95=date(2026, 5, 20)),
        done_by_end=(11.0, 13.0, 14.0) if probability else None,
        fan=() if early else fan,
        baselines={"base_rate": 0.4, "linear_burn": 0.55},
        formula="6,210 of 10,000 runs end by Fri 15 May; 34 active days, 51 items done in the last 60 days",
        missing="3 of 5 active days and 4 of 10 completed items so far; likely available on Fri 8 May."
        if early
        else "",
    )


def health(sprint_id: str, score: float, word: str) -> Health:
    """Seven parts as documented."""
    parts = (
        ("progress", 0.3, score, "7 of 14 items done after 6 of 13 days: 54 % of what even progress would give"),
        ("flow", 0.15, score + 12, "median age of started items 4.1 days against 5.0 days usually"),
        ("blockers", 0.15, 20, "2 of 7 open items wait for another one"),
        ("reviews", 0.1, 45, "pull requests wait 2.1 days for a first review, usually 0.8"),
        ("ci", 0.1, 100, "no red build on an open pull request"),
        ("scope", 0.1, 60, "3 items added to 11 since the start"),
        ("mood", 0.1, 71, "mean polarity 0.12 of 9 comments in the last 14 days"),
    )
    return Health(
        score=score,
        word=word,
        parts=tuple(
            HealthPart(
                name=name,
                weight=weight,
                score=value,
                formula=formula,
                evidence=(cite(f"feature:{sprint_id}/{name}", formula), cite(f"issue:{API}#12")),
            )
            for name, weight, value, formula in parts
        ),
    )


def risks() -> tuple[Risk, ...]:
    """One of each severity."""
    rows = (
        ("blocked_chain", Severity.CRITICAL, 0.71, f"issue:{API}#17",
         "api#17 holds up web#41 and, through it, mobile-application-for-field-engineers#9"),
        ("stale_review", Severity.HIGH, 0.6, f"pr:{WEB}#88", "web#88 has waited 6 days for a first review"),
        ("no_owner", Severity.MEDIUM, 0.4, f"issue:{APP}#10", "mobile-application-for-field-engineers#10 has no owner"),
        ("no_criteria", Severity.LOW, 0.2, f"issue:{WEB}#44", "web#44 does not say when it is done"),
    )  # fmt: skip
    return tuple(
        Risk(
            id=f"risk:{kind}",
            kind=kind,
            severity=severity,
            probability=p,
            impact="Holds up 2 of 7 open items",
            summary=summary,
            item_ids=(item,) if kind != "blocked_chain" else (item, f"issue:{WEB}#41", f"issue:{APP}#9"),
            evidence=(cite(item), cite(item, "updated 2026-04-30")),
        )
        for kind, severity, p, item, summary in rows
    )


def recommendations() -> tuple[Recommendation, ...]:
    """With a gain, with a small one, and without a number."""
    rows = (
        ("unblock", "Finish api#17 first: web#41 and one more wait for it", 0.09, (0.07, 0.11), Effort.MEDIUM),
        ("review", "Review web#88 today", 0.05, (0.03, 0.07), Effort.SMALL),
        ("move_item", "Move web#44 to the next sprint", 0.02, (0.0, 0.04), Effort.SMALL),
        ("name_owner", "Give mobile-application-for-field-engineers#10 an owner", None, None, Effort.SMALL),
    )
    return tuple(
        Recommendation(
            id=f"rec:{kind}",
            kind=kind,
            summary=summary,
            item_ids=(f"issue:{API}#17",),
            delta_probability=delta,
            interval=interval,
            effort=effort,
            evidence=(cite(f"issue:{API}#17"), cite(f"pr:{WEB}#88")),
        )
        for kind, summary, delta, interval, effort in rows
    )


def features(sprint_id: str, items: Sequence[str], edges: tuple[Dependency, ...]) -> FeatureSet:
    """Facts in which web#41 waits for api#17."""
    blocked = {f"issue:{WEB}#41": (f"issue:{API}#17",), f"issue:{APP}#9": (f"issue:{WEB}#41",)}
    return FeatureSet(
        sprint_id=sprint_id,
        as_of=NOW,
        features=(
            Feature(name="throughput", family=Family.TEMPORAL, value=1.4, unit="items a working day",
                    window="last 60 days", formula="51 items / 37 working days"),
        ),
        items=tuple(
            ItemFacts(item_id=i, started_at=NOW - timedelta(days=4), age_days=4.0, idle_days=1.0,
                      blocked_by=blocked.get(i, ()), blocks=())
            for i in items
        ),
        edges=edges,
        cycles=((f"issue:{WEB}#44", f"issue:{API}#23"),),
        history=FlowHistory(window_days=60, days=(DayCount(day=NOW.date(), done=1, added=0),), sprint_days=(),
                            cycle_days=(1.0, 2.0), lead_days=(2.0, 3.0)),
        burnup=burnup(date(2026, 4, 27), 10, 11, 0.8),
    )  # fmt: skip


def edges() -> tuple[Dependency, ...]:
    """A chain over three repositories, a cycle, a closing pull request, an item nobody tracks."""
    rows = (
        (f"issue:{API}#17", f"issue:{WEB}#41", EdgeKind.BLOCKS, "native", 1.0),
        (f"issue:{WEB}#41", f"issue:{APP}#9", EdgeKind.BLOCKS, "text", 0.8),
        ("external:issue:payco/gateway#3", f"issue:{API}#17", EdgeKind.BLOCKS, "text", 0.6),
        (f"pr:{API}#90", f"issue:{API}#17", EdgeKind.CLOSES, "closing keyword", 0.95),
        (f"pr:{WEB}#88", f"issue:{WEB}#41", EdgeKind.CLOSES, "closing keyword", 0.95),
        (f"issue:{API}#12", f"issue:{API}#23", EdgeKind.PARENT, "task list", 0.9),
        (f"issue:{WEB}#44", f"issue:{API}#23", EdgeKind.BLOCKS, "text", 0.7),
        (f"issue:{API}#23", f"issue:{WEB}#44", EdgeKind.BLOCKS, "text", 0.7),
        (f"issue:{APP}#10", f"issue:{API}#12", EdgeKind.MENTIONS, "cross-reference", 0.4),
    )
    return tuple(
        Dependency(source_id=a, target_id=b, kind=kind, source=source, confidence=c,
                   evidence=(cite(b, f"{kind} {a.rpartition('/')[2]}"),))
        for a, b, kind, source, c in rows
    )  # fmt: skip


def sprint(number: int, title: str, due: date | None, state: State = State.OPEN) -> Sprint:
    """A sprint over all three repositories; the first one's due day moved twice."""
    names = NAMES if number == 1 else (NAMES[number % 3],)
    return Sprint(
        id=f"sprint-{number}",
        title=title,
        repositories=names,
        milestones=tuple(f"milestone:{name}#{number}" for name in names),
        items=tuple(TITLES),
        starts_at=datetime(2026, 4, 27, tzinfo=UTC),
        due_on=due,
        due_history=(date(2026, 5, 8), date(2026, 5, 12), date(2026, 5, 15)) if number == 1 else (due,) if due else (),
        state=state,
        closed_at=NOW - timedelta(days=3) if state is State.CLOSED else None,
        why_grouped="The milestones of api, web and mobile-application-for-field-engineers have the same title."
        if number == 1
        else "",
    )


def analyzed(one: Sprint, outlook: Forecast, score: float, word: str, *, quiet: bool = False) -> SprintAnalysis:
    """The evaluation of one sprint."""
    said = (
        Sentence(
            "7 of 14 items are done after 6 of 13 days; even progress would have been 6.", (f"milestone:{API}#1",)
        ),
        Sentence(
            "Two items wait for api#17, which waits for payco/gateway#3 outside the tracked repositories.",
            (f"issue:{API}#17", f"issue:{WEB}#41", f"issue:{APP}#9"),
        ),
        Sentence("1.4 items were done a working day over the last 60 days.", (f"feature:{one.id}/throughput",)),
    )
    return SprintAnalysis(
        sprint=one,
        features=features(one.id, one.items, edges()),
        forecast=outlook,
        health=health(one.id, score, word),
        risks=() if quiet else risks(),
        recommendations=() if quiet else recommendations(),
        explanation=Explanation(mode="facts", sentences=said),
        done=14 if outlook.why_none in (NoForecast.ALL_DONE, NoForecast.CLOSED) else 7,
        open=0 if outlook.why_none in (NoForecast.ALL_DONE, NoForecast.CLOSED) else 7,
    )


def alerts() -> tuple[Alert, ...]:
    """One that is new and one from yesterday."""
    return (
        Alert(id="alert-1", kind="blocked_chain", sprint_id="sprint-1", severity=Severity.CRITICAL, target="",
              reason="api#17 holds up 2 items of Checkout 2.0", evidence=(cite(f"issue:{API}#17"),), at=NOW),
        Alert(id="alert-2", kind="forecast_drop", sprint_id="sprint-3", severity=Severity.HIGH, target="",
              reason="Release 1.9 fell below 50 %", evidence=(cite(f"milestone:{API}#3", "due 2026-04-29"),),
              at=NOW - timedelta(days=1)),
    )  # fmt: skip


def analysis() -> Analysis:
    """The whole workspace."""
    none = NoForecast
    return Analysis(
        as_of=NOW,
        engine="test 1",
        repositories=repositories(),
        sprints=(
            analyzed(sprint(1, "Checkout 2.0", date(2026, 5, 15)), forecast(0.62), 58, "Observe"),
            analyzed(sprint(2, LONG_TITLE, None), forecast(None, none.NO_END), 81, "Sustain", quiet=True),
            analyzed(sprint(3, "Release 1.9", date(2026, 4, 29)), forecast(None, none.END_PASSED), 22, "Act"),
            analyzed(sprint(4, "Field trial", date(2026, 5, 22)), forecast(None, none.TOO_LITTLE_HISTORY), 74, "Sustain"),
            analyzed(sprint(5, "Release 1.8", date(2026, 5, 1), State.CLOSED), forecast(None, none.CLOSED), 90, "Sustain",
                     quiet=True),
        ),
        dependencies=edges(),
        alerts=alerts(),
        items=tuple(
            ItemBrief(id=i, title=t, url=cite(i).url, open=not i.endswith("#12")) for i, t in TITLES.items()
        ),
    )  # fmt: skip
