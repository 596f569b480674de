"""A proxy as companies have them, on loopback: it tunnels to the one server behind it, or says no."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class ConnectProxy:
    """Keeps what it was asked: "CONNECT host:port" and the credentials that came along; and all that it carried."""

    url: str
    asked: list[str] = field(default_factory=list)
    credentials: list[str] = field(default_factory=list)
    carried: bytearray = field(default_factory=bytearray)


@contextmanager
def connect_proxy(behind: int, *, status: int = 200) -> Iterator[ConnectProxy]:
    """A proxy in front of a port of this computer, whatever host is asked for; with another status it refuses."""
    listener = socket.create_server(("127.0.0.1", 0))
    proxy = ConnectProxy(f"http://127.0.0.1:{listener.getsockname()[1]}")
    threads: list[threading.Thread] = []

    def listen() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            threads.append(threading.Thread(target=_serve, args=(proxy, client, behind, status)))
            threads[-1].start()

    acceptor = threading.Thread(target=listen)
    acceptor.start()
    try:
        yield proxy
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        acceptor.join()
        for thread in threads:
            thread.join()


def _serve(proxy: ConnectProxy, client: socket.socket, behind: int, status: int) -> None:
    with client:
        head = b""
        while b"\r\n\r\n" not in head:
            piece = client.recv(4096)
            if not piece:
                return
            head += piece
        lines = head.decode("latin-1").split("\r\n")
        proxy.asked.append(lines[0].rsplit(" ", 1)[0])
        proxy.credentials += [
            line.partition(": ")[2] for line in lines if line.lower().startswith("proxy-authorization")
        ]
        if status != 200:
            client.sendall(f"HTTP/1.1 {status} No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
            return
        with socket.create_connection(("127.0.0.1", behind)) as server:
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = threading.Thread(target=_pump, args=(server, client, proxy.carried))
            back.start()
            _pump(client, server, proxy.carried)
            back.join()


def _pump(source: socket.socket, target: socket.socket, carried: bytearray) -> None:
    """Carry bytes one way until that way ends."""
    try:
        while piece := source.recv(65_536):
            carried += piece
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        return
