"""The second line of defense at the door: what did not pass the gate does not leave the process either.

Our own clients ask `Egress.pass_out` before each request. Libraries do not: a telemetry call, an update check or a
download that some dependency makes would pass unseen. So a hook of Python's audit events looks at every look-up,
connection and datagram of every thread, and refuses what is neither local nor announced through the gate.

A hook can never be removed, and it runs for every audit event of the interpreter; therefore `install` is called once,
by the program's start and by nothing else, and the hook's first act is one look into a small table. What it refuses is
an `OSError`, which every network library treats as "no connection". It must not import, block or write to the
database: it runs inside other people's code, under other people's locks.

Addresses: the hook sees numbers, the gate names hosts. From the first announcement on `socket.getaddrinfo` is wrapped,
so that the numbers of an announced host are known. Where a proxy is configured all numbers are the proxy's; there a
connection is let through for threads that announced something a moment ago.

What it cannot see is native code that opens sockets by itself (Qt, gRPC) and child processes; the tests look at the
whole process with strace for that.
"""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

logger = logging.getLogger(__name__)

Refused = Callable[[str], None]
"""Hears of a host that was refused; called on any thread, inside the refused call."""

ANNOUNCED_S = 60.0
"""How long an announcement lets its thread talk to the proxy."""
MOST_UNHEARD = 100

_LOOKUPS = frozenset({"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo"})
_SENDS = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
_WATCHED = _LOOKUPS | _SENDS
_LOCAL_FAMILIES = frozenset({"AF_UNIX", "AF_NETLINK", "AF_ALG"})
_INTERNET = frozenset({"AF_INET", "AF_INET6"})


class UnannouncedConnectionError(PermissionError):
    """Something tried to leave the process without passing the gate."""


class Guard:
    """Knows what was announced, and refuses the rest; the methods may be called on any thread."""

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, prepare: Callable[[Guard], None] | None = None
    ) -> None:
        """Lets nothing out yet; `clock` is in seconds, `prepare` is called once, before the first announcement."""
        self._clock = clock
        self._prepare = prepare
        self._lock = threading.RLock()
        self._on = True
        self._ports: dict[str, set[int]] = {}
        self._hosts: dict[str, set[str]] = {}
        self._threads: dict[int, float] = {}
        self._proxies: frozenset[tuple[str, int]] = frozenset()
        self._listener: Refused | None = None
        self._unheard: list[str] = []
        self._logged: set[str] = set()

    def attach(self, listener: Refused, *, on: bool, proxies: Sequence[tuple[str, int]] = ()) -> None:
        """Let a ledger hear of refusals from now on, of those that nobody heard so far at once."""
        with self._lock:
            self._listener, self._on = listener, on
            self._proxies = frozenset((_plain(host), port) for host, port in proxies)
            self._forget_announcements()
            unheard, self._unheard = self._unheard, []
        for host in unheard:
            listener(host)

    def detach(self, listener: Refused) -> None:
        """End what `attach` began; nothing is announced any more. Nothing happens when another one took over."""
        with self._lock:
            if self._listener == listener:
                self._listener = None
                self._forget_announcements()

    def switch(self, *, on: bool) -> None:
        """Let announced connections out, or none at all."""
        with self._lock:
            self._on = on
            self._forget_announcements()

    def announce(self, host: str, port: int) -> None:
        """Let connections to this host and port out."""
        with self._lock:
            if self._prepare is not None:
                prepare, self._prepare = self._prepare, None
                prepare(self)
            self._ports.setdefault(_plain(host), set()).add(port)
            self._threads[threading.get_ident()] = self._clock()

    def learn(self, host: str, addresses: Sequence[str]) -> None:
        """Remember the addresses of an announced host or of the proxy; others are of no interest."""
        with self._lock:
            if _plain(host) in self._ports or any(_plain(host) == name for name, _ in self._proxies):
                for address in addresses:
                    self._hosts.setdefault(_plain(address), set()).add(_plain(host))

    def look(self, event: str, args: Sequence[Any]) -> None:
        """Judge one audit event.

        Raises:
            UnannouncedConnectionError: it would leave this computer and was not announced.
        """
        if event in _LOOKUPS:
            asked = args[0][0] if event == "socket.getnameinfo" else args[0]
            host = _text(asked)
            if is_local(host) or (_is_number(host) and event != "socket.gethostbyaddr") or self._may_look_up(host):
                return
            self._refuse(host)
        family, address = _family(args[0]), args[1]
        if address is None or family in _LOCAL_FAMILIES:
            return
        if family not in _INTERNET or not isinstance(address, tuple):
            self._refuse(family)
        host, port = _text(address[0]), int(address[1])
        if not self._may_connect(host, port):
            self._refuse(host)

    def _may_look_up(self, host: str) -> bool:
        with self._lock:
            proxy = any(host == name for name, _ in self._proxies) and self._announced_lately()
            return self._on and (proxy or host in self._ports or host in self._hosts)

    def _may_connect(self, host: str, port: int) -> bool:
        """Local, announced, or the proxy; a proxy is a way out also where it runs on this computer."""
        with self._lock:
            names = {host} | self._hosts.get(host, set())
            if any((name, port) in self._proxies for name in names) or (
                is_local(host) and any(is_local(name) and port == at for name, at in self._proxies)
            ):
                return self._on and self._announced_lately()
            return is_local(host) or (self._on and any(port in self._ports.get(name, ()) for name in names))

    def _announced_lately(self) -> bool:
        announced = self._threads.get(threading.get_ident())
        return announced is not None and self._clock() - announced <= ANNOUNCED_S

    def _refuse(self, host: str) -> None:
        with self._lock:
            listener = self._listener
            if listener is None and len(self._unheard) < MOST_UNHEARD:
                self._unheard.append(host)
            new = host not in self._logged
            self._logged.add(host)
        if new:
            logger.warning("A connection to %s was refused: it did not pass the gate of the network", host)
        if listener is not None:
            listener(host)
        raise UnannouncedConnectionError(f"Galaxy Desktop lets nothing out that was not announced: {host}")

    def _forget_announcements(self) -> None:
        self._ports.clear()
        self._hosts.clear()
        self._threads.clear()


def _learn_addresses(guard: Guard) -> None:
    """Wrap `socket.getaddrinfo`, so that the numbers of an announced host are known when they are connected to."""
    import socket  # noqa: PLC0415 - the window's first paint need not wait for it

    look_up = socket.getaddrinfo

    def getaddrinfo(host: Any, port: Any, *args: Any, **more: Any) -> Any:
        found = look_up(host, port, *args, **more)
        guard.learn(_text(host), [str(entry[4][0]) for entry in found])
        return found

    socket.getaddrinfo = getaddrinfo


_INSTALLED: list[Guard] = []
"""The one guard of this process: audit hooks belong to the process, so this is no choice."""


def install() -> Guard:
    """Watch this process from now on, for good; a second call returns the guard of the first."""
    if not _INSTALLED:
        guard = Guard(prepare=_learn_addresses)
        _INSTALLED.append(guard)
        look, watched = guard.look, _WATCHED

        def hook(event: str, args: tuple[Any, ...]) -> None:
            if event in watched:
                look(event, args)

        sys.addaudithook(hook)
    return _INSTALLED[0]


def installed() -> Guard | None:
    """The guard of this process, if it is watched."""
    return _INSTALLED[0] if _INSTALLED else None


def is_local(host: str) -> bool:
    """Whether a host is this computer, by name or by number, IPv4 inside IPv6 included."""
    host = _plain(host)
    if host in ("", "localhost", "localhost.localdomain", "ip6-localhost", "ip6-loopback") or host.endswith(
        ".localhost"
    ):
        return True
    number = _number(host)
    return number is not None and (number.is_loopback or number.is_unspecified)


def _number(host: str) -> Any:
    """The address that a text is, IPv4 inside IPv6 taken out; `None` for a name."""
    import ipaddress  # noqa: PLC0415 - the window's first paint need not wait for it

    try:
        number = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None
    return getattr(number, "ipv4_mapped", None) or number


def _is_number(host: str) -> bool:
    return _number(host) is not None


def _plain(host: str) -> str:
    """A host as it is compared: lower case, without brackets, final dot and zone; one spelling for each number."""
    host = host.strip("[]").rstrip(".").lower()
    number = _number(host)
    return host if number is None else str(number)


def _text(host: Any) -> str:
    if isinstance(host, bytes | bytearray):
        return _plain(bytes(host).decode("ascii", "replace"))
    return _plain(str(host)) if host is not None else ""


def _family(socket: Any) -> str:
    family = getattr(socket, "family", None)
    return str(getattr(family, "name", family))
