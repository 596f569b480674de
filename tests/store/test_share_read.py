"""How much of a history was read, from the note of its cursor."""

from __future__ import annotations

import pytest

from galaxy_desktop.store.marks import share_read


@pytest.mark.parametrize(
    ("note", "share"),
    [
        ('{"rows": 43, "total": 100}', 0.43),
        ('{"rows": 120, "total": 100}', 1.0),
        ('{"rows": 43, "total": null}', None),
        ('{"rows": 0, "total": 0}', None),
        ('{"pages": 2}', None),
        ("[1, 2]", None),
        ("not a note", None),
        ("", None),
    ],
)
def test_a_share_is_known_only_where_the_note_counts_rows(note: str, share: float | None) -> None:
    assert share_read(note) == share
