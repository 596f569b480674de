"""A made-up hour of GH Archive: GitHub's mix of events, full-size payloads, one event in a hundred of our repositories.

Payloads come from a pool for each kind, so that writing half a gigabyte takes seconds; the pool is far larger than
what gzip remembers, so files shrink as real ones do (about six times).
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.collect import archive_events as made

TRACKED = ((501_771_001, "nova-demo/api"), (501_771_002, "nova-demo/web"), (501_771_003, "nova-demo/mobile"))
OURS_EVERY = 100
POOL = 60
SHARES = {
    "PushEvent": 60, "CreateEvent": 14, "PullRequestEvent": 7, "WatchEvent": 5, "IssueCommentEvent": 4,
    "DeleteEvent": 3, "PullRequestReviewEvent": 2, "IssuesEvent": 2, "PullRequestReviewCommentEvent": 1,
    "ForkEvent": 1, "ReleaseEvent": 1,
}  # fmt: skip
"""In percent, as counted in hours of 2024."""
OURS = ("PullRequestEvent", "IssueCommentEvent", "IssuesEvent", "PullRequestReviewEvent", "PushEvent")


def write(path: Path, events: int, seed: int = 7) -> Path:
    """An hour with so many events, the same for the same seed."""
    packer = zlib.compressobj(6, wbits=31)
    with path.open("wb") as file:
        for lines in _portions(events, random.Random(seed)):
            file.write(packer.compress(lines))
        file.write(packer.flush())
    return path


def _portions(events: int, dice: random.Random) -> Iterator[bytes]:
    words = ["".join(dice.choices("abcdefghijklmnopqrstuvwxyz", k=dice.randint(2, 11))) for _ in range(4000)] + [
        "naïve",
        "☕",
    ]
    pools = {kind: [_payload(kind, dice, words) for _ in range(POOL)] for kind in SHARES}
    kinds, weights = tuple(SHARES), tuple(SHARES.values())
    lines: list[bytes] = []
    for count in range(events):
        ours = count % OURS_EVERY == OURS_EVERY // 2
        kind = dice.choice(OURS) if ours else dice.choices(kinds, weights)[0]
        repo = dice.choice(TRACKED) if ours else (dice.randrange(10**9), f"{dice.choice(words)}/{dice.choice(words)}")
        who = (dice.randrange(10**8), dice.choice(words))
        at = f"2024-05-01T15:{count * 60 // events:02d}:{dice.randrange(60):02d}Z"
        shell = made.line(made.event(kind, {}, id=38_000_000_000 + count, at=at, repo=repo, actor=who))
        lines.append(shell.replace(b'"payload":{}', b'"payload":' + dice.choice(pools[kind]), 1))
        if len(lines) == 2000 or count == events - 1:
            yield b"\n".join(lines) + b"\n"
            lines = []


def _payload(kind: str, dice: random.Random, words: list[str]) -> bytes:
    number = dice.randrange(1, 400)
    text = " ".join(dice.choices(words, k=dice.choice((5, 30, 80, 200))))
    item = {"title": text[:60], "body": text, "user": made.user(dice.randrange(10**8), dice.choice(words))}
    pull = {**made.pull(number, **item), "base": _side(dice, words), "head": _side(dice, words)}
    payloads: dict[str, dict[str, Any]] = {
        "PullRequestEvent": {"action": dice.choice(("opened", "closed")), "number": number, "pull_request": pull},
        "PullRequestReviewEvent": {"action": "created", "review": made.review(number, dice.randrange(10**9)), "pull_request": pull},
        "PullRequestReviewCommentEvent": {"action": "created", "comment": made.review_comment(number), "pull_request": pull},
        "IssuesEvent": {"action": dice.choice(("opened", "closed")), "issue": made.issue(number, **item)},
        "IssueCommentEvent": {"action": "created", "issue": made.issue(number, **item), "comment": made.comment(number, dice.randrange(10**9), body=text)},
        "ForkEvent": {"forkee": made.repository(dice.randrange(10**9), f"{dice.choice(words)}/{dice.choice(words)}")},
        "ReleaseEvent": {"action": "published", "release": made.release(dice.randrange(10**9), body=text)},
        "WatchEvent": {"action": "started"},
        "CreateEvent": {"ref": "topic", "ref_type": "branch", "master_branch": "main", "description": text[:90], "pusher_type": "user"},
        "DeleteEvent": {"ref": "topic", "ref_type": "branch", "pusher_type": "user"},
        "PushEvent": {"push_id": dice.randrange(10**10), "size": 1, "distinct_size": 1, "ref": "refs/heads/main", "head": f"{dice.getrandbits(160):040x}", "before": f"{dice.getrandbits(160):040x}", "commits": [{"sha": f"{dice.getrandbits(160):040x}", "message": text[:70], "distinct": True}]},
    }  # fmt: skip
    return made.line(payloads[kind])


def _side(dice: random.Random, words: list[str]) -> dict[str, Any]:
    repo = made.repository(dice.randrange(10**9), f"{dice.choice(words)}/{dice.choice(words)}")
    return {
        "label": "x:topic",
        "ref": "topic",
        "sha": f"{dice.getrandbits(160):040x}",
        "user": repo["owner"],
        "repo": repo,
    }
