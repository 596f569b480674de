"""The program as far as the outbox goes, in a process of its own, which kills itself at a given request.

Arguments: address, token, folder of the profile, and "send:N:before", "send:N:after" or "none": at the N-th write
the process is gone, before the request went out or after its answer came and before anything was kept.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from galaxy_desktop.collect.answers import Answer
from galaxy_desktop.collect.budget import Budget
from galaxy_desktop.collect.github_client import GitHub
from galaxy_desktop.paths import DataFolder
from galaxy_desktop.services import clock
from galaxy_desktop.services.outbox import Outbox
from galaxy_desktop.store.database import Store


class Mortal(GitHub):
    """GitHub in a process that dies at one of its writes."""

    death = "none"
    writes = 0

    def send(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Answer:
        """One write, and maybe the last thing this process does."""
        self.writes += 1
        if self.death == f"send:{self.writes}:before":
            os.kill(os.getpid(), signal.SIGKILL)
        answer = super().send(method, path, body)
        if self.death == f"send:{self.writes}:after":
            os.kill(os.getpid(), signal.SIGKILL)
        return answer


async def send(url: str, token: str, folder: Path, death: str) -> None:
    """Send what is approved in a profile."""

    def connect() -> GitHub:
        github = Mortal(url, token, Budget(clock.now), clock.now)
        github.death = death
        return github

    with Store.open(DataFolder(folder)) as store:
        outbox = Outbox(store, connect, clock.now)
        outbox.reconnected()
        await outbox.settled()
        await outbox.close()


if __name__ == "__main__":
    asyncio.run(send(sys.argv[1], sys.argv[2], Path(sys.argv[3]), sys.argv[4]))
