"""How a remote engine reaches its server: one exchange at a time, over something that services hand in.

`reason` opens no connection of its own. What is handed in passes the program's door, knows proxies and certificates,
and can hang up at any stage from any thread, which is what makes a stop mean stop.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class WireRequest:
    """One request; `body` is sent as JSON with POST, without one it is a GET. Secrets are in `secrets`, never shown."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: Mapping[str, Any] | None = field(default=None, repr=False)


class WireAnswer(Protocol):
    """What came back: status and headers at once, the body as it comes."""

    @property
    def status(self) -> int:
        """The status."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """Its headers, their names in lower case."""
        ...

    def read(self, most: int) -> bytes:
        """The next bytes, b"" at the end; raises a `GalaxyError` when the connection breaks."""
        ...


class Wire(Protocol):
    """One exchange with one server."""

    def ask(self, request: WireRequest) -> WireAnswer:
        """Send and wait for the head of the answer; raises a `GalaxyError` with a sentence when none comes."""
        ...

    def hang_up(self) -> None:
        """End the exchange at whatever stage it is; from any thread, any number of times."""
        ...


Connect = Callable[[], Wire]
"""Makes a wire for one exchange; connects to nothing yet."""
