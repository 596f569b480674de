"""Asks GitHub whose token this is, before it is saved."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from galaxy_desktop.collect.budget import Budget
from galaxy_desktop.collect.github_client import GitHub
from galaxy_desktop.errors import GalaxyError
from galaxy_desktop.services import clock
from galaxy_desktop.services.credentials import TokenReport


def check_token(api_url: str, token: str, now: Callable[[], datetime] = clock.now) -> TokenReport:
    """What GitHub says of a token; blocking, for a worker thread. A failure is in the report, never raised."""
    if not token.strip():
        return TokenReport(ok=False, login="", sentence="Paste a token first.")
    github = GitHub(api_url, token.strip(), Budget(now), now)
    try:
        answer = github.get("/user")
    except GalaxyError as error:
        return TokenReport(ok=False, login="", sentence=str(error))
    finally:
        github.close()
    login = str(answer.rows[0].get("login") or "somebody") if answer.rows else "somebody"
    return TokenReport(ok=True, login=login, sentence=f"The token works: GitHub knows you as {login}.")
