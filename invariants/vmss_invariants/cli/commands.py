"""The commands of the command line, and what becomes of errors."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Annotated, Any

import typer

from vmss_invariants.cli.advise import advise_on_rollout
from vmss_invariants.cli.diff import compare_editions
from vmss_invariants.cli.docs import write_docs
from vmss_invariants.cli.explore import explore_worlds
from vmss_invariants.cli.helping import HelpfulCommand, HelpfulGroup
from vmss_invariants.cli.judge import judge_recordings
from vmss_invariants.cli.mutants import break_rules
from vmss_invariants.cli.output import USAGE, Complaint, bound_size, complain, emit
from vmss_invariants.cli.place import place_instances
from vmss_invariants.cli.plan import plan_rollout
from vmss_invariants.cli.rules import list_rules
from vmss_invariants.cli.simulate import simulate_rollout
from vmss_invariants.cli.verify import verify_invariants

__all__ = ["app", "run"]

app = typer.Typer(
    name="vmss-oracle",
    cls=HelpfulGroup,
    help="An executable formal model of Azure VM scale sets, and a test oracle for anything that behaves like one.",
    add_completion=False,
    pretty_exceptions_enable=False,
)
_COMMANDS: Mapping[str, Callable[..., None]] = {
    "rules": list_rules,
    "verify": verify_invariants,
    "judge": judge_recordings,
    "advise": advise_on_rollout,
    "place": place_instances,
    "plan": plan_rollout,
    "simulate": simulate_rollout,
    "explore": explore_worlds,
    "diff": compare_editions,
    "mutants": break_rules,
    "docs": write_docs,
}
for _name, _function in _COMMANDS.items():
    app.command(_name, cls=HelpfulCommand)(_function)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version  # noqa: PLC0415 - costs as much as the whole start otherwise

        emit(f"vmss-oracle {version('vmss-oracle')}\n")
        raise typer.Exit


@app.callback()
def _options(
    _version_wanted: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Options before the command."""


_UsageError: type[Exception] = next(one for one in typer.BadParameter.__mro__ if one.__name__ == "ClickException")
"""The base of the errors in a command line, which typer takes from another place in each of its versions."""


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and give its exit code; every foreseeable failure is one line on standard error."""
    _print_anything()
    bound_size()
    try:
        code = _built().main(args=arguments, prog_name="vmss-oracle", standalone_mode=False)
    except Complaint as complaint:
        complain(str(complaint))
        return USAGE
    except _UsageError as error:
        complain(f"{_message(error)} (`{_command(error)} --help` says more)")
        return USAGE
    except typer.Abort:
        raise KeyboardInterrupt from None
    if code == _BY_SIGNAL:
        raise KeyboardInterrupt
    return code if isinstance(code, int) else 0


@cache
def _built() -> Any:
    """The command line as the library runs it: to build it takes longer than many a command."""
    return typer.main.get_command(app)


def _message(error: Exception) -> str:
    """What is wrong, with the value that is."""
    format_message = getattr(error, "format_message", None)
    message = str(format_message() if callable(format_message) else error).rstrip()
    # Where a value is checked by another library, only that one's error has it.
    errors = getattr(error.__cause__, "errors", None)
    values = [repr(one["input"]) for one in errors() if "input" in one] if callable(errors) else []
    unnamed = [value for value in values if value not in message]
    return f"{message}: {', '.join(unnamed)}" if unnamed else message


def _command(error: Exception) -> str:
    """The command that the line was meant for, as far as that is known."""
    path = getattr(getattr(error, "ctx", None), "command_path", None)
    return path if isinstance(path, str) else "vmss-oracle"


_BY_SIGNAL = 130
"""What the command line's library gives where a signal interrupted it."""


def _print_anything() -> None:
    """Make output that a terminal's encoding cannot show come out escaped rather than fail."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
