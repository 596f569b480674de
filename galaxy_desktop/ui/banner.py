"""What stands above every page until it is no longer so: demo data, no network, a token that GitHub refuses."""

from __future__ import annotations

from dataclasses import dataclass

from galaxy_desktop.domain.work import RepositoryState
from galaxy_desktop.paths import MAIN
from galaxy_desktop.ui import words
from galaxy_desktop.ui.sync_wishes import SetNetwork
from galaxy_desktop.ui.theme import Tone
from galaxy_desktop.ui.view import View
from galaxy_desktop.ui.wishes import OpenPage, SetUp, SyncNow, Wish


@dataclass(frozen=True, slots=True)
class Banner:
    """A sentence, and what a person can do about it."""

    sentence: str
    tone: Tone
    action: str
    wish: Wish


def banner_of(view: View) -> Banner | None:
    """The banner that is called for, the one that concerns everything first."""
    if view.profile != MAIN:
        said = "This is demo data. Connect GitHub to see your own sprints."
        return Banner(said, Tone.ACCENT, "Connect GitHub", SetUp())
    repositories = view.analysis.repositories if view.analysis is not None else ()
    states = {r.state for r in repositories}
    if RepositoryState.TOKEN_REJECTED in states:
        said = "GitHub does not accept the token any more. What is shown is from before."
        return Banner(said, Tone.BAD, "Replace the token", OpenPage("settings"))
    if states == {RepositoryState.OFFLINE}:
        synced = [r.synced_at for r in repositories if r.synced_at is not None]
        age = f" What is shown is from {words.clock(min(synced), view.now)}." if synced else ""
        if not view.network_on:
            said = f"The network is switched off.{age} Everything but fetching goes on working."
            return Banner(said, Tone.WATCH, "Turn it on", SetNetwork(on=True))
        said = f"GitHub cannot be reached.{age} Everything but fetching goes on working."
        return Banner(said, Tone.WATCH, "Try again", SyncNow())
    return None
