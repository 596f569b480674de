"""A diff as shown before something is sent: a sign, a color and the text of each line, all of it readable."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QFontDatabase, QSyntaxHighlighter, QTextCharFormat, QTextDocument
from PySide6.QtWidgets import QPlainTextEdit, QSizePolicy

from galaxy_desktop.ui.theme import Look, Tone, ink, paper

MOST_ROWS = 12
ROUNDING = 2
"""What is lost to rounding; a scroll bar for a pixel would hide a line."""
_TONES = {"+": Tone.GOOD, "-": Tone.BAD}


class DiffView(QPlainTextEdit):
    """Lines that begin with "+ ", "- " or two spaces; as high as they need up to twelve, then it scrolls."""

    def __init__(self, look: Look, lines: Sequence[str], name: str) -> None:
        super().__init__()
        self.lines = tuple(lines) or ("  (nothing)",)
        self.setReadOnly(True)
        self.setTabChangesFocus(True)
        self.setAccessibleName(name)
        self.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setPlainText("\n".join(self.lines))
        self._paint = _Painter(self.document(), look)
        self.document().documentLayout().documentSizeChanged.connect(lambda _size: self.updateGeometry())

    def sizeHint(self) -> QSize:
        """Room for the lines as they wrap at the present width, up to twelve rows."""
        self.ensurePolished()
        rows = max(1, min(round(self.document().size().height()), MOST_ROWS))
        frame = self.height() - self.contentsRect().height()
        around = 2 * self.document().documentMargin() + frame + ROUNDING
        return QSize(super().sizeHint().width(), math.ceil(rows * self.fontMetrics().lineSpacing() + around))

    def minimumSizeHint(self) -> QSize:
        """Never lower than it wants to be."""
        return QSize(160, self.sizeHint().height())


class _Painter(QSyntaxHighlighter):
    def __init__(self, document: QTextDocument, look: Look) -> None:
        super().__init__(document)
        self._look = look
        look.changed.connect(self.rehighlight)

    def highlightBlock(self, text: str) -> None:
        """Color a line by its sign."""
        tone = _TONES.get(text[:1])
        if tone is None:
            return
        form = QTextCharFormat()
        form.setForeground(QColor(ink(self._look.colors, tone)))
        form.setBackground(QColor(paper(self._look.colors, tone)))
        self.setFormat(0, len(text), form)
