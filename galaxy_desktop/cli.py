"""The same services without a window: `galaxy-desktop sync | analyze | watch | doctor`; alone it opens the app.

Exit codes are part of the contract: 0 done, 1 something broke, 2 wrong use, 3 GitHub refused, 4 offline with
nothing stored. Errors go to stderr as one sentence, never as a traceback.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from galaxy_desktop import __version__
from galaxy_desktop.errors import GalaxyError
from galaxy_desktop.paths import data_folder, demo_folder
from galaxy_desktop.services.names import repository_name

OK, BROKE, WRONG_USE, REFUSED, OFFLINE = range(5)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program and return its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        options = _parser().parse_args(given)
        if options.command is None:
            from galaxy_desktop.app import run_app  # noqa: PLC0415 - Qt only when there is a window

            return run_app(given)
        return _run(options)
    except GalaxyError as error:
        print(error, file=sys.stderr)  # noqa: T201 - this is what the terminal is for
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return BROKE
    except Exception as error:  # noqa: BLE001 - its traceback is in the log by now
        print(_bug_sentence(error, given), file=sys.stderr)  # noqa: T201
        return BROKE


def _run(options: argparse.Namespace) -> int:
    """One command, with logging to the profile's folder."""
    import asyncio  # noqa: PLC0415 - the window's first paint need not wait for it

    from galaxy_desktop.services import commands  # noqa: PLC0415 - the window needs none of it

    demo = getattr(options, "demo", None)
    folder = demo_folder(demo) if demo and not options.data_dir else data_folder(options.data_dir)
    request = commands.Request(
        folder=folder,
        repositories=tuple(repository_name(name) for name in getattr(options, "repo", None) or ()),
        at=options.at,
        as_json=options.json,
        no_sync=getattr(options, "no_sync", False),
        prose=getattr(options, "prose", False),
        demo=demo,
    )
    return asyncio.run(commands.run(options.command, request, print))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="galaxy-desktop",
        description="Will this sprint land, what is in the way, and what should we do now? Without a command the app opens.",
    )
    parser.add_argument("--version", action="version", version=f"galaxy-desktop {__version__}")
    _window_options(parser)
    commands = parser.add_subparsers(dest="command", metavar="command")
    helps = {
        "sync": "fetch from GitHub what is due",
        "analyze": "sync, evaluate, raise alerts, and print",
        "watch": "keep syncing and evaluating, and print what changes",
        "doctor": "check this computer, the data and the connection",
    }
    for name, text in helps.items():
        command = commands.add_parser(name, help=text, description=text.capitalize() + ".")
        _common_options(command)
        if name == "analyze":
            _analyze_options(command)
    return parser


def _window_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--demo", metavar="NAME", help="open a demo workspace: healthy, slipping, blocked or first-week"
    )
    parser.add_argument("--data-dir", metavar="DIR", help="folder of the profile (default: your data folder)")
    parser.add_argument("--hidden", action="store_true", help="start in the tray without a window")


def _common_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--repo", action="append", metavar="OWNER/NAME", help="track this repository too (repeatable)")
    command.add_argument(
        "--data-dir", metavar="DIR", default=argparse.SUPPRESS, help="folder of the profile (default: your data folder)"
    )
    command.add_argument(
        "--at", metavar="ISO", help="moment of the evaluation, such as 2026-05-01T12:00:00Z (default: now)"
    )
    command.add_argument("--json", action="store_true", help="print JSON")


def _analyze_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--no-sync", action="store_true", help="use what is stored")
    command.add_argument("--prose", action="store_true", help="wait for the language model's checked prose")
    command.add_argument(
        "--demo",
        metavar="NAME",
        default=argparse.SUPPRESS,
        help="use a demo workspace: healthy, slipping, blocked or first-week",
    )


def _bug_sentence(error: Exception, given: Sequence[str]) -> str:
    logs = data_folder(None).logs
    if "--data-dir" in given and given.index("--data-dir") + 1 < len(given):
        logs = data_folder(given[given.index("--data-dir") + 1]).logs
    return (
        f"Galaxy Desktop stopped because of a fault of its own ({type(error).__name__}). Nothing stored was lost; "
        f"the details are in {logs}. Please try again, and report it if it comes back."
    )


if __name__ == "__main__":
    sys.exit(main())
