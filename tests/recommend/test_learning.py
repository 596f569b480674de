"""What verdicts do to the order: a little each, never too much, and nothing to what is shown."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from galaxy_desktop.domain.findings import LearnedWeight, Verdict
from galaxy_desktop.recommend.learning import HIGHEST, LOWEST, PastAdvice, learned

ACCEPTED, DISMISSED, SNOOZED = Verdict.ACCEPTED, Verdict.DISMISSED, Verdict.SNOOZED
WAITING = {"age_days": 6.0, "waiting_for_review_days": 6.0}
PAST = st.builds(
    PastAdvice,
    kind=st.just("split"),
    verdict=st.sampled_from(Verdict),
    reason=st.sampled_from(["", "done elsewhere", "not worth it"]),
    helped=st.sampled_from([None, True, False]),
)


def _weight(*said: Verdict | tuple[Verdict, Any]) -> LearnedWeight:
    past = [
        PastAdvice(kind="split", verdict=one)
        if isinstance(one, Verdict)
        else PastAdvice(kind="split", verdict=one[0], **one[1])
        for one in said
    ]
    return learned(past)["split"]


def test_nothing_said_nothing_learned() -> None:
    assert learned([]) == {}


def test_one_verdict_moves_little_many_move_a_lot() -> None:
    once, often = _weight(DISMISSED).weight, _weight(*[DISMISSED] * 20).weight
    assert 0.9 < once < 1.0
    assert often < 0.7


def test_the_reason_stands_in_words() -> None:
    assert _weight(*[DISMISSED] * 4, ACCEPTED).sentence == "Ranked lower: you dismissed 4 of 5 like this."


def test_help_that_was_seen_counts_most() -> None:
    told = [_weight(*[(ACCEPTED, {"helped": helped})] * 6) for helped in (False, None, True)]
    assert told[0].weight < 1.0 < told[1].weight < told[2].weight
    assert told[0].sentence == "Ranked lower: 6 did not help."
    assert told[2].sentence == "Ranked higher: you accepted 6 of 6 like this, and 6 helped."


def test_not_now_is_milder_than_no() -> None:
    assert _weight(*[DISMISSED] * 5).weight < _weight(*[SNOOZED] * 5).weight < 1.0


@pytest.mark.parametrize(
    ("reason", "counts"),
    [("done elsewhere", False), ("already merged", False), ("not worth it", True), ("will never be done", True)],
)
def test_a_dismissal_of_what_is_done_says_nothing_of_the_kind(reason: str, counts: bool) -> None:
    assert (_weight(*[(DISMISSED, {"reason": reason})] * 5).weight < 1.0) is counts


@given(st.lists(PAST, min_size=1, max_size=200))
def test_a_weight_stays_within_its_bounds(past: list[PastAdvice]) -> None:
    assert LOWEST <= learned(past)["split"].weight <= HIGHEST


@given(st.lists(PAST, min_size=1, max_size=40))
def test_one_more_dismissal_never_lifts_a_kind(past: list[PastAdvice]) -> None:
    more = [*past, PastAdvice(kind="split", verdict=DISMISSED)]
    assert learned(more)["split"].weight <= learned(past)["split"].weight + 1e-4


# --- in the order


def _weights(**by_kind: float) -> dict[str, LearnedWeight]:
    return {
        kind: LearnedWeight(
            kind=kind, weight=w, accepted=0, dismissed=9, snoozed=0, helped=0, not_helped=0, sentence=f"Why {kind}."
        )
        for kind, w in by_kind.items()
    }


def test_weights_change_the_order_and_nothing_else(make: Any) -> None:
    bench = make.bench({1: WAITING, 2: {"age_days": 5.0, "red_run": make.red}}, pace=2)
    plain = bench.recommend()
    weighed = bench.recommend(learned=_weights(**{plain[0].kind: LOWEST}))
    assert {(r.id, r.delta_probability, r.interval) for r in plain} == {
        (r.id, r.delta_probability, r.interval) for r in weighed
    }
    assert [r.why_weight for r in weighed if r.kind == plain[0].kind] == [f"Why {plain[0].kind}."] * sum(
        r.kind == plain[0].kind for r in weighed
    )


def test_three_times_the_gain_stays_above_whatever_was_said(make: Any) -> None:
    bench = make.bench({1: WAITING, 2: {"age_days": 5.0, "red_run": make.red}, 3: {"boxes": 9}}, pace=2)
    kinds = {r.kind for r in bench.recommend()}
    for hated in kinds:
        found = bench.recommend(learned=_weights(**{k: LOWEST if k == hated else HIGHEST for k in kinds}))
        known = [r for r in found if r.delta_probability is not None]
        for n, above in enumerate(known):
            assert all(below.delta_probability <= 3 * above.delta_probability + 1e-9 for below in known[n + 1 :])


def test_what_is_followed_up_is_not_recommended_again(make: Any) -> None:
    bench = make.bench({1: WAITING})
    first = bench.recommend()[0]
    assert first.id not in {r.id for r in bench.recommend(followed={first.id})}
