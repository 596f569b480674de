"""Set-up as a list of steps, each done once for what it depends on.

The order: the environment, torch (pinned first, so that nothing else pulls its CUDA build), llama.cpp, the
program with its packages, the small weights. A step whose stamp fits is skipped, so an interrupted run goes
on where it stopped and a finished one costs a few file look-ups and no network.
"""

from __future__ import annotations

import sys
import sysconfig
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from installer import weights
from installer.environment import Environment
from installer.errors import MissingError, SetupError
from installer.lock import alone
from installer.machine import DISK_NEEDED, GIGABYTE, Finding, Machine
from installer.manifest import Model, read
from installer.places import Places
from installer.screen import Screen
from installer.shell import Shell, new_log
from installer.stamps import Stamps, digest

WHY_LLAMA = "There is no ready-made package of it: it is compiled for this computer, once, which takes 5 to 10 minutes"


@dataclass(frozen=True, slots=True)
class Step:
    """One step: `key` is a digest of what it depends on, `whole` whether its result still lies there."""

    name: str
    title: str
    key: str
    work: Callable[[], object]
    whole: Callable[[], bool]
    why: str = ""


class Setup:
    """Set-up of one checkout for one user; `extra` adds the packages that the tests need."""

    def __init__(
        self,
        places: Places,
        machine: Machine,
        screen: Screen,
        extra: str = "",
        *,
        thorough: bool = False,
        shell: Shell | None = None,
    ) -> None:
        """Nothing is written before `run` finds something to do; `thorough` reads the weights again."""
        self._places = places
        self._machine = machine
        self._screen = screen
        self._extra = extra
        self._thorough = thorough
        self._shell = shell or Shell(places.logs / "setup.log", screen.tick)
        self._environment = Environment(places, self._shell)
        self._models = tuple(m for m in read(places.manifest) if m.package is not None)
        self._stamps = Stamps(places.stamps)

    def pending(self) -> tuple[Step, ...]:
        """The steps that are still to do; a few file look-ups, no network."""
        return tuple(step for step in self._steps() if not self._done(step))

    def run(self) -> bool:
        """Do what is to do; whether there was anything."""
        if not self.pending():
            return False
        with alone(self._places.data / "setup.lock", self._say_waiting):
            self._stamps = Stamps(self._places.stamps)
            pending = self.pending()
            if pending:
                self._shell.log = new_log(self._places.logs)
                self._require(pending)
                self._work()
        return bool(pending)

    def findings(self) -> tuple[Finding, ...]:
        """Every check, for `doctor`: the computer, the environment, the weights with their hashes."""
        pending = {step.name for step in self.pending()}
        found = [self._machine.python(), self._disk(pending), self._machine.compiler(), self._machine.cmake()]
        if self._environment.llama_is_built():
            found[2] = Finding("C++ compiler", True, "not needed: llama.cpp is built")
        found.append(self._machine.qt_libraries())
        left = sorted(pending - {"weights"})
        found.append(
            Finding("Environment", not left, f"to do: {', '.join(left)}", "Type: python3 installer setup")
            if left
            else Finding("Environment", True, str(self._places.venv))
        )
        return (*found, *(self._weights_finding(model) for model in self._models))

    def _work(self) -> None:
        steps = self._steps()
        self._screen.say(f"Setting up Galaxy Desktop in {self._places.root}; details go to {self._shell.log}")
        for number, step in enumerate(steps, 1):
            if self._done(step):
                continue
            with self._screen.step(f"[{number}/{len(steps)}] {step.title}", step.why):
                step.work()
            self._mark(step)
        self._screen.say("Galaxy Desktop is set up.")

    def _mark(self, step: Step) -> None:
        if step.name == "environment" and not self._places.stamps.exists():
            self._stamps.forget()
        self._stamps.mark(step.name, step.key)
        if step.name == "test packages":
            plain = next(s for s in self._every_step() if s.name == "packages")
            self._stamps.mark(plain.name, plain.key)

    def _done(self, step: Step) -> bool:
        return self._stamps.fits(step.name, step.key) and step.whole()

    def _steps(self) -> tuple[Step, ...]:
        unwanted = "packages" if self._extra else "test packages"
        return tuple(step for step in self._every_step() if step.name != unwanted)

    def _every_step(self) -> tuple[Step, ...]:
        places, environment = self._places, self._environment
        python = f"{sys.implementation.cache_tag} {sysconfig.get_platform()}"
        base = digest(python, str(places.root))
        project, tests = self._declared()
        packages = digest(base, project, places.constraints.read_text(encoding="utf-8"))
        torch, llama = environment.version("torch"), environment.version("llama-cpp-python")
        weights_key = digest(places.manifest.read_text(encoding="utf-8"), str(places.models))
        built = environment.llama_is_built()
        ready = places.program.exists
        install = environment.install_project
        return (
            Step("environment", "Make the Python environment", base, environment.make, places.python.exists),
            Step("torch", "Install PyTorch (about 200 MB)", digest(base, torch), environment.install_torch, _always),
            Step(
                "llama.cpp",
                "Install llama.cpp" if built else "Build llama.cpp",
                digest(base, llama),
                environment.install_llama,
                _always,
                "" if built else WHY_LLAMA,
            ),
            Step("packages", "Install the program and its packages", packages, install, ready),
            Step(
                "test packages",
                "Install the program, its packages and the test tools",
                digest(packages, tests),
                lambda: install("test"),
                ready,
            ),
            Step("weights", "Fetch the small weights (190 MB)", weights_key, self._fetch_weights, self._weights_lie),
        )

    def _declared(self) -> tuple[dict[str, Any], Any]:
        """What `pyproject.toml` says about packages; its settings of tools are nobody's input here."""
        try:
            declared = tomllib.loads(self._places.pyproject.read_text(encoding="utf-8"))
        except (OSError, tomllib.TOMLDecodeError) as error:
            raise SetupError(
                f"{self._places.pyproject} cannot be read ({error}). Get the project's files again."
            ) from error
        project = dict(declared["project"])
        tests = project.pop("optional-dependencies", {})
        return {"project": project, "build": declared.get("build-system")}, tests

    def _require(self, pending: tuple[Step, ...]) -> None:
        """Look at what the computer has to bring for these steps; name everything that is missing at once."""
        names = {step.name for step in pending}
        needed = [self._disk(names)]
        if "environment" in names:
            needed.append(self._machine.python())
        if "llama.cpp" in names and not self._environment.llama_is_built():
            needed.append(self._machine.compiler())
        if names & {"packages", "test packages"}:
            needed.append(self._machine.qt_libraries())
        missing = [finding for finding in needed if not finding.good]
        if missing:
            raise MissingError("\n".join(f"{f.name}: {f.seen}.\n  {f.advice}" for f in missing))

    def _disk(self, names: set[str]) -> Finding:
        large = names & {"environment", "torch", "llama.cpp", "packages"}
        return self._machine.disk(self._places.root, DISK_NEEDED if large else GIGABYTE)

    def _fetch_weights(self) -> None:
        for model in self._models:
            weights.fetch(model, self._places.models, self._environment.download)

    def _weights_lie(self) -> bool:
        if self._thorough:
            return not any(weights.wanting(model, self._places.models) for model in self._models)
        return all(weights.present(model, self._places.models) for model in self._models)

    def _weights_finding(self, model: Model) -> Finding:
        wanting = weights.wanting(model, self._places.models)
        if not wanting:
            return Finding(model.title, True, f"{self._places.models / model.name}, hashes right")
        return Finding(
            model.title,
            False,
            f"missing or damaged: {', '.join(f.path for f in wanting)}",
            "Type: python3 installer setup",
        )

    def _say_waiting(self) -> None:
        self._screen.say("Another set-up is running on this computer; waiting for it to end.")


def _always() -> bool:
    return True
