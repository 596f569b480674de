"""One copy of the program for each data folder: a second start brings the first one's window forward."""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path

from PySide6.QtCore import QLockFile, QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

logger = logging.getLogger(__name__)

PATIENCE_MS = 2000


class ProfileLock(QObject):
    """Holds the folder's lock, or knows how to reach the copy that holds it; `called` when a second copy calls."""

    called = Signal()

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._file = QLockFile(str(folder / "window.lock"))
        # A crashed copy's lock is taken over at once: the file names a process that is no more.
        self._file.setStaleLockTime(0)
        self._name = "galaxy-desktop-" + hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:16]
        self._server: QLocalServer | None = None
        self.taken = self._file.tryLock(0)
        if self.taken:
            self._listen()

    def ask_to_come_forward(self) -> bool:
        """Ask the copy that holds the lock to show its window; says whether it heard."""
        socket = QLocalSocket()
        socket.connectToServer(self._name)
        if not socket.waitForConnected(PATIENCE_MS):
            return False
        socket.disconnectFromServer()
        return True

    def _listen(self) -> None:
        QLocalServer.removeServer(self._name)
        server = QLocalServer(self)
        server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        server.newConnection.connect(self._heard)
        if not server.listen(self._name):
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

    def _heard(self) -> None:
        connection = self._server.nextPendingConnection() if self._server is not None else None
        if connection is not None:
            connection.deleteLater()
            self.called.emit()
