"""Options that several commands take, each said once."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from vmss_invariants.cli.output import Complaint, brief

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
"""Whether standard output is JSON alone."""
OnlyEdition = Annotated[str | None, typer.Option("--edition", help="Only this edition.")]
"""The one edition that is looked at; None: all."""
OnlyKind = Annotated[str | None, typer.Option("--kind", help="Only groups of this kind, such as Uniform or Flexible.")]
"""The one kind of group that is looked at; None: all."""
DescribedFile = Annotated[
    Path, typer.Argument(metavar="FILE", help="A described group (YAML or JSON), or a recording.")
]
"""Where a group is described."""
DescribedEdition = Annotated[
    str | None, typer.Option("--edition", help="The edition whose documents hold; else the file or its dates tell.")
]
"""The edition that a described group lives in."""
ScaleSet = Annotated[
    str | None, typer.Option(metavar="NAME", help="The scale set to take, where a recording shows several.")
]
"""One scale set of several."""


def pause_seconds(text: str) -> int:
    """How long the pause between batches is that `--pause` names."""
    from vmss_invariants.rollouts.strict import duration  # noqa: PLC0415 - the readers take a while to load

    seconds = duration(text.strip())
    if seconds is None:
        raise Complaint(f"--pause {brief(text)}: give a time such as PT30S, PT5M or 300 (seconds), a day at most")
    return seconds


def given_among(context: typer.Context, names: Iterable[str]) -> tuple[str, ...]:
    """Those of the parameters that the command line names, as it writes them, whatever their values are."""
    source = context.get_parameter_source
    given = {name for name in names if getattr(source(name), "name", "") == "COMMANDLINE"}
    return tuple(one.opts[0] for one in context.command.params if one.name in given)
