"""Dependencies: what waits for what, across all repositories, as a graph or as a table."""

from __future__ import annotations

from PySide6.QtWidgets import QButtonGroup, QCheckBox, QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from galaxy_desktop.domain.facts import EdgeKind
from galaxy_desktop.ui import words
from galaxy_desktop.ui.graph.picture import (
    RELATION,
    Link,
    Node,
    Picture,
    cycles_in_words,
    cycles_of,
    links_of,
    picture_of,
)
from galaxy_desktop.ui.graph.scene import GraphView
from galaxy_desktop.ui.pages.page import Page
from galaxy_desktop.ui.rows.dependencies import dependency_table
from galaxy_desktop.ui.theme import Look, Role, Tone, text_label
from galaxy_desktop.ui.view import Claim, Situation, View
from galaxy_desktop.ui.widgets.flow import FlowLayout
from galaxy_desktop.ui.widgets.notices import EmptyState, MessageBar
from galaxy_desktop.ui.widgets.surface import PAGE_MARGIN
from galaxy_desktop.ui.widgets.table_view import TableView

GRAPH, TABLE, NOTHING = range(3)
NONE_FOUND = (
    "No dependency to show",
    "Edges come from closing keywords, task lists, mentions and words such as “blocked by #12”. "
    "Closed work is hidden unless you ask for it.",
)


class DependenciesPage(Page):
    """Graph and table of the same edges; kinds can be switched off."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, "Dependencies")
        self.table = dependency_table(look, self._title_of)
        self.table_view: TableView[Link] = TableView(self.table, "Dependencies")
        self.table_view.opened.connect(self._open_link)
        self.graph = GraphView(look, self._open_node, self._open_link)
        self.cycles = MessageBar(look)
        self._summary = text_label("", muted=True, wrap=True)
        self.kinds: dict[EdgeKind, QCheckBox] = {}
        self._only_open = QCheckBox("Only open work")
        self._only_open.setChecked(True)
        self._views = QStackedWidget()
        for widget in (self.graph, self.table_view, EmptyState(*NONE_FOUND)):
            self._views.addWidget(widget)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(PAGE_MARGIN, 20, PAGE_MARGIN, 16)
        column.setSpacing(8)
        column.addLayout(self._head())
        column.addWidget(self._summary)
        column.addLayout(self._switches())
        column.addWidget(self.cycles)
        column.addWidget(self._views, 1)
        self.set_content(content)

    def _head(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.addWidget(text_label("Dependencies", Role.TITLE), 1)
        self._fit = QPushButton("Fit")
        self._fit.setToolTip("Show all of it (0). Ctrl and wheel, or + and −, zoom; drag moves.")
        self._fit.clicked.connect(lambda _checked: self.graph.fit())
        row.addWidget(self._fit)
        self._as = QButtonGroup(self)
        for number, text in ((GRAPH, "Graph"), (TABLE, "Table")):
            button = QPushButton(text)
            button.setCheckable(True)
            button.setChecked(number == GRAPH)
            self._as.addButton(button, number)
            row.addWidget(button)
        self._as.idClicked.connect(lambda _number: self._refill())
        return row

    def _switches(self) -> FlowLayout:
        row = FlowLayout(gap=16)
        for kind, word in RELATION.items():
            box = QCheckBox(word.capitalize())
            box.setChecked(kind is not EdgeKind.MENTIONS)
            box.toggled.connect(lambda _on: self._refill())
            self.kinds[kind] = box
            row.addWidget(box)
        self._only_open.toggled.connect(lambda _on: self._refill())
        row.addWidget(self._only_open)
        return row

    @property
    def summary(self) -> str:
        """The sentence under the title."""
        return self._summary.text()

    def situation(self, view: View) -> Situation:
        """Edges exist without sprints too."""
        found = view.situation
        return Situation.READY if found is Situation.NO_SPRINTS and view.dependencies else found

    def fill(self, view: View, before: View | None) -> None:
        """Show the edges that the filters keep."""
        self._refill()

    def _refill(self) -> None:
        view = self.view
        if view is None:
            return
        kinds = frozenset(kind for kind, box in self.kinds.items() if box.isChecked())
        links = links_of(view, kinds, only_open=self._only_open.isChecked())
        picture = picture_of(view, links)
        self.table.replace(links)
        self._say(view, links, picture)
        as_graph = self._as.checkedId() == GRAPH
        self._fit.setVisible(as_graph and bool(links))
        self._views.setCurrentIndex(NOTHING if not links else GRAPH if as_graph else TABLE)
        if as_graph:
            self.graph.draw(picture)

    def _say(self, view: View, links: tuple[Link, ...], picture: Picture) -> None:
        holding = sum(k.holding for k in links)
        across = sum(k.edge.crosses_repositories for k in links)
        said = [words.count(len(links), "edge"), f"{across} across repositories"]
        said.append(f"{holding} hold up open work now" if holding != 1 else "1 holds up open work now")
        if any(node.deciding is not None for node in picture.nodes):
            said.append("% and thickness: how often it decides when the sprint is done")
        if picture.left_out:
            said.append(f"{words.count(picture.left_out, 'item')} left out of the graph, the table has all")
        self._summary.setText("  ·  ".join(said))
        cycles, told = cycles_of(view), cycles_in_words(view)
        self.cycles.setVisible(bool(cycles))
        if cycles:
            more = f" And {words.count(len(told) - 1, 'more circle')}." if len(told) > 1 else ""
            ids = tuple(i for c in cycles for i in c)
            said_of_it = f"{told[0]}{more}"
            self.cycles.say(said_of_it, Tone.BAD, "Evidence", lambda: self.open_ids(said_of_it, ids), closable=False)

    def _title_of(self, item_id: str) -> str:
        return self.view.title(item_id) if self.view is not None else ""

    def _open_node(self, node: Node) -> None:
        title = f"{node.name}: {node.title}" if node.title else node.name
        if self.view is not None:
            numbers = node.numbers[:1].upper() + node.numbers[1:]
            note = f"{node.state}. {numbers}." if numbers else node.state
            self.open_claim(Claim(title, note, self.view.claim("", (node.id,)).evidence))

    def _open_link(self, link: Link) -> None:
        note = f"Learned from: {link.edge.source}. Certainty {words.percent(link.edge.confidence)}."
        self.open_claim(Claim(link.sentence, note, link.edge.evidence))
