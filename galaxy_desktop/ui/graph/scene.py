"""Draws the dependency graph: cards from left to right, with an arrow for each edge.

Kinds of edges differ by line and arrow, states by shape and word; color only repeats what they say.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QKeyEvent,
    QPainter,
    QPainterPath,
    QPainterPathStroker,
    QPen,
    QPolygonF,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QFrame,
    QGraphicsItem,
    QGraphicsPathItem,
    QGraphicsScene,
    QGraphicsSceneMouseEvent,
    QGraphicsView,
    QStyleOptionGraphicsItem,
    QWidget,
)

from galaxy_desktop.domain.facts import EdgeKind
from galaxy_desktop.ui import words
from galaxy_desktop.ui.graph.layout import Placed, place
from galaxy_desktop.ui.graph.picture import Link, Node, Picture
from galaxy_desktop.ui.theme import TONE_ICON, Look, Role, Tone, font, ink

LETTERS_WIDE = 27
GAP_X, GAP_Y = 168.0, 26.0
LINES = {
    EdgeKind.BLOCKS: Qt.PenStyle.SolidLine,
    EdgeKind.CLOSES: Qt.PenStyle.DashLine,
    EdgeKind.PARENT: Qt.PenStyle.DashDotLine,
    EdgeKind.MENTIONS: Qt.PenStyle.DotLine,
}
ARROW = 10.0
MOST_EXTRA = 4.0
"""So much thicker is what decides every simulated run."""
WORTH_SAYING = 0.01
"""What decides more rarely is said in the tool tip and the table alone."""
CLOSEST, FARTHEST, READABLE, COMFORTABLE = 2.0, 0.25, 0.7, 0.9


class NodeItem(QGraphicsItem):
    """The card of one item."""

    def __init__(self, node: Node, look: Look, size: QRectF, opened: Callable[[Node], None]) -> None:
        super().__init__()
        self.node = node
        self._look = look
        self._size = size
        self._opened = opened
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIsFocusable)
        self.setAcceptHoverEvents(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        said = f"\n{node.numbers[:1].upper()}{node.numbers[1:]}" if node.numbers else ""
        self.setToolTip(f"{node.name}: {node.title}\n{node.state}{said}")

    def boundingRect(self) -> QRectF:
        """The card with its border."""
        return self._size.adjusted(-2, -2, 2, 2)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Draw the card: name, title, state."""
        colors, node = self._look.colors, self.node
        color = ink(colors, node.tone)
        serious = node.tone in (Tone.BAD, Tone.WATCH)
        width = 2.0 if serious else 1.2
        if node.deciding is not None:
            width += MOST_EXTRA / 2 * node.deciding
        pen = QPen(QColor(colors.accent if self.hasFocus() else color if serious else colors.line), width)
        if node.external:
            pen.setStyle(Qt.PenStyle.DashLine)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(pen)
        painter.setBrush(QColor(colors.hover if node.external else colors.surface))
        painter.drawRoundedRect(self._size, 8, 8)
        inner = self._size.adjusted(12, 9, -12, -9)
        beside = inner.adjusted(0, 0, 0, 0)
        if node.deciding is not None and node.deciding >= WORTH_SAYING:
            beside.setRight(inner.right() - self._share(painter, inner, node.deciding))
        y = self._line(painter, beside, node.name, Role.STRONG, colors.text)
        y = self._line(painter, inner.adjusted(0, y, 0, 0), node.title, Role.SMALL, colors.muted) + y
        side = QFontMetricsF(font(Role.SMALL)).height()
        place_of_state = inner.adjusted(0, y + 2, 0, 0)
        picture = self._look.icons.pixmap(TONE_ICON[node.tone], color, round(side), 2.0)
        painter.drawPixmap(
            QRectF(place_of_state.topLeft(), place_of_state.topLeft() + QPointF(side, side)),
            picture,
            QRectF(picture.rect()),
        )
        self._line(painter, place_of_state.adjusted(side + 5, 0, 0, 0), node.state, Role.SMALL, color)

    def mousePressEvent(self, event: QGraphicsSceneMouseEvent) -> None:
        """A click opens what is known of the item."""
        self._opened(self.node)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens what is known of the item."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._opened(self.node)
            return
        super().keyPressEvent(event)

    def _share(self, painter: QPainter, inner: QRectF, share: float) -> float:
        """The share of runs that it decides, at the right of its first line; returns the room that it takes."""
        letters = font(Role.STRONG)
        metrics = QFontMetricsF(letters)
        text = words.percent(share)
        width = metrics.horizontalAdvance(text)
        painter.setFont(letters)
        painter.setPen(QColor(self._look.colors.text))
        painter.drawText(QPointF(inner.right() - width, inner.top() + metrics.ascent()), text)
        return width + 8

    @staticmethod
    def _line(painter: QPainter, place_of: QRectF, text: str, role: Role, color: str) -> float:
        letters = font(role)
        metrics = QFontMetricsF(letters)
        painter.setFont(letters)
        painter.setPen(QColor(color))
        cut = Qt.TextElideMode.ElideMiddle if role is Role.STRONG else Qt.TextElideMode.ElideRight
        shown = metrics.elidedText(text, cut, place_of.width())
        line = QRectF(place_of.topLeft(), place_of.topLeft() + QPointF(place_of.width(), metrics.height()))
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, shown)
        return metrics.height() + 1


class LinkItem(QGraphicsPathItem):
    """The arrow of one edge, wide enough to be hit."""

    def __init__(self, link: Link, path: QPainterPath, look: Look, opened: Callable[[Link], None]) -> None:
        super().__init__(path)
        self.link = link
        self._look = look
        self._opened = opened
        self.setZValue(-1)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setToolTip(f"{link.sentence}\nlearned from {link.edge.source}")

    def shape(self) -> QPainterPath:
        """A band around the line."""
        stroker = QPainterPathStroker()
        stroker.setWidth(12)
        return stroker.createStroke(self.path())

    def boundingRect(self) -> QRectF:
        """The line with its arrow and word."""
        return super().boundingRect().adjusted(-16, -16, 16, 16)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Draw the line, the arrow at its end, and the word in its middle."""
        colors = self._look.colors
        color = QColor(colors.bad if self.link.critical else colors.watch if self.link.holding else colors.muted)
        width = 3.4 if self.link.critical else 2.4 if self.link.holding else 1.3
        width += MOST_EXTRA * (self.link.deciding or 0.0)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(color, width, LINES[self.link.edge.kind]))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(self.path())
        end = self.path().pointAtPercent(1.0)
        angle = math.radians(-self.path().angleAtPercent(1.0))
        wings = [
            end - QPointF(math.cos(angle + turn), math.sin(angle + turn)) * (ARROW + width) for turn in (-0.42, 0.42)
        ]
        painter.setPen(QPen(color, 1.2))
        painter.setBrush(color if self.link.edge.kind is EdgeKind.BLOCKS else QColor(colors.window))
        painter.drawPolygon(QPolygonF([end, *wings]))
        self._word(painter, color)

    def mousePressEvent(self, event: QGraphicsSceneMouseEvent) -> None:
        """A click opens what the edge was learned from."""
        self._opened(self.link)
        event.accept()

    def _word(self, painter: QPainter, color: QColor) -> None:
        text = f"{self.link.relation}, critical" if self.link.critical else self.link.relation
        if self.link.deciding is not None and self.link.deciding >= WORTH_SAYING:
            text += f"\n{words.percent(self.link.deciding)}"
        letters = font(Role.SMALL)
        metrics = QFontMetricsF(letters)
        middle = self.path().pointAtPercent(0.5)
        lines = text.split("\n")
        widest = max(metrics.horizontalAdvance(line) for line in lines)
        size = QRectF(0, 0, widest + 8, metrics.height() * len(lines))
        size.moveCenter(middle)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._look.colors.window))
        painter.drawRoundedRect(size, 3, 3)
        painter.setFont(letters)
        painter.setPen(color)
        painter.drawText(size, Qt.AlignmentFlag.AlignCenter, text)


class GraphView(QGraphicsView):
    """The whole graph: drag to move, Ctrl and wheel (or + and −) to zoom."""

    def __init__(self, look: Look, node_opened: Callable[[Node], None], link_opened: Callable[[Link], None]) -> None:
        super().__init__()
        self._look = look
        self._node_opened = node_opened
        self._link_opened = link_opened
        self._picture = Picture((), ())
        self._zoomed = False
        self.setScene(QGraphicsScene(self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setDragMode(QGraphicsView.DragMode.ScrollHandDrag)
        self.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.AnchorUnderMouse)
        self.setAccessibleName("Dependency graph; the table beside it has the same edges")
        look.changed.connect(self._repaint)
        self._repaint()

    def draw(self, picture: Picture) -> None:
        """Draw this picture; the same one is not drawn again, so that the view stays where it is."""
        if picture == self._picture:
            return
        self._picture = picture
        self._zoomed = False
        scene = self.scene()
        scene.clear()
        places = place([n.id for n in picture.nodes], [(k.edge.source_id, k.edge.target_id) for k in picture.links])
        size = self._card_size()
        for node in picture.nodes:
            item = NodeItem(node, self._look, size, self._node_opened)
            item.setPos(self._position(places[node.id], size))
            scene.addItem(item)
        for link in picture.links:
            path = self._path(places[link.edge.source_id], places[link.edge.target_id], size)
            scene.addItem(LinkItem(link, path, self._look, self._link_opened))
        scene.setSceneRect(scene.itemsBoundingRect().adjusted(-24, -24, 24, 24))
        self.fit()

    def fit(self) -> None:
        """Show all of it, but never larger than it was drawn."""
        self._zoomed = False
        self.resetTransform()
        whole, room = self.sceneRect(), self.viewport().size()
        if whole.width() > 0 and whole.height() > 0:
            fitting = min(room.width() / whole.width(), room.height() / whole.height(), 1.0)
            scale = fitting if fitting >= READABLE else COMFORTABLE
            self.scale(scale, scale)
            self.centerOn(whole.center() if fitting >= READABLE else whole.topLeft())

    def zoom(self, factor: float) -> None:
        """Come closer or go away, within reason."""
        wanted = self.transform().m11() * factor
        if FARTHEST <= wanted <= CLOSEST:
            self.scale(factor, factor)
            self._zoomed = True

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As long as the user has not zoomed, all of it stays in sight."""
        super().resizeEvent(event)
        if not self._zoomed:
            self.fit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Ctrl and wheel zoom; the wheel alone scrolls."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom(1.15 if event.angleDelta().y() > 0 else 1 / 1.15)
            event.accept()
        else:
            super().wheelEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Plus and minus zoom, zero fits."""
        factors = {Qt.Key.Key_Plus: 1.2, Qt.Key.Key_Minus: 1 / 1.2}
        if event.key() in factors:
            self.zoom(factors[Qt.Key(event.key())])
        elif event.key() == Qt.Key.Key_0:
            self.fit()
        else:
            super().keyPressEvent(event)

    def _card_size(self) -> QRectF:
        metrics = QFontMetricsF(font(Role.SMALL))
        tall = QFontMetricsF(font(Role.STRONG)).height() + 2 * metrics.height() + 24
        return QRectF(0, 0, metrics.averageCharWidth() * LETTERS_WIDE + 24, tall)

    @staticmethod
    def _position(at: Placed, size: QRectF) -> QPointF:
        return QPointF(at.layer * (size.width() + GAP_X), at.row * (size.height() + GAP_Y))

    def _path(self, source: Placed, target: Placed, size: QRectF) -> QPainterPath:
        a, b = self._position(source, size), self._position(target, size)
        middle = size.height() / 2
        forward = target.layer > source.layer
        start = a + QPointF(size.width() if forward else size.width() / 2, middle if forward else size.height())
        end = b + (QPointF(0, middle) if forward else QPointF(size.width() / 2, size.height()))
        path = QPainterPath(start)
        if forward:
            reach = QPointF(max(GAP_X / 2, (end.x() - start.x()) / 2), 0)
            path.cubicTo(start + reach, end - reach, end)
        else:
            drop = QPointF(0, GAP_Y + 40)
            path.cubicTo(start + drop, end + drop, end)
        return path

    def _repaint(self) -> None:
        self.setBackgroundBrush(QColor(self._look.colors.window))
        self.scene().update()
        self.viewport().update()
