"""What every page is: a view comes in, wishes go out."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QStackedLayout, QWidget

from galaxy_desktop.ui.theme import Look
from galaxy_desktop.ui.view import Claim, Situation, View
from galaxy_desktop.ui.widgets.notices import EmptyState
from galaxy_desktop.ui.widgets.surface import ScrollPage
from galaxy_desktop.ui.wishes import ClearFilters, OpenClaim, SetUp


class Page(QWidget):
    """Shows a `View`, or says in words why there is nothing to show; opens nothing by itself."""

    wished = Signal(object)

    def __init__(self, look: Look, name: str) -> None:
        super().__init__()
        self.look = look
        self.view: View | None = None
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._scrolls: ScrollPage | None = None
        self._stack = QStackedLayout(self)
        self._stack.setContentsMargins(0, 0, 0, 0)
        self.empty = EmptyState()
        self.empty.pressed.connect(self._help_out)
        self._stack.addWidget(self.empty)

    def set_content(self, content: QWidget) -> None:
        """The widget that is shown when there is something to show; one that scrolls gets the keyboard then."""
        self._stack.addWidget(content)
        self._scrolls = content if isinstance(content, ScrollPage) else None

    def show_view(self, view: View) -> None:
        """Show this view from now on; what is already shown is left alone."""
        before, self.view = self.view, view
        situation = self.situation(view)
        if situation is not Situation.READY:
            self.empty.explain(situation, view.failure)
            self.setFocusProxy(None)  # type: ignore[arg-type]  # Qt takes it, its stubs do not say so
            self._stack.setCurrentIndex(0)
            return
        self.fill(view, before)
        self._stack.setCurrentIndex(1)
        if self._scrolls is not None:
            self.setFocusProxy(self._scrolls)

    def situation(self, view: View) -> Situation:
        """Why there is nothing to show; a page that always has something overrides it."""
        return view.situation

    def fill(self, view: View, before: View | None) -> None:
        """Show a view that has something to show."""
        raise NotImplementedError

    def open_ids(self, title: str, ids: tuple[str, ...]) -> None:
        """Open what is known under some evidence ids."""
        if self.view is not None:
            self.open_claim(self.view.claim(title, ids))

    def open_claim(self, claim: Claim) -> None:
        """Open what something rests on."""
        self.wished.emit(OpenClaim(claim))

    def _help_out(self) -> None:
        if self.view is not None and self.view.situation is Situation.FILTERED_AWAY:
            self.wished.emit(ClearFilters())
        else:
            self.wished.emit(SetUp())
