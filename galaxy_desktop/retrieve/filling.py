"""Bringing an index up to date in small pieces: groups that are gone, then words, then vectors, then stamps.

A group gets its stamp with the vector of the last of its texts that needed one, so a kill in between leaves it for the
next round, which finds by their digests what is already written. Whoever fills decides how large a piece is, and what
else gets its turn between two of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from galaxy_desktop.retrieve.texts import Group, Text

if TYPE_CHECKING:
    from galaxy_desktop.retrieve.stacks import Stacks

SLAB = 400
"""Groups whose words are written in one transaction."""


class Filling:
    """The groups that changed or are gone, and how far they are; good for one `epoch` of the index it is made for."""

    def __init__(self, changed: Sequence[Group], gone: Sequence[str] = (), epoch: int = 0) -> None:
        self.epoch = epoch
        self.gone = list(gone)
        """Keys of groups that are no more and still indexed."""
        self.removed = 0
        """How many texts were taken out."""
        self.waiting: list[str] = []
        """Ids of texts that wait for a vector, the next one last; known once all words are written."""
        self.letters = self.letters_done = 0
        """How much is to be embedded in all, and how much of it is: a long text takes longer than a short one."""
        self.total = 0
        self._listed = False
        self.unread = list(reversed(changed))
        """Groups whose words are not written yet, the next one last."""
        self.changed: set[str] = set()
        """Ids of texts that were written or embedded."""
        self._stamps = {group.key: group.stamp for group in changed}
        self._texts: dict[str, Text] = {}
        self._rows: dict[str, int] = {}
        self._group: dict[str, str] = {}
        self._waiting: dict[str, int] = {}

    def write_words(self, stacks: Stacks) -> dict[str, int]:
        """Write the words of the next groups; returns texts of theirs that are no more, by id and row."""
        some, self.unread = self.unread[-SLAB:], self.unread[:-SLAB]
        known = stacks.shelf.known([group.key for group in some])
        keyed = [(group.key, text) for group in some for text in group.texts()]
        keyed = [(key, text) for _, (key, text) in {text.id: (key, text) for key, text in keyed}.items()]
        changed = [(key, text) for key, text in keyed if known.get(text.id, (0, "", False))[1] != text.digest]
        rows = {one: row for one, (row, _, _) in known.items()} | stacks.put(changed)
        written = {text.id for _, text in changed}
        for key, text in keyed:
            if text.has_meaning and (text.id in written or not known[text.id][2]):
                self._texts[text.id], self._rows[text.id], self._group[text.id] = text, rows[text.id], key
                self._waiting[key] = self._waiting.get(key, 0) + 1
        self.changed |= written
        ready = [group for group in some if group.key not in self._waiting]
        stacks.stamp([(group.key, group.stamp) for group in ready])
        there = {text.id for _, text in keyed}
        return {one: row for one, (row, _, _) in known.items() if one not in there}

    @property
    def left(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.gone or self.unread or self._texts)

    @property
    def done(self) -> int:
        """How many of `total` texts have their vector."""
        return self.total - len(self._texts) if self._listed else 0

    def next_texts(self, count: int) -> list[str]:
        """The ids of the next texts that wait for a vector, short ones first: a batch costs what its longest costs."""
        if not self._listed:
            self._listed = True
            self.waiting = sorted(self._texts, key=lambda one: (-len(self._texts[one].whole), one))
            self.total, self.letters = len(self.waiting), sum(len(text.whole) for text in self._texts.values())
        return list(reversed(self.waiting[-count:]))

    def text(self, one: str) -> Text:
        """A text that waits for its vector."""
        return self._texts[one]

    def embedded(self, stacks: Stacks, ids: Sequence[str], vectors: Sequence[Sequence[float]]) -> None:
        """Write vectors, and the stamps of groups that are whole with them."""
        stacks.put_vectors([self._rows[one] for one in ids], vectors)
        whole = []
        for one in ids:
            key = self._group[one]
            self._waiting[key] -= 1
            if not self._waiting[key]:
                whole.append((key, self._stamps[key]))
            self.letters_done += len(self._texts.pop(one).whole)
        del self.waiting[len(self.waiting) - len(ids) :]
        self.changed.update(ids)
        stacks.stamp(whole)
