"""The same services without a window: `galaxy-desktop sync | analyze | flow | standup | watch | doctor | ...`.

Alone it opens the app.

Exit codes are part of the contract: 0 done, 1 something broke, 2 wrong use, 3 GitHub refused, 4 offline with
nothing stored. Errors go to stderr as one sentence, never as a traceback.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from galaxy_desktop import __version__
from galaxy_desktop.cli_code import add_code_command
from galaxy_desktop.cli_models import add_models_command
from galaxy_desktop.cli_providers import add_providers_command
from galaxy_desktop.cli_replay import add_replay_command
from galaxy_desktop.cli_search_model import add_search_model_command
from galaxy_desktop.errors import GalaxyError, WrongUseError
from galaxy_desktop.paths import data_folder, demo_folder
from galaxy_desktop.services import egress_guard
from galaxy_desktop.services.names import repository_name
from galaxy_desktop.subcommands import Commands, add_command, demo_option, profile_options

if TYPE_CHECKING:
    from galaxy_desktop.services.transfer import Transfer

OK, BROKE, WRONG_USE, REFUSED, OFFLINE = range(5)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program and return its exit code; without `arguments` it is the start of this process."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if arguments is None:
        egress_guard.install()  # for good, so only in a process that is ours from its start
    if given[:1] == ["try-weights"]:
        from galaxy_desktop.reason.probe import main as try_weights  # noqa: PLC0415 - a process of its own, see there

        return try_weights(given[1], *map(int, given[2:]))
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
    if options.command == "evaluate":
        return _evaluate(options)
    if options.command == "models":
        from galaxy_desktop import cli_models  # noqa: PLC0415 - the window needs none of it

        return cli_models.run(options, print)
    if options.command == "providers":
        from galaxy_desktop import cli_providers  # noqa: PLC0415 - the window needs none of it

        return cli_providers.run(options, print)
    if options.command == "code":
        from galaxy_desktop import cli_code  # noqa: PLC0415 - the window needs none of it

        return cli_code.run(options, print)
    if options.command == "search-model":
        from galaxy_desktop import cli_search_model  # noqa: PLC0415 - the window needs none of it

        return cli_search_model.run(options, print)
    if options.command == "replay":
        from galaxy_desktop import cli_replay  # noqa: PLC0415 - the window needs none of it

        return cli_replay.run(options, print)
    import asyncio  # noqa: PLC0415 - the window's first paint need not wait for it

    from galaxy_desktop.services import commands  # noqa: PLC0415 - the window needs none of it

    demo = getattr(options, "demo", None)
    folder = demo_folder(demo) if demo and not options.data_dir else data_folder(options.data_dir)
    request = commands.Request(
        folder=folder,
        repositories=tuple(repository_name(name) for name in getattr(options, "repo", None) or ()),
        at=getattr(options, "at", None),
        as_json=options.json,
        no_sync=getattr(options, "no_sync", False),
        prose=getattr(options, "prose", False),
        demo=demo,
        transfer=_transfer(options) if options.command in ("import", "export") else None,
        sprint=getattr(options, "sprint", None) or "",
        since=getattr(options, "since", None) or "",
        question=" ".join(getattr(options, "question", ())),
        model=not getattr(options, "no_model", False),
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
        command = add_command(commands, name, text)
        _common_options(command)
        if name == "analyze":
            _analyze_options(command)
    _untrack_command(commands)
    _flow_command(commands)
    _standup_command(commands)
    _ask_command(commands)
    _transfer_commands(commands)
    _evaluate_commands(commands)
    add_models_command(commands)
    add_providers_command(commands)
    add_replay_command(commands)
    add_code_command(commands)
    add_search_model_command(commands)
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
        "--at", metavar="ISO", help="moment of the evaluation, such as 2026-05-01T12:00:00Z (default: now)"
    )
    profile_options(command)


def _analyze_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--no-sync", action="store_true", help="use what is stored")
    command.add_argument("--prose", action="store_true", help="wait for the language model's checked prose")
    demo_option(command)


def _untrack_command(commands: Commands[argparse.ArgumentParser]) -> None:
    text = "stop tracking a repository; what is stored of it stays"
    command = add_command(commands, "untrack", text)
    command.add_argument(
        "repo", nargs="+", metavar="OWNER/NAME", help="the repository, or a name that GitHub never showed"
    )
    profile_options(command)


def _flow_command(commands: Commands[argparse.ArgumentParser]) -> None:
    text = "print the flow of work: burnup, cycle times, aging, throughput, stability, DORA, velocity"
    command = add_command(commands, "flow", text)
    command.add_argument(
        "--sprint", metavar="ID", help="id of the sprint, as analyze --json says it (default: the first)"
    )
    command.add_argument("--at", metavar="ISO", help="moment of looking, such as 2026-05-01T12:00:00Z (default: now)")
    demo_option(command)
    profile_options(command)


def _standup_command(commands: Commands[argparse.ArgumentParser]) -> None:
    text = "print what changed: done, started, blocked, waiting for reviews, scope, and why the chance moved"
    command = add_command(commands, "standup", text)
    command.add_argument(
        "--since",
        metavar="WHEN",
        help="yesterday (the morning of the last working day, the default), 3d, a day or an ISO moment",
    )
    command.add_argument("--at", metavar="ISO", help="moment of looking, such as 2026-05-01T12:00:00Z (default: now)")
    demo_option(command)
    profile_options(command)


def _ask_command(commands: Commands[argparse.ArgumentParser]) -> None:
    text = "answer a question from what is stored, every sentence with its evidence"
    command = add_command(commands, "ask", text)
    command.add_argument("question", nargs="+", metavar="QUESTION", help="such as: what blocks 1.2?")
    command.add_argument("--at", metavar="ISO", help="moment of looking, such as 2026-05-01T12:00:00Z (default: now)")
    command.add_argument("--no-model", action="store_true", help="facts and search alone, without the language model")
    demo_option(command)
    profile_options(command)


def _transfer_commands(commands: Commands[argparse.ArgumentParser]) -> None:
    """`import archive`, `import copy` and `export copy`."""
    texts = {
        ("import", "archive"): "read years of public history from hours of GH Archive",
        ("import", "copy"): "take over a local copy that somebody exported",
        ("export", "copy"): "write the whole local copy to a file of JSON lines",
    }
    for verb, text in (("import", "bring in history or a copy"), ("export", "hand the local copy over")):
        group = add_command(commands, verb, text)
        kinds = group.add_subparsers(dest="what", metavar="what", required=True)
        for what in (what for known, what in texts if known == verb):
            command = add_command(kinds, what, texts[verb, what])
            if what == "archive":
                _archive_options(command)
            else:
                command.add_argument("paths", nargs=1, metavar="FILE", help="the file; gzip where it ends in .gz")
            profile_options(command)


def _archive_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("paths", nargs="*", metavar="FILE|DIR", help="hour files, or folders of them")
    command.add_argument("--from", dest="first", metavar="DAY", help="download from this day on (UTC), like 2026-05-01")
    command.add_argument("--to", dest="last", metavar="DAY", help="to the end of this day")
    command.add_argument("--folder", metavar="DIR", help="where downloads are kept (default: archive in the profile)")
    command.add_argument("--repo", action="append", metavar="OWNER/NAME", help="track this repository too (repeatable)")


def _evaluate_commands(commands: Commands[argparse.ArgumentParser]) -> None:
    """`evaluate outcomes` and its like: models scored on files; `evaluate backtest`: the forecast on a profile's past."""
    text = "score a model on data from elsewhere, or the forecast on your own past"
    group = add_command(commands, "evaluate", text)
    kinds = group.add_subparsers(dest="what", metavar="what", required=True)
    _evaluate_outcomes_options(kinds)
    _evaluate_sentiment_options(kinds)
    _evaluate_backtest_options(kinds)
    _evaluate_past_options(kinds)
    _evaluate_retrieval_options(kinds)


def _evaluate_outcomes_options(kinds: Commands[argparse.ArgumentParser]) -> None:
    text = "learn how sprints end from public sprints, and score it on later ones"
    command = add_command(kinds, "outcomes", text)
    command.add_argument("--train", metavar="FILE", required=True, help="sprints to learn from (CSV)")
    command.add_argument("--test", metavar="FILE", help="later sprints to predict and score (CSV)")
    command.add_argument(
        "--leave-one-project-out", action="store_true", help="predict each project from the other projects alone"
    )
    command.add_argument("--predictions", metavar="FILE", help="write the probability of every test row (CSV)")
    command.add_argument("--save", metavar="FILE", help="write the learned parameters (JSON)")
    command.add_argument("--json", action="store_true", help="print JSON")


def _evaluate_sentiment_options(kinds: Commands[argparse.ArgumentParser]) -> None:
    text = "learn how messages sound from labelled ones, and score it on other projects"
    command = add_command(kinds, "sentiment", text)
    command.add_argument("--train", metavar="FILE", required=True, help="labelled messages to learn from (JSON lines)")
    command.add_argument("--test", metavar="FILE", help="labelled messages to score (default: folds by project)")
    command.add_argument("--save", metavar="FILE", help="write the learned parameters (JSON)")
    command.add_argument("--json", action="store_true", help="print JSON")


def _evaluate_retrieval_options(kinds: Commands[argparse.ArgumentParser]) -> None:
    text = "ask the search for items that people linked by hand, and score what it finds"
    command = add_command(kinds, "retrieval", text)
    command.add_argument(
        "--corpus",
        metavar="DIR",
        required=True,
        action="append",
        help="folder of one repository's records (repeatable)",
    )
    command.add_argument(
        "--pairs", metavar="FILE", action="append", help="pairs of item numbers, one file a corpus (default: mentions)"
    )
    command.add_argument("--fit", metavar="FILE", help="learn the weights from these pairs and write them (JSON)")
    command.add_argument(
        "--questions", action="store_true", help="ask sentences around mentions too, as somebody would type them"
    )
    command.add_argument("--json", action="store_true", help="print JSON")


def _evaluate_backtest_options(kinds: Commands[argparse.ArgumentParser]) -> None:
    text = "replay your own past sprints, each with what was known then, and score what would have been said"
    command = add_command(kinds, "backtest", text)
    command.add_argument("--at", metavar="ISO", help="moment to look back from (default: now)")
    demo_option(command)
    profile_options(command)


def _evaluate_past_options(kinds: Commands[argparse.ArgumentParser]) -> None:
    texts = {
        "risks": "replay your own past, and say how often each rule was right",
        "delays": "replay your own past, and score the chance that an item misses the end",
    }
    for what, text in texts.items():
        command = add_command(kinds, what, text)
        command.add_argument("--at", metavar="ISO", help="moment to look back from (default: now)")
        command.add_argument("--years", type=float, default=1.0, metavar="N", help="how far to look back (default: 1)")
        demo_option(command)
        command.add_argument("--save", metavar="FILE", help="write the figures or parameters (JSON)")
        if what == "delays":
            command.add_argument("--sprints", metavar="FILE", help="public sprints that set the level (CSV)")
        profile_options(command)


def _evaluate(options: argparse.Namespace) -> int:
    """One kind of evaluation; what is printed goes to the terminal."""
    if options.what == "backtest":
        from galaxy_desktop.services import backtest  # noqa: PLC0415 - numpy only for these commands

        demo = getattr(options, "demo", None)
        profile = demo_folder(demo) if demo and not options.data_dir else data_folder(options.data_dir)
        return backtest.run(profile, print, at=options.at, demo_name=demo, as_json=options.json)
    if options.what in ("risks", "delays"):
        return _evaluate_past(options)
    if options.what == "retrieval":
        return _evaluate_retrieval(options)
    from galaxy_desktop.services import evaluation  # noqa: PLC0415 - numpy only for these commands

    def path(name: str) -> Path | None:
        given = getattr(options, name)
        return Path(given).expanduser() if given else None

    if options.what == "sentiment":
        from galaxy_desktop.services import evaluation_sentiment as sentiment  # noqa: PLC0415 - likewise

        asked = sentiment.SentimentRequest(
            train=Path(options.train).expanduser(), test=path("test"), save=path("save"), as_json=options.json
        )
        return sentiment.evaluate_sentiment(asked, print)
    request = evaluation.OutcomesRequest(
        train=Path(options.train).expanduser(),
        test=path("test"),
        leave_one_project_out=options.leave_one_project_out,
        predictions=path("predictions"),
        save=path("save"),
        as_json=options.json,
    )
    return evaluation.evaluate_outcomes(request, print)


def _evaluate_retrieval(options: argparse.Namespace) -> int:
    """`evaluate retrieval`; a corpus without a file of pairs is asked for what its items mention."""
    from galaxy_desktop.services import evaluation_retrieval as retrieval  # noqa: PLC0415 - numpy for this command

    corpora = [Path(name).expanduser() for name in options.corpus]
    pairs = [Path(name).expanduser() for name in options.pairs or ()]
    if len(pairs) > len(corpora):
        raise WrongUseError("There are more files of pairs than folders. Name one --corpus for each --pairs.")
    named = tuple(zip(corpora, [*pairs, *[None] * (len(corpora) - len(pairs))], strict=True))
    fit = Path(options.fit).expanduser() if options.fit else None
    request = retrieval.RetrievalRequest(corpora=named, fit=fit, questions=options.questions, as_json=options.json)
    return retrieval.evaluate_retrieval(request, print)


def _evaluate_past(options: argparse.Namespace) -> int:
    """`evaluate risks` and `evaluate delays`."""
    from galaxy_desktop.services import rule_replay  # noqa: PLC0415 - numpy only for these commands

    demo, save, sprints = (getattr(options, name, None) for name in ("demo", "save", "sprints"))
    request = rule_replay.ReplayRequest(
        what=options.what,
        folder=demo_folder(demo) if demo and not options.data_dir else data_folder(options.data_dir),
        at=options.at,
        demo_name=demo,
        years=options.years,
        sprints=Path(sprints).expanduser() if sprints else None,
        save=Path(save).expanduser() if save else None,
        as_json=options.json,
    )
    return rule_replay.run(request, print)


def _transfer(options: argparse.Namespace) -> Transfer:
    """What is to be imported or exported."""
    from galaxy_desktop.collect.archive.hours import day  # noqa: PLC0415 - needed by these commands alone
    from galaxy_desktop.services.transfer import Transfer  # noqa: PLC0415 - likewise

    first, last, folder = (getattr(options, name, None) for name in ("first", "last", "folder"))
    return Transfer(
        what=options.what,
        paths=tuple(Path(name).expanduser() for name in options.paths),
        first=day(first) if first else None,
        last=day(last) if last else None,
        folder=Path(folder).expanduser() if folder else None,
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
