"""The door to the network: who was talked to, for what, how many bytes, and one switch that closes it.

Every request of ours asks `pass_out` first, so a switch that was turned off holds for the very next request, also in
the middle of a sync and also on a connection that is still open from before. What was let through and what was denied
is counted here and written to the store in batches; between two batches it is kept in memory, so at most the last few
seconds of a process that was killed are missing.

`connections` counts how often the door was passed: once a request, for a connection may be used for many.

Where a proxy stands between, the purpose names it: "GitHub, through proxy.example.com:3128".

Behind the door stands the guard (`egress_guard`), which refuses what did not ask here at all; its refusals are lines of
the same ledger, under the purpose "not announced".
"""

from __future__ import annotations

import csv
import io
import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit
from urllib.request import getproxies

from galaxy_desktop.domain.traffic import Exchange, HostTraffic
from galaxy_desktop.errors import GalaxyError, NetworkOffError
from galaxy_desktop.services import egress_guard
from galaxy_desktop.services.egress_guard import Guard
from galaxy_desktop.settings import Settings

logger = logging.getLogger(__name__)

NOT_ANNOUNCED = "not announced"
THROUGH = ", through "
HTTPS, HTTP = 443, 80
BATCH = timedelta(seconds=5)
"""How long counts wait in memory before they are written, while there is traffic."""
COLUMNS = ("host", "purpose", "connections", "denied", "bytes_in", "bytes_out", "first_at", "last_at")


class Ledger(Protocol):
    """What is needed of the store."""

    def add_traffic(self, rows: tuple[HostTraffic, ...]) -> Future[None]:
        """Add counts to what is stored."""
        ...

    def traffic(self) -> tuple[HostTraffic, ...]:
        """Everything counted so far."""
        ...

    def log_exchanges(self, exchanges: Sequence[Exchange]) -> Future[None]:
        """Add requests to the log and to what their days cost."""
        ...


class Egress:
    """The gate that everything leaving the process passes; the methods may be called on any thread."""

    def __init__(
        self,
        now: Callable[[], datetime],
        *,
        on: bool = True,
        ledger: Ledger | None = None,
        guard: Guard | None = None,
        proxy: str | None = None,
    ) -> None:
        """Open or closed from the start.

        Args:
            now: the clock of the ledger.
            on: whether the network is switched on.
            ledger: where counts are kept; without one they live as long as this object.
            guard: refuses what did not ask here; it is told what did.
            proxy: the address of the proxy that was set, `None` for that of the environment.
        """
        self._now = now
        self._on = on
        self._ledger = ledger
        self._guard = guard
        self._proxy = proxy
        self.switched: Callable[[bool], None] = lambda on: None
        """Called after the door was opened or closed, on the thread that did it."""
        self._ways: dict[str, str] = {}
        self._lock = threading.RLock()
        self._counted: dict[tuple[str, str], HostTraffic] = {}
        self._noted: list[Exchange] = []
        self._written_at = now()
        if guard is not None:
            guard.attach(self.refused, on=on, proxies=proxies_in_use(proxy))

    @property
    def on(self) -> bool:
        """Whether the network is switched on."""
        return self._on

    def switch(self, *, on: bool) -> None:
        """Open or close the door, for the next request of whoever is talking."""
        with self._lock:
            self._on = on
        if self._guard is not None:
            self._guard.switch(on=on)
        self.switched(on)

    def use_proxy(self, proxy: str | None) -> None:
        """From now on the way out leads over this proxy, or over that of the environment."""
        with self._lock:
            self._proxy = proxy
        if self._guard is not None:
            self._guard.attach(self.refused, on=self._on, proxies=proxies_in_use(proxy))

    def pass_out(self, host: str, port: int, purpose: str) -> None:
        """Count one passage and announce it to the guard.

        Raises:
            NetworkOffError: the network is switched off.
        """
        with self._lock:
            self._ways[host] = way_to(host, port, self._proxy) if self._on else ""
            self._add(host, self._told(host, purpose), connections=int(self._on), denied=int(not self._on))
            on = self._on
        if on and self._guard is not None:
            self._guard.announce(host, port)
        self._write_when_due()
        if not on:
            raise NetworkOffError(
                f"The network is switched off, so {host} was not asked. Switch it on in Settings to go on."
            )

    def pass_within(self, host: str, purpose: str) -> None:
        """Count a passage to a server of this computer: nothing leaves it, so the switch does not close this way."""
        self._add(host, purpose, connections=1)
        self._write_when_due()

    def count(self, host: str, purpose: str, received: int, sent: int) -> None:
        """Add bytes to what a host received and sent for a purpose."""
        self._add(host, self._told(host, purpose), bytes_in=received, bytes_out=sent)
        self._write_when_due()

    def _told(self, host: str, purpose: str) -> str:
        way = self._ways.get(host, "")
        return f"{purpose}{THROUGH}{way}" if way else purpose

    def observe(self, exchange: Exchange) -> None:
        """Note one request for the log, from those that keep none of their own; written with the counts."""
        with self._lock:
            self._noted.append(exchange)

    @property
    def noted(self) -> tuple[Exchange, ...]:
        """The requests that were noted and not written yet."""
        with self._lock:
            return tuple(self._noted)

    def refused(self, host: str) -> None:
        """Count what the guard refused; called inside that call, so nothing is written here."""
        self._add(host, NOT_ANNOUNCED, denied=1)

    def hosts(self) -> tuple[HostTraffic, ...]:
        """The whole ledger, by host and purpose; waits for the store."""
        if self._ledger is None:
            with self._lock:
                return _sorted(self._counted.values())
        self._write().result()
        return _sorted(self._ledger.traffic())

    def export(self, path: Path) -> int:
        """Write the ledger as CSV below one line that says its time span and the switch; returns the number of rows.

        Raises:
            GalaxyError: the file cannot be written.
        """
        rows = self.hosts()
        try:
            path.write_text(as_csv(rows, on=self._on), encoding="utf-8", newline="")
        except OSError as error:
            raise GalaxyError(f"The list of hosts could not be written to {path} ({error.strerror}).") from error
        return len(rows)

    def close(self) -> None:
        """Write what is left and let the guard go; waits for the store."""
        if self._guard is not None:
            self._guard.detach(self.refused)
        if self._ledger is not None:
            self._write().result()

    def _add(
        self, host: str, purpose: str, *, connections: int = 0, denied: int = 0, bytes_in: int = 0, bytes_out: int = 0
    ) -> None:
        at = self._now()
        row = HostTraffic(
            host=host, purpose=purpose, connections=connections, denied=denied, bytes_in=bytes_in, bytes_out=bytes_out,
            first_at=at, last_at=at,
        )  # fmt: skip
        with self._lock:
            known = self._counted.get((host, purpose))
            self._counted[host, purpose] = row if known is None else added(known, row)

    def _write_when_due(self) -> None:
        with self._lock:
            due = self._ledger is not None and self._now() - self._written_at >= BATCH
        if due:
            self._write()

    def _write(self) -> Future[None]:
        """Hand what was counted to the store; what it cannot keep is counted again."""
        with self._lock:
            rows, self._counted = tuple(self._counted.values()), {}
            self._written_at = self._now()
            noted = self.noted
            if self._ledger is not None:
                self._noted = []
        if self._ledger is not None and noted:
            self._ledger.log_exchanges(noted).add_done_callback(_tell_if_lost)
        if self._ledger is None or not rows:
            done: Future[None] = Future()
            done.set_result(None)
            return done
        written = self._ledger.add_traffic(rows)
        written.add_done_callback(lambda future: self._take_back(future, rows))
        return written

    def _take_back(self, written: Future[None], rows: tuple[HostTraffic, ...]) -> None:
        if written.cancelled() or written.exception() is not None:
            logger.info("The ledger of hosts could not be written; its counts are kept for the next time")
            with self._lock:
                for row in rows:
                    known = self._counted.get((row.host, row.purpose))
                    self._counted[row.host, row.purpose] = row if known is None else added(known, row)


def _tell_if_lost(written: Future[None]) -> None:
    if written.cancelled() or written.exception() is not None:
        logger.info("Requests could not be written to the log")


def egress_of(settings: Settings, ledger: Ledger | None, now: Callable[[], datetime]) -> Egress:
    """The door of one profile as its settings want it, behind it the guard of this process where one is installed."""
    return Egress(
        now, on=settings.flag("network"), ledger=ledger, guard=egress_guard.installed(), proxy=settings.proxy()
    )


def added(one: HostTraffic, other: HostTraffic) -> HostTraffic:
    """Both counts of the same host and purpose as one."""
    return replace(
        one,
        connections=one.connections + other.connections,
        denied=one.denied + other.denied,
        bytes_in=one.bytes_in + other.bytes_in,
        bytes_out=one.bytes_out + other.bytes_out,
        first_at=min(one.first_at, other.first_at),
        last_at=max(one.last_at, other.last_at),
    )


def proxies_in_use(proxy: str | None) -> tuple[tuple[str, int], ...]:
    """Host and port of the proxy that was set, or of those in the environment, as `requests` reads them."""
    addresses = [proxy] if proxy else [url for scheme, url in getproxies().items() if scheme != "no"]
    found: list[tuple[str, int]] = []
    for address in addresses:
        try:
            parts = urlsplit(address if "://" in address else f"http://{address}")
            host, port = parts.hostname, parts.port
        except ValueError:
            continue  # `requests` cannot use it either, and says so
        if host:
            found.append((host, port or (443 if parts.scheme == "https" else 80)))
    return tuple(dict.fromkeys(found))


def way_to(host: str, port: int, proxy: str | None) -> str:
    """The proxy through which a host is asked, as "proxy.example.com:3128"; "" where it is asked directly."""
    from requests.utils import should_bypass_proxies  # noqa: PLC0415 - whoever asks a host has imported it

    shown = f"[{host}]" if ":" in host else host
    if should_bypass_proxies(f"http://{shown}:{port}", no_proxy=None):
        return ""
    known = getproxies()
    schemes = ("https", "all") if port == HTTPS else ("http", "all") if port == HTTP else ("https", "http", "all")
    address = proxy or next((known[scheme] for scheme in schemes if scheme in known), "")
    found = proxies_in_use(address) if address else ()
    return f"{found[0][0]}:{found[0][1]}" if found else ""


def as_csv(rows: Iterable[HostTraffic], *, on: bool) -> str:
    """The ledger as CSV, below one line in words."""
    held = tuple(rows)
    text = io.StringIO()
    switch = "the network is switched on" if on else "the network is switched off"
    if held:
        begin, end = min(row.first_at for row in held), max(row.last_at for row in held)
        text.write(f"# Hosts talked to from {begin.isoformat()} to {end.isoformat()}; {switch}\r\n")
    else:
        text.write(f"# No host was talked to; {switch}\r\n")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for row in held:
        first, last = row.first_at.isoformat(), row.last_at.isoformat()
        writer.writerow((row.host, row.purpose, row.connections, row.denied, row.bytes_in, row.bytes_out, first, last))
    return text.getvalue()


def _sorted(rows: Iterable[HostTraffic]) -> tuple[HostTraffic, ...]:
    return tuple(sorted(rows, key=lambda row: (row.host, row.purpose)))
