"""Our own icons: SVG files of one color, tinted at run time, sharp at every scale of the screen."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QGuiApplication, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from galaxy_desktop.paths import resources_folder


def scales() -> tuple[float, ...]:
    """The pixels a point of the screens that are there: an icon is drawn for these, and no other.

    Pictures for scales that no screen has are time before the window stands, for nobody to see. Pages make their icons
    anew with what they show, so a sharper screen that is plugged in later gets its own.
    """
    return tuple(sorted({screen.devicePixelRatio() for screen in QGuiApplication.screens()})) or (1.0,)


class Icons:
    """Reads each file once, and draws it in the color and size that is asked for."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or resources_folder() / "icons"
        self._draw = lru_cache(maxsize=256)(self._drawn)
        self._text = lru_cache(maxsize=64)(self._read)

    def icon(self, name: str, color: str = "#000000", size: int = 24) -> QIcon:
        """An icon for buttons, lists and the tray."""
        made = QIcon()
        for scale in scales():
            made.addPixmap(self.pixmap(name, color, size, scale))
        return made

    def pixmap(self, name: str, color: str, size: int, scale: float = 1.0) -> QPixmap:
        """A picture of `size` points for a screen with `scale` pixels a point."""
        return self._draw(name, color, size, scale)

    def _read(self, name: str) -> str:
        return (self._folder / f"{name}.svg").read_text(encoding="utf-8")

    def _drawn(self, name: str, color: str, size: int, scale: float) -> QPixmap:
        text = self._text(name).replace("currentColor", color)
        drawing = QSvgRenderer(QByteArray(text.encode()))
        side = round(size * scale)
        picture = QPixmap(QSize(side, side))
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        drawing.render(painter, QRectF(0, 0, side, side))
        painter.end()
        picture.setDevicePixelRatio(scale)
        return picture
