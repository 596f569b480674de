"""What the demo teams ship: deployments of the API, releases of the web and mobile apps, and now and then a failure.

Kept apart from the random draws of the demo: what is shipped follows from the days alone, so that it changes nothing
else in the workspace.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from galaxy_desktop.domain.repository_facts import Deployment, Release
from galaxy_desktop.domain.work import Repository

DEPLOY_DAYS = (1, 3)
"""Tuesdays and Thursdays."""
FAILS_EVERY = 9
HOUR = time(15)


def shipped(
    repository: Repository, place: int, first_days: Sequence[date], now: datetime
) -> list[Deployment | Release]:
    """What one repository shipped since the first of these sprints began; nothing in a first week.

    `place` is its place among the demo's repositories: the first deploys, the others release once a sprint.
    """
    if len(first_days) < 2:
        return []
    return _deployments(repository, first_days[0], now) if place == 0 else _releases(repository, place, first_days, now)


def _deployments(repository: Repository, first: date, now: datetime) -> list[Deployment | Release]:
    """Two a week; every ninth fails and is put right two hours later."""
    found: list[Deployment | Release] = []
    days = [first + timedelta(days=n) for n in range((now.date() - first).days + 1)]
    for number, day in enumerate(day for day in days if day.weekday() in DEPLOY_DAYS):
        at = datetime.combine(day, HOUR, now.tzinfo)
        failed = number % FAILS_EVERY == FAILS_EVERY // 2
        tries = [(at, "failure"), (at + timedelta(hours=2), "success")] if failed else [(at, "success")]
        for again, (moment, state) in enumerate(tries):
            if moment <= now:
                found.append(_deployment(repository, number * 2 + again, moment, state, now))
    return found


def _deployment(repository: Repository, number: int, at: datetime, state: str, now: datetime) -> Deployment:
    return Deployment(
        repository_id=repository.id, repository=repository.full_name, id=repository.id * 1_000 + number,
        sha=hashlib.sha1(f"{repository.id}/{number}".encode(), usedforsecurity=False).hexdigest(), ref="main",
        environment="production", state=state, created_at=at, updated_at=at, url=f"{repository.url}/deployments",
        observed_at=now,
    )  # fmt: skip


def _releases(
    repository: Repository, place: int, first_days: Sequence[date], now: datetime
) -> list[Deployment | Release]:
    """One at the end of each past sprint; in one sprint of the web app a hotfix follows a day later."""
    found: list[Deployment | Release] = []
    for number, day in enumerate(first_days[1:], start=1):
        at = datetime.combine(day - timedelta(days=3), HOUR, now.tzinfo)
        versions = [(f"v2.{number}.0", at)]
        if place == 1 and number == len(first_days) - 2:
            versions.append((f"v2.{number}.1", at + timedelta(days=1)))
        for tag, moment in versions:
            if moment <= now:
                found.append(_release(repository, len(found) + 1, tag, moment, now))
    return found


def _release(repository: Repository, number: int, tag: str, at: datetime, now: datetime) -> Release:
    return Release(
        repository_id=repository.id, repository=repository.full_name, id=repository.id * 1_000 + number, tag=tag, name=tag,
        draft=False, prerelease=False, author=None, created_at=at, published_at=at,
        url=f"{repository.url}/releases/tag/{tag}", observed_at=now,
    )  # fmt: skip
