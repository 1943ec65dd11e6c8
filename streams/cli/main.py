"""The command `newswire`: a table of commands, each imported when called, and the one place that reports errors.

Exit status (schemas/README.md, section 5): 0; 1 the work failed; 2 the call was wrong; 3 `audit` must wait; 130
interrupted. Data goes to stdout, everything else to stderr, an error as one plain sentence.
"""

import os
import sys
import traceback
from collections.abc import Callable, Sequence
from functools import wraps
from importlib import import_module
from typing import TYPE_CHECKING, Concatenate, NoReturn, ParamSpec, TypeVar

import click

from streams.model.errors import WorkFailed
from streams.model.printable import escape_controls

if TYPE_CHECKING:
    from streams.config.settings import Settings

P = ParamSpec("P")
R = TypeVar("R")

COMMANDS: dict[str, tuple[str, str]] = {
    "demo": ("streams.cli.demo", "the whole system on this machine, on generated traffic; Ctrl-C stops it"),
    "up": ("streams.cli.up", "Kafka, topics, worker and gateway on one machine, until stopped"),
    "kafka": ("streams.cli.kafka", "start, stop or look at the embedded Apache Kafka"),
    "topics": ("streams.cli.topics", "compare the declared topics with the cluster, make them so, and roll quiet ones"),
    "feed": ("streams.cli.feed", "send files, folders, archives or stdin to the raw topic"),
    "worker": ("streams.cli.worker", "run the stages until stopped"),
    "source": ("streams.cli.source", "what a new feed would bring, and the settings to paste for it"),
    "process": ("streams.cli.process", "run the pipeline on files, without Kafka"),
    "generate": ("streams.cli.generate", "make invented traffic, each item with its truth"),
    "classify-report": ("streams.cli.classify_report", "how well labelled items are filed, and the worst errors"),
    "rules": ("streams.cli.rules", "test classification rules, and show what a change of them would move"),
    "train": ("streams.cli.train", "train the statistical model on labelled data"),
    "why": ("streams.cli.why", "what was decided about a story, and why"),
    "audit": ("streams.cli.audit", "prove on the topics that each raw item has exactly one fate"),
    "dead-letters": ("streams.cli.dead_letters", "look at refused items, retry them or put them away"),
    "desk": ("streams.cli.desk", "change what readers see of a story: withdraw, release, file, retitle; take it back"),
    "replay": ("streams.cli.replay", "the recorded past with today's rules: what would change, and making it so"),
    "state": ("streams.cli.state", "make the fold's state again from the log"),
    "gateway": ("streams.cli.gateway", "serve the ticker over HTTP: page, widget, live stream"),
    "tail": ("streams.cli.tail", "the ticker in a terminal"),
    "export": ("streams.cli.export", "write raw records of a span to one file, for `feed` to play back"),
    "archive": ("streams.cli.archive", "keep what Kafka forgets in daily files, and take killed stories out of them"),
    "reference": ("streams.cli.reference", "show or replace the table of companies"),
    "check": ("streams.cli.check", "say what is wrong and how to correct it"),
    "status": (
        "streams.cli.status",
        "processes, refused files, lag, outcomes, dead letters, the newest item of each source",
    ),
}
"""Name -> (module that exports a click command or group named `command`, one line of help)."""

USAGE_ERRORS = {
    "streams.config.errors.ConfigError",
    "streams.prepare.classify.rules.RulesError",
    "streams.prepare.classify.wire_codes.MappingError",
    "streams.prepare.classify.sectors.SectorsError",
    "streams.prepare.classify.linear_model.ModelError",
}
"""Errors in settings and in the files they name, as class names: exit status 2."""


class LazyGroup(click.Group):
    """A command group that imports the module of a command only when the command is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Returns the names in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Imports and returns a command; None for a name that is not in the table."""
        if cmd_name not in COMMANDS:
            return None
        command = import_module(COMMANDS[cmd_name][0]).command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Writes the list of commands from the table, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, help_) for name, (_, help_) in COMMANDS.items()])


def _print_version(context: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
    if wanted:
        from streams.cli.version import format_version

        click.echo(format_version())
        context.exit()


@click.group(cls=LazyGroup, no_args_is_help=False, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--config", metavar="FILE", help="Settings; else NEWSWIRE_CONFIG, else newswire.toml if it is here.")
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Show the version and exit.",
)
@click.pass_context
def newswire(context: click.Context, config: str | None) -> None:
    """Reads financial news wires from Kafka and writes one enriched topic a category."""
    context.obj = config


def config_path() -> str | None:
    """Returns the FILE of the global option `--config` of the running command, or None."""
    path = click.get_current_context().find_root().obj
    return path if isinstance(path, str) else None


def pass_settings(function: "Callable[Concatenate[Settings, P], R]") -> Callable[P, R]:
    """Decorates a command: loads the settings when it is called and passes them as the first argument."""

    @wraps(function)
    def inner(*args: P.args, **kwargs: P.kwargs) -> R:
        from streams.config.loader import load

        return function(load(config_path()), *args, **kwargs)

    return inner


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Runs the command line. Always raises SystemExit with the exit status."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        # click's own `main` would report errors in its own way.
        with newswire.make_context("newswire", list(sys.argv[1:] if arguments is None else arguments)) as context:
            newswire.invoke(context)
        sys.stdout.flush()
    except click.exceptions.Exit as stop:
        raise SystemExit(stop.exit_code) from None
    except BrokenPipeError:
        # The reader of our output has closed it. Python flushes stdout once more at exit, which must not fail.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(0) from None
    except (click.Abort, KeyboardInterrupt):
        raise SystemExit(130) from None
    except Exception as error:
        if os.environ.get("NEWSWIRE_TRACEBACK"):
            traceback.print_exc()
        sentence, status = _describe_error(error)
        print(escape_controls(sentence), file=sys.stderr)
        raise SystemExit(status) from None
    raise SystemExit(0)


def _describe_error(error: Exception) -> tuple[str, int]:
    if isinstance(error, click.UsageError):
        path = error.ctx.command_path if error.ctx else "newswire"
        return f"{path}: {_join_lines(error.format_message()).rstrip('.')}; see `{path} --help`", 2
    if isinstance(error, click.ClickException):
        return _join_lines(error.format_message()), error.exit_code
    if isinstance(error, WorkFailed):
        return _join_lines(str(error)), 1
    if isinstance(error, OSError) and error.strerror:
        return _join_lines(f"{error.filename}: {error.strerror}" if error.filename else error.strerror), 1
    return _describe_foreign_error(error)


def _describe_foreign_error(error: Exception) -> tuple[str, int]:
    # Compares names, so that reporting an error of one module does not import all others.
    names = {f"{kind.__module__}.{kind.__name__}" for kind in type(error).__mro__}
    if names & USAGE_ERRORS:
        return _join_lines(str(error)), 2
    if "aiokafka.errors.KafkaError" in names:
        from streams.kafka.client import explain_error

        return str(explain_error(error)), 1
    at = traceback.extract_tb(error.__traceback__)[-1]
    what = _join_lines(f"{type(error).__name__}: {error} at {at.filename.rpartition('/')[2]}:{at.lineno}")
    return f"bug: {what}; run with NEWSWIRE_TRACEBACK=1 and report what it prints", 1


def _join_lines(text: str) -> str:
    return " ".join(text.split())
