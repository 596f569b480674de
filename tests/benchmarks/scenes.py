"""The scripts that play the user: polling with changes, the jobs behind evaluations, and waiting."""

from __future__ import annotations

import asyncio
import sys
import time
from datetime import datetime

from galaxy_desktop.domain.sync import Page
from galaxy_desktop.domain.work import Comment
from galaxy_desktop.paths import data_folder
from galaxy_desktop.services import clock
from galaxy_desktop.services import demo_texts as texts
from tests.benchmarks.github_source import Source
from tests.benchmarks.machine import most_held
from tests.benchmarks.rehearsal import Report, Stage, rehearse

IDLE_S = 10.0
TALK = 500
"""New comments on the last demo: what a busy week brings into the index."""
DEMOS = ("first-week", "healthy", "slipping", "blocked")
COLD = ("importing the workspace", "open", "start", "sync", "evaluate", "index", "prose")


def polls(*, quick: bool) -> Report:
    """Fetch three repositories, then poll them as time passes there; nothing runs behind."""
    source = Source.from_text(sys.argv[2])
    first = datetime.fromisoformat(source.moments[0])
    _track(source.repositories[0])

    async def script(stage: Stage) -> Report:
        await stage.settled(1)
        for name in source.repositories[1:]:
            await stage.workspace.add_repository(name)
        await stage.until(lambda: len(stage.workspace.store.repositories()) == len(source.repositories))
        await stage.until(lambda: len(stage.analyzed) > 1)
        await stage.workspace.refresh()
        stage.analyzed.clear()
        waits: list[float] = []
        for moment in source.moments[1:]:
            stage.days_back = clock.now() - datetime.fromisoformat(moment)
            source.move(moment)
            waits.append(await _polled(stage))
        return {
            "from_evaluation": [seconds for _, seconds, _ in stage.analyzed],
            "from_wish": waits,
            "to_screen": [stage.shown[as_of] - at for at, _, as_of in stage.analyzed],
            "snapshot": await asyncio.to_thread(_read_snapshot, stage),
            "items": stage.report["items"],
            "imports": stage.stalls(*COLD, first=True),
            "sync": stage.stalls("sync"),
            "evaluate": stage.stalls("evaluate"),
            "idle": await _idle(stage, quick=quick),
        }

    return rehearse(Stage(script, behind=False, days_back=clock.now() - first))


async def _polled(stage: Stage) -> float:
    """Sync as a user would ask for it; the seconds until the evaluation was shown."""
    begun, before = time.monotonic(), len(stage.analyzed)
    await stage.workspace.refresh()
    await stage.until(lambda: len(stage.analyzed) > before and stage.analyzed[-1][2] in stage.shown)
    return stage.shown[stage.analyzed[-1][2]] - begun


def _read_snapshot(stage: Stage) -> float:
    """Seconds to read everything; how many items that are goes into the report."""
    begun = time.monotonic()
    stage.report["items"] = len(stage.workspace.store.snapshot().items)
    return time.monotonic() - begun


def behind(*, quick: bool) -> Report:
    """Open one demo after the other, and let index and prose follow each."""
    names = (DEMOS[0], DEMOS[-1]) if quick else DEMOS

    async def script(stage: Stage) -> Report:
        await stage.settled(1)
        for n, name in enumerate(names[1:], start=2):
            stage.conductor.profile_wanted.emit(f"demo: {name}")
            await stage.settled(n)
        await asyncio.to_thread(_talk, stage, 10 if quick else TALK)
        await stage.workspace.refresh()
        await stage.settled(len(names) + 1)
        return {
            "imports": stage.stalls(*COLD, first=True),
            "index": stage.stalls("index"),
            "prose": stage.stalls("prose"),
            "idle": await _idle(stage, quick=quick),
            "memory": stage.memory,
        }

    return rehearse(Stage(script), "--demo", names[0])


def _talk(stage: Stage, count: int) -> None:
    """Let people write comments of different lengths on one item."""
    store = stage.workspace.store
    item = store.snapshot().items[-1]
    comments = tuple(
        Comment(
            repository_id=item.repository_id, repository=item.repository, id=n, item_number=item.number, author=None,
            body=" ".join(texts.CALM[(n + i) % len(texts.CALM)] for i in range(n % 12 + 1)), created_at=item.updated_at,
            updated_at=item.updated_at, url=f"{item.url}#c{n}", observed_at=item.observed_at,
        )
        for n in range(1, count + 1)
    )  # fmt: skip
    store.apply(Page(repository_id=item.repository_id, records=comments)).result()


def memory(*, quick: bool) -> Report:
    """Open a demo, and let what is switched on follow: how much memory there is before and after each."""
    assert quick in (True, False)

    async def script(stage: Stage) -> Report:
        await stage.settled(1)
        await asyncio.sleep(0.5)
        stage.remember_memory("at the end")
        return dict(stage.memory)

    return rehearse(Stage(script), "--demo", DEMOS[2])


def memory_repositories(*, quick: bool) -> Report:
    """Fetch three repositories into an empty profile, and let index and tones follow: memory, and the most there was."""
    assert quick in (True, False)
    source = Source.from_text(sys.argv[2])
    moment = datetime.fromisoformat(source.moments[-1])
    source.move(source.moments[-1])
    _track(source.repositories[0], prose=False)

    async def script(stage: Stage) -> Report:
        await stage.settled(1)
        for name in source.repositories[1:]:
            await stage.workspace.add_repository(name)
        await stage.until(lambda: len(stage.workspace.store.repositories()) == len(source.repositories))
        await stage.workspace.refresh()
        await stage.until(lambda: stage.workspace._background is not None)
        await stage.workspace._background.idle()
        await asyncio.sleep(0.5)
        stage.remember_memory("at the end")
        library = stage.workspace._background._library
        return {**stage.memory, "peak": most_held(), "texts": await asyncio.to_thread(library._index.count)}

    return rehearse(Stage(script, days_back=clock.now() - moment))


def _track(name: str, *, prose: bool = True) -> None:
    """Put a first repository into the profile, as the welcome steps do, and choose whether the model writes."""
    from galaxy_desktop.store.database import Store

    with Store.open(data_folder()) as store:
        store.track(name).result()
        store.set_setting("prose", str(prose).lower(), "benchmark", clock.now()).result()


async def _idle(stage: Stage, *, quick: bool) -> Report:
    assert stage.heart is not None
    with stage.heart.span("idle"):
        await asyncio.sleep(0.5 if quick else IDLE_S)
    return stage.stalls("idle", first=True)
