"""What to type on which system to get something that is missing: one table, nothing clever."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

Which = Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class Manager:
    """A package manager of a Linux distribution: how to install, and what it calls the things we may need."""

    program: str
    install: str
    names: dict[str, str] = field(default_factory=dict)

    def line(self, wanted: Iterable[str]) -> str:
        """The one line to type for all of these, without repeats."""
        names = dict.fromkeys(name for want in wanted for name in self.names.get(want, want).split())
        return f"{self.install} {' '.join(names)}"


MANAGERS: tuple[Manager, ...] = (
    Manager(
        "apt-get",
        "sudo apt-get install -y",
        {
            "compiler": "g++",
            "venv": f"python3.{sys.version_info.minor}-venv",
            "libEGL.so.1": "libegl1",
            "libGL.so.1": "libgl1",
            "libX11-xcb.so.1": "libx11-xcb1",
            "libdbus-1.so.3": "libdbus-1-3",
            "libfontconfig.so.1": "libfontconfig1",
            "libglib-2.0.so.0": "libglib2.0-0",
            "libxcb-cursor.so.0": "libxcb-cursor0",
            "libxcb-icccm.so.4": "libxcb-icccm4",
            "libxcb-image.so.0": "libxcb-image0",
            "libxcb-keysyms.so.1": "libxcb-keysyms1",
            "libxcb-randr.so.0": "libxcb-randr0",
            "libxcb-render-util.so.0": "libxcb-render-util0",
            "libxcb-shape.so.0": "libxcb-shape0",
            "libxcb-xkb.so.1": "libxcb-xkb1",
            "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
            "libxkbcommon.so.0": "libxkbcommon0",
        },
    ),
    Manager(
        "dnf",
        "sudo dnf install -y",
        {
            "compiler": "gcc-c++",
            "venv": "python3",
            "libEGL.so.1": "mesa-libEGL",
            "libGL.so.1": "mesa-libGL",
            "libX11-xcb.so.1": "libX11-xcb",
            "libdbus-1.so.3": "dbus-libs",
            "libfontconfig.so.1": "fontconfig",
            "libglib-2.0.so.0": "glib2",
            "libxcb-cursor.so.0": "xcb-util-cursor",
            "libxcb-icccm.so.4": "xcb-util-wm",
            "libxcb-image.so.0": "xcb-util-image",
            "libxcb-keysyms.so.1": "xcb-util-keysyms",
            "libxcb-randr.so.0": "libxcb",
            "libxcb-render-util.so.0": "xcb-util-renderutil",
            "libxcb-shape.so.0": "libxcb",
            "libxcb-xkb.so.1": "libxcb",
            "libxkbcommon-x11.so.0": "libxkbcommon-x11",
            "libxkbcommon.so.0": "libxkbcommon",
        },
    ),
    Manager(
        "pacman",
        "sudo pacman -S --needed",
        {
            "compiler": "gcc",
            "venv": "python",
            "libEGL.so.1": "libglvnd mesa",
            "libGL.so.1": "libglvnd mesa",
            "libX11-xcb.so.1": "libx11",
            "libdbus-1.so.3": "dbus",
            "libfontconfig.so.1": "fontconfig",
            "libglib-2.0.so.0": "glib2",
            "libxcb-cursor.so.0": "xcb-util-cursor",
            "libxcb-icccm.so.4": "xcb-util-wm",
            "libxcb-image.so.0": "xcb-util-image",
            "libxcb-keysyms.so.1": "xcb-util-keysyms",
            "libxcb-randr.so.0": "libxcb",
            "libxcb-render-util.so.0": "xcb-util-renderutil",
            "libxcb-shape.so.0": "libxcb",
            "libxcb-xkb.so.1": "libxcb",
            "libxkbcommon-x11.so.0": "libxkbcommon-x11",
            "libxkbcommon.so.0": "libxkbcommon",
        },
    ),
    Manager(
        "zypper",
        "sudo zypper install -y",
        {
            "compiler": "gcc-c++",
            "venv": "python3",
            "libEGL.so.1": "Mesa-libEGL1",
            "libGL.so.1": "Mesa-libGL1",
            "libX11-xcb.so.1": "libX11-xcb1",
            "libdbus-1.so.3": "libdbus-1-3",
            "libfontconfig.so.1": "fontconfig",
            "libglib-2.0.so.0": "libglib-2_0-0",
            "libxcb-cursor.so.0": "libxcb-cursor0",
            "libxcb-icccm.so.4": "libxcb-icccm4",
            "libxcb-image.so.0": "libxcb-image0",
            "libxcb-keysyms.so.1": "libxcb-keysyms1",
            "libxcb-randr.so.0": "libxcb-randr0",
            "libxcb-render-util.so.0": "libxcb-render-util0",
            "libxcb-shape.so.0": "libxcb-shape0",
            "libxcb-xkb.so.1": "libxcb-xkb1",
            "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
            "libxkbcommon.so.0": "libxkbcommon0",
        },
    ),
)


def how_to_install(wanted: Iterable[str], platform: str = sys.platform, which: Which = shutil.which) -> str:
    """One sentence that says how to get these on this system."""
    wanted = tuple(wanted)
    if platform == "darwin":
        return "Type: xcode-select --install"
    if platform == "win32":
        return (
            'Install "Build Tools for Visual Studio" from visualstudio.microsoft.com/downloads and tick '
            '"Desktop development with C++".'
        )
    manager = next((m for m in MANAGERS if which(m.program)), None)
    if manager is None:
        return f"Install with your distribution's package manager: {', '.join(wanted)}."
    return f"Type: {manager.line(wanted)}"
