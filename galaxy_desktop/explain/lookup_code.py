"""The fact function about code of local clones: what a search of the clones brought, each place with why it was chosen."""

from __future__ import annotations

from galaxy_desktop.domain.asking import FactCall, Finding
from galaxy_desktop.domain.findings import Sentence
from galaxy_desktop.explain.lookup_scene import MOST_LISTED, Scene, told

NO_CODE = "No code was found. Code is searched where a local clone is chosen in Settings; galaxy-desktop code index shows which are."


def code(scene: Scene, call: FactCall) -> Finding:
    """Code, docs or tests of a local clone: where they stand, and why they answer."""
    found = scene.code[:MOST_LISTED]
    sentences = [Sentence(f"{one.words}{f': {one.why}' if one.why else ''}.", (one.evidence.id,)) for one in found]
    return told(call, sentences, nothing=NO_CODE)
