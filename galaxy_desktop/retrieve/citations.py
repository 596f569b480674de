"""Who cites what: which evidence was offered, which of it was cited, and what was cited without being offered."""

from __future__ import annotations

from collections.abc import Iterable


class CitationTracker:
    """Counts citations of one conversation or run."""

    def __init__(self, offered: Iterable[str] = ()) -> None:
        self._offered: dict[str, int] = dict.fromkeys(offered, 0)
        self._unknown: dict[str, int] = {}

    def offer(self, ids: Iterable[str]) -> None:
        """Note that this evidence was handed out."""
        for one in ids:
            self._offered.setdefault(one, 0)

    def cite(self, ids: Iterable[str]) -> bool:
        """Note that this evidence was cited; whether all of it had been offered."""
        known = True
        for one in ids:
            book = self._offered if one in self._offered else self._unknown
            book[one] = book.get(one, 0) + 1
            known = known and book is self._offered
        return known

    @property
    def offered(self) -> tuple[str, ...]:
        """Everything that was offered, in the order of offering."""
        return tuple(self._offered)

    @property
    def cited(self) -> tuple[str, ...]:
        """What was offered and cited."""
        return tuple(one for one, times in self._offered.items() if times)

    @property
    def uncited(self) -> tuple[str, ...]:
        """What was offered and never cited."""
        return tuple(one for one, times in self._offered.items() if not times)

    @property
    def unknown(self) -> tuple[str, ...]:
        """What was cited and never offered: made up."""
        return tuple(self._unknown)
