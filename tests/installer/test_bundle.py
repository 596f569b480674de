"""What the built program carries: every module that is imported by name, and every file that is read at run time."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from importlib.machinery import PathFinder
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from galaxy_desktop.retrieve import code_chunks

ROOT = Path(__file__).resolve().parents[2]
COLLECTED = "*"
"""Stands behind the name of a package that is taken whole."""


@pytest.fixture
def bundle(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What build.spec hands to PyInstaller, which need not be here for that."""
    hooks: Any = ModuleType("PyInstaller.utils.hooks")
    hooks.collect_all = lambda package: ([], [], [f"{package}.{COLLECTED}"])
    hooks.collect_submodules = lambda package: [f"{package}.{COLLECTED}"]
    hooks.collect_data_files = hooks.copy_metadata = lambda package: [(package, COLLECTED)]
    for name in ("PyInstaller", "PyInstaller.utils"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    monkeypatch.setitem(sys.modules, hooks.__name__, hooks)
    handed: dict[str, Any] = {}

    def analysis(scripts: list[str], **more: Any) -> Any:
        handed.update(more, scripts=scripts)
        return SimpleNamespace(pure=[], scripts=[], binaries=[], datas=[])

    tools: dict[str, Any] = dict.fromkeys(("PYZ", "EXE", "COLLECT"), lambda *_args, **_more: None)
    exec((ROOT / "build.spec").read_text(), {**tools, "Analysis": analysis, "SPECPATH": str(ROOT)})  # noqa: S102
    return handed


def imported_by_name() -> Iterator[str]:
    """The modules that the program asks for by a name in a string, which no analysis of imports sees."""
    for path in (ROOT / "galaxy_desktop").rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        texts = {
            target.id: node.value.value
            for node in tree.body
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for call in ast.walk(tree):
            if isinstance(call, ast.Call) and ast.unparse(call.func).endswith("import_module"):
                (name,) = call.args
                known = name.value if isinstance(name, ast.Constant) else texts.get(ast.unparse(name))
                if known is None:
                    assert path.name == "code_chunks.py", f"{path}:{call.lineno} imports what this test cannot tell"
                else:
                    yield str(known)
    yield from {module for module, _ in code_chunks._GRAMMARS.values()}


def is_there(module: str) -> bool:
    """Whether a module can be found without importing anything."""
    places = list(sys.path)
    for part in module.split("."):
        found = PathFinder.find_spec(part, places)
        if found is None:
            return False
        whole = found.origin is not None
        places = list(found.submodule_search_locations or ()) if whole else [f"{place}/{part}" for place in places]
    return True


def test_every_module_that_is_imported_by_name_is_carried(bundle: dict[str, Any]) -> None:
    named = set(bundle["hiddenimports"])
    whole = {name.removesuffix(f".{COLLECTED}") for name in named if name.endswith(COLLECTED)}
    wanted = set(imported_by_name())
    assert {"langgraph.graph", "torch", "tree_sitter_python", "llama_cpp.llama_grammar"} <= wanted
    carried = {name for name in wanted if name in named or name.split(".")[0] in whole}
    assert wanted - carried - {"safetensors"} == set(), "safetensors comes with its part for torch"


def test_every_module_that_is_named_exists(bundle: dict[str, Any]) -> None:
    assert [name for name in bundle["hiddenimports"] if not is_there(name.removesuffix(f".{COLLECTED}"))] == []


def test_a_module_that_does_not_exist_would_be_seen() -> None:
    assert is_there("langgraph.graph")
    assert not is_there("langgraph.nonsense")
    assert not is_there("nonsense.graph")


def test_every_file_and_folder_that_is_named_exists(bundle: dict[str, Any]) -> None:
    sources = [*bundle["scripts"], *(source for source, into in bundle["datas"] if into != COLLECTED)]
    assert len(sources) > 3
    assert [source for source in sources if not Path(source).exists()] == []
