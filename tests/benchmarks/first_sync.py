"""What GitHub is asked: a first sync of 10,000 items beside a plain PyGithub loop, and a poll when nothing happens."""

from __future__ import annotations

import asyncio
import math
import time
from typing import Any

from galaxy_desktop.domain.events import Event, SprintsReady
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.services.sync import Syncer
from galaxy_desktop.store.database import Store
from tests.benchmarks.children import profile
from tests.benchmarks.figures import Figure, ms, over
from tests.benchmarks.long_github import IN_SPRINT, Counted, LongGitHub, serving

FIGURES = ("first_sync_requests", "first_sync_sprint", "idle_poll")
NAME, OTHERS = "o/long", ("o/small", "o/tiny")
FEWER, FIRST_REQUESTS = 5, 10


def measure(*, quick: bool) -> list[Figure]:
    """Sync, loop, poll; the loop is a plain program's and asks for the same things."""
    size = 300 if quick else 10_000
    with serving({NAME: size, OTHERS[0]: 120, OTHERS[1]: 12}) as github:
        ours, usable, idle = asyncio.run(_ours(github))
        plain = _plain_loop(github)
    return [_first_sync(ours, plain, size), _sprint(usable, plain), _idle(idle)]


def _first_sync(ours: int, plain: Counted, size: int) -> Figure:
    ratio = over(ours, plain.requests)
    return Figure(
        name="first_sync_requests",
        figure=f"{ours / size * 1000:,.0f} requests per 1,000 items ({ours:,} for {size:,})",
        reference=f"a plain PyGithub loop {plain.requests / size * 1000:,.0f} ({plain.requests:,})",
        ratio=ratio,
        bar=f"at least {FEWER} times fewer",
        met=ratio <= 1 / FEWER,
    )


def _sprint(usable: int, plain: Counted) -> Figure:
    """The loop goes from the newest item to the oldest, and the sprint's items are old ones."""
    wanted = [f"/repos/{NAME}/issues/{n}/comments" for n in range(1, IN_SPRINT + 1)]
    last = max(n for n, path in enumerate(plain.paths, 1) if path.split("?")[0] in wanted)
    return Figure(
        name="first_sync_sprint",
        figure=f"current sprint usable after {usable} requests",
        reference=f"a plain PyGithub loop has its items after {last:,}",
        ratio=over(usable, last),
        bar=f"within {FIRST_REQUESTS} requests",
        met=usable <= FIRST_REQUESTS,
    )


def _idle(idle: dict[str, Any]) -> Figure:
    quiet, anew = idle["quiet"], idle["anew"]
    return Figure(
        name="idle_poll",
        figure=f"{quiet.quota} of the quota, {quiet.requests} requests for 3 repositories, {ms(idle['quiet_s'])}",
        reference=f"the same poll without ETags {anew.quota} of the quota, {ms(idle['anew_s'])}",
        ratio=over(idle["quiet_s"], idle["anew_s"]),
        bar="0 of the quota",
        met=quiet.quota == 0,
    )


async def _ours(github: LongGitHub) -> tuple[int, int, dict[str, Any]]:
    """Requests of the first sync, those until the sprint could be evaluated, and the polls after it."""
    usable: list[int] = []
    with profile() as data, Store.open(DataFolder(data)) as store:

        def hear(event: Event) -> None:
            if isinstance(event, SprintsReady) and not usable:
                held = sum(item.milestone_number is not None for item in store.snapshot().items)
                assert held == IN_SPRINT, f"{held} items of the sprint were stored"
                usable.append(github.counted.requests)

        syncer = Syncer(store, github.base, "token", publish=hear)
        github.counted = Counted()
        await syncer.sync_once([NAME])
        first = github.counted.requests
        assert store.freshness()[0].items == sum(len(one.issues + one.pulls) for one in github.repositories[:1])
        await syncer.sync_once([NAME, *OTHERS])
        await syncer.sync_once()
        quiet, quiet_s = await _poll(syncer, github)
        await syncer.close()
        other = Syncer(store, github.base, "another token")
        anew, anew_s = await _poll(other, github)
        await other.close()
    return first, usable[0], {"quiet": quiet, "quiet_s": quiet_s, "anew": anew, "anew_s": anew_s}


async def _poll(syncer: Syncer, github: LongGitHub) -> tuple[Counted, float]:
    github.counted, begun = Counted(), time.perf_counter()
    await syncer.sync_once()
    return github.counted, time.perf_counter() - begun


def _plain_loop(github: LongGitHub) -> Counted:
    """Read everything as the examples of PyGithub's documentation do; pages of 100 to be fair."""
    from github import Auth, Github

    github.counted = Counted()
    client = Github(
        auth=Auth.Token("token"), base_url=github.base, per_page=100, retry=None, seconds_between_requests=None
    )
    texts = 0
    repository = client.get_repo(NAME)
    for milestone in repository.get_milestones(state="all"):
        texts += len(milestone.title)
    for issue in repository.get_issues(state="all"):
        texts += len(issue.title) + len(issue.user.login)
        texts += sum(len(comment.body) for comment in issue.get_comments())
        texts += sum(len(event.event) for event in issue.get_events())
        if issue.pull_request:
            pull = issue.as_pull_request()
            texts += pull.additions + sum(len(review.state) for review in pull.get_reviews())
            texts += sum(len(one.filename) for one in pull.get_files())
            texts += sum(len(one.sha) for one in pull.get_commits())
    client.close()
    assert texts > 0
    assert math.isfinite(texts)
    return github.counted
