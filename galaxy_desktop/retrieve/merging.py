"""Two lists of evidence as one: reciprocal rank fusion, for lists whose scores cannot be compared."""

from __future__ import annotations

from collections.abc import Sequence

from galaxy_desktop.domain.evidence import Evidence

RANK_CONSTANT = 60
"""As its authors chose it (Cormack and others, 2009); also of `retrieve.fusion`."""


def merged(*lists: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """Evidence of all lists, each id once: what stands high in several comes first, then what stands high in one.

    Of equals, that of the earlier list; the quote is that of the first list which has it.
    """
    first: dict[str, Evidence] = {}
    worth: dict[str, float] = {}
    for evidence in lists:
        for rank, one in enumerate(dict.fromkeys(one.id for one in evidence), 1):
            worth[one] = worth.get(one, 0.0) + 1 / (RANK_CONSTANT + rank)
        for piece in evidence:
            first.setdefault(piece.id, piece)
    return tuple(sorted(first.values(), key=lambda one: -worth[one.id]))
