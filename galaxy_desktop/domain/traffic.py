"""What went over the network: one line a request, one a host, and what a day cost.

Paths are kept without secrets; tokens and bodies are kept nowhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request to GitHub and how it ended.

    `repository` is "owner/name" or "" ; `entity` the list it was for ("issues", "graphql details", ...).
    `status` is the HTTP status, `None` when no answer came; `outcome` says it in a word or two ("ok", "not modified",
    "rate limit", "offline", "broken", ...). `cost` is how much of the quota it used, `remaining` what was left then of
    `resource` ("core", "graphql", "search"). Bytes are of bodies as received and sent.
    """

    at: datetime
    host: str
    repository: str
    entity: str
    method: str
    path: str
    status: int | None
    outcome: str
    cost: int
    resource: str
    remaining: int | None
    bytes_in: int
    bytes_out: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What one list of one repository cost on one day (UTC)."""

    day: date
    repository: str
    entity: str
    requests: int
    quota: int
    bytes_in: int
    bytes_out: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HostTraffic:
    """Every connection to one host for one purpose; `denied` counts those that were refused."""

    host: str
    purpose: str
    connections: int
    denied: int
    bytes_in: int
    bytes_out: int
    first_at: datetime
    last_at: datetime


class EgressGate(Protocol):
    """The one door to the network: everything that leaves the process asks here first."""

    def pass_out(self, host: str, port: int, purpose: str) -> None:
        """Note that a connection is about to be made; raises `NetworkOffError` while the network is switched off."""

    def count(self, host: str, purpose: str, received: int, sent: int) -> None:
        """Add bytes to what a host received and sent for a purpose."""


class OpenGate:
    """A gate that lets everything pass and counts nothing, for tests and for single commands."""

    def pass_out(self, host: str, port: int, purpose: str) -> None:
        """Let it pass."""

    def count(self, host: str, purpose: str, received: int, sent: int) -> None:
        """Count nothing."""
