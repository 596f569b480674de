"""One copy of the program for each data folder: a second start brings the first one's window forward.

The lock is taken before the window stands; listening begins after it, so a second copy that is started in the same
moment asks until it is heard.
"""

from __future__ import annotations

import logging
import time
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QLockFile, QObject, Signal

if TYPE_CHECKING:
    from PySide6.QtNetwork import QLocalServer

logger = logging.getLogger(__name__)

PATIENCE_S = 2.0
LOOK_S = 0.05


class ProfileLock(QObject):
    """Holds the folder's lock, or knows how to reach the copy that holds it; `called` when a second copy calls."""

    called = Signal()

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._file = QLockFile(str(folder / "window.lock"))
        # A crashed copy's lock is taken over at once: the file names a process that is no more.
        self._file.setStaleLockTime(0)
        self._folder = folder
        self._server: QLocalServer | None = None
        self.taken = self._file.tryLock(0)

    def ask_to_come_forward(self) -> bool:
        """Ask the copy that holds the lock to show its window; says whether it heard."""
        from PySide6.QtNetwork import QLocalSocket  # noqa: PLC0415 - the usual start asks nobody

        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            socket = QLocalSocket()
            socket.connectToServer(self._name())
            if socket.waitForConnected(int(PATIENCE_S * 1000)):
                socket.disconnectFromServer()
                return True
            time.sleep(LOOK_S)
        return False

    def listen(self) -> None:
        """Hear other copies from now on; for the one that holds the lock."""
        from PySide6.QtNetwork import QLocalServer  # noqa: PLC0415 - the window stands first

        QLocalServer.removeServer(self._name())
        server = QLocalServer(self)
        server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        server.newConnection.connect(self._heard)
        if not server.listen(self._name()):
            logger.info("A second start cannot reach this one: %s", server.errorString())
        self._server = server

    def release(self) -> None:
        """Let another copy have the folder."""
        if self._server is not None:
            self._server.close()
            self._server = None
        if self.taken:
            self._file.unlock()
            self.taken = False

    def _name(self) -> str:
        import hashlib  # noqa: PLC0415 - the window stands first

        return "galaxy-desktop-" + hashlib.sha256(str(self._folder.resolve()).encode()).hexdigest()[:16]

    def _heard(self) -> None:
        connection = self._server.nextPendingConnection() if self._server is not None else None
        if connection is not None:
            connection.deleteLater()
            self.called.emit()
