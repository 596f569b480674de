"""The real program as a process of its own, telling on stdout what it logs.

`python stage.py real ARGUMENTS…` runs it over the real services, `python stage.py fake ARGUMENTS…` over the
hand-written workspace of tests/ui, which closes to the tray and raises one alert when it starts.
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from galaxy_desktop.app import run_app  # noqa: E402 - found through the line above
from galaxy_desktop.domain.events import AlertRaised, WorkspaceAnalyzed  # noqa: E402
from galaxy_desktop.paths import DataFolder  # noqa: E402
from tests.ui.fakes import FakeWorkspace  # noqa: E402
from tests.ui.samples import alerts, analysis  # noqa: E402


class AlertingWorkspace(FakeWorkspace):
    """Has an evaluation, and an alert as soon as it starts."""

    async def start(self) -> None:
        """Publish what a real start would."""
        await super().start()
        self.unshown = [alerts()[0]]
        self.publish(WorkspaceAnalyzed(analysis(), 0.1))
        self.publish(AlertRaised(alerts()[0]))


def fake(profile: str, folder: DataFolder) -> FakeWorkspace:
    """A workspace that needs no database."""
    return AlertingWorkspace(analysis(), profile=profile, stored={"close_to_tray": "true", "theme": "light"})


def main() -> int:
    """Run the program with its log on stdout."""
    teller = logging.StreamHandler(sys.stdout)
    teller.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    logging.getLogger("galaxy_desktop").addHandler(teller)
    kind, *arguments = sys.argv[1:]
    return run_app(arguments, opener=fake) if kind == "fake" else run_app(arguments)


if __name__ == "__main__":
    sys.exit(main())
