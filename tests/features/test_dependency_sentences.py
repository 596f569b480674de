"""A labelled set of sentences: what people write, and what it says about who waits for whom.

Each is read as the description of pull request o/r#1; "2>1" means that #2 must finish before #1. A single
wrong edge fails: a forecast moved by a misread sentence is worse than an edge that was missed.
"""

from __future__ import annotations

from typing import Any

import pytest

from galaxy_desktop.domain.facts import EdgeKind
from galaxy_desktop.features.edges import dependency_edges

ASSERTED = [
    ("Blocked by #2", {"2>1"}),
    ("This is blocked by #2.", {"2>1"}),
    ("This PR is currently blocked on #2 and #3.", {"2>1", "3>1"}),
    ("blocked-by: #2", {"2>1"}),
    ("**Blocked by** #2", {"2>1"}),
    ("Blocked by [#2](https://github.com/o/r/issues/2)", {"2>1"}),
    ("Blocked by [the parser rewrite](https://github.com/o/r/issues/2)", {"2>1"}),
    ("Depends on #2", {"2>1"}),
    ("Depends on: #2, #3", {"2>1", "3>1"}),
    ("Depends-on: o/s#2", {"s2>1"}),
    ("This depends on https://github.com/o/s/issues/2.", {"s2>1"}),
    ("It still depends upon the changes in #2", {"2>1"}),
    ("Dependencies: #2 and #3", {"2>1", "3>1"}),
    ("We depend on issue #2 here", {"2>1"}),
    ("This has a dependency on #2.", {"2>1"}),
    ("Requires #2", {"2>1"}),
    ("This requires PR #2 in order to work", {"2>1"}),
    ("Needs #2 first", {"2>1"}),
    ("Prerequisites: #2", {"2>1"}),
    ("Waiting for #2", {"2>1"}),
    ("I'm waiting on #2 before I go on", {"2>1"}),
    ("On hold until #2 is done", {"2>1"}),
    ("After #2 is merged I will rebase this.", {"2>1"}),
    ("Once #2 lands, this is ready.", {"2>1"}),
    ("Please merge only after #2.", {"2>1"}),
    ("Don't merge before #2.", {"2>1"}),
    ("This can't be merged until #2 is in.", {"2>1"}),
    ("#2 needs to be merged first", {"2>1"}),
    ("#2 must land before this", {"2>1"}),
    ("Blocks #2", {"1>2"}),
    ("This is blocking #2", {"1>2"}),
    ("This is a prerequisite for #2.", {"1>2"}),
    ("Needed for #2", {"1>2"}),
    ("Required by o/s#2", {"1>s2"}),
    ("This unblocks #2", {"1>2"}),
    ("Must be merged before #2", {"1>2"}),
    ("#3 depends on #2", {"2>3"}),
    ("#2 blocks #3", {"2>3"}),
    ("PR #3 is blocked by #2", {"2>3"}),
    ("Based on #8", {"8>1"}),
    ("Stacked on #8, review only the last commit", {"8>1"}),
    ("Built on top of #8.", {"8>1"}),
    ("Not only blocked by #2 but also slow.", {"2>1"}),
    ("It is not ready, and is blocked by #2.", {"2>1"}),
    ("Depends on:\n- #2\n- [x] #3 (done)", {"2>1", "3>1"}),
    ("## Blocked by\n\n* o/s#2\n\n## Notes\n\n* #3", {"s2>1"}),
    ("Depends on #2, #3 is unrelated.", {"2>1"}),
    ("Does this help? Blocked by #2.", {"2>1"}),
    ("⛔ Blocked by #2", {"2>1"}),
    ("This one's blocked by #2", {"2>1"}),
    ("Work on this is blocked by #2.", {"2>1"}),
    ("Status: waiting for #2", {"2>1"}),
    ("#2 blocks this.", {"2>1"}),
    ("#2 is still blocking us", {"2>1"}),
    ("#2 is a prerequisite for this.", {"2>1"}),
    ("Please merge #2 first", {"2>1"}),
]

NOT_ASSERTED = [
    "This is not blocked by #2",
    "This isn't blocked by #2.",
    "No longer depends on #2",
    "This does not depend on #2.",
    "This doesn’t need #2",
    "It is not, however, blocked by #2.",
    "This depends on #2 no longer.",
    "Nothing depends on #2",
    "Works without waiting for #2",
    "There is no need to wait for #2",
    "We should not wait until #2 is merged",
    "This doesn't block #2",
    "Non-blocking #2",
    "Was blocked by #2, ready now",
    "This used to depend on #2",
    "Previously blocked by #2",
    "Unblocked by #2",
    "Remove the dependency on #2",
    "This drops our dependency on #2",
    "Is this blocked by #2?",
    "Does it depend on #2 or #3?",
    "If this depends on #2, we should wait",
    "I wonder whether it is blocked by #2",
    "Unless we need #2 this is fine",
    "This might depend on #2",
    "Maybe blocked by #2",
    "It would be blocked by #2",
    "I don't think this is blocked by #2",
    "Rather than depend on #2 this copies the code",
    "The other PR depends on #2",
    "Alice's patch needs #2",
    "Users depend on #2",
    'Write "blocked by #2" in the description to link it',
    "Use `blocked by #2` to link it",
    "```\nblocked by #2\n```",
    "> blocked by #2\n\nI disagree.",
    "<!-- Blocked by #2 -->",
    "<!-- List what this depends on:\nDepends on #2\n-->",
    "~~blocked by #2~~",
    "    blocked by #2",
    "After #2 was merged the tests fail",
    "After #2, the tests fail",
    "This was merged after #2",
    "Rebased on top of master, see #2",
    "Code blocks #2 and #3 are wrong",
    "The color is #222222 and it depends on #000002",
    "This depends on step #2",
    "Blocked by rain on 2026-05-02#2",
    "depends on foo#2",
    "Depends on https://example.com/page#2",
    "Depends on libfoo 2.0; see #2",
    "Based on https://github.com/o/r/pull/8#issuecomment-12345",
    "Based on #8 by @ben and on my own ideas",
    "- [ ] I have checked what this depends on\n- [ ] I read #2",
    "Depends on:\n- the weather\n\nSee #2.",
    "Blocked by #1",
    "Blocked by #77",
    "Similar to #2",
    "Blocks #2 and #3 were mined",
    "It makes no sense that this depends on #2? No.",
    "@ben said his branch depends on #2",
    "Everyone needs #2",
    "Neither blocked by #2 nor dependent on #3",
    "Let me know if you need #2",
    "No dependency on #2",
    "Independent of #2",
    "Depends on how #2 goes",
    "Blocked by: N/A (#2 is merged)",
    "Blocked by nothing, see #2",
    "#2 does not block this",
    "#2 is not blocking this",
    "Is #2 blocking this?",
    "#2 blocks this one from @ben's list, says o/s#2?",
    "If #2 blocks this, tell me",
    "We did not merge #2 first",
    "The author of #2 needs this",
    "Stop depending on #2",
    "It turns out this doesn't actually depend on #2",
    "I was told this depends on #2",
    "Can't depend on #2",
    "Whoever needs #2 can take it",
    "Their work on this is blocked by #2",
    "The build is blocked: see #2",
    "I have a branch with that, it's based on #8",
    "Measured at https://github.com/o/r/commit/0123abc (based on #8).",
    "~Blocked by #2, so only review the last commit.~",
    "We will see this warning once #2 lands",
    "We need to unblock #2 first",
    "#2 needs this discussion to be over",
    "#2 no longer depends on this.",
    "- [ ] Related: #2",
]


def _read(space: Any, body: str) -> set[str]:
    space.pull(1, body)
    for number in range(2, 8):
        space.issue(number)
    space.pull(8)
    space.issue(2, repository="o/s")
    return {
        f"{_short(e.source_id)}>{_short(e.target_id)}"
        for e in dependency_edges(space.snapshot())
        if e.kind is EdgeKind.BLOCKS
    }


def _short(item_id: str) -> str:
    repository, _, number = item_id.partition(":")[2].partition("#")
    return ("s" if repository == "o/s" else "") + number


@pytest.mark.parametrize(("sentence", "expected"), ASSERTED)
def test_a_statement_of_waiting_becomes_an_edge_of_that_direction(
    space: Any, sentence: str, expected: set[str]
) -> None:
    assert _read(space, sentence) == expected


@pytest.mark.parametrize("sentence", NOT_ASSERTED)
def test_what_only_sounds_like_waiting_becomes_no_edge(space: Any, sentence: str) -> None:
    assert _read(space, sentence) == set()
