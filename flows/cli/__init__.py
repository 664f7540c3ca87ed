"""``likare …``: the same functions for a person. An error the user can mend is one line and an exit code.

Prefect and Great Expectations take seconds to import, so only the commands that use them do.
"""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Sequence

import click
import duckdb

from flows.cli import (
    catalogue,
    crosswalk,
    decisions,
    differences,
    evaluate,
    explain,
    export,
    history,
    match,
    nights,
    quality,
    reference,
    review,
    schedule,
    status,
    target,
    worklist,
)
from transforms.words.errors import LikareError, WarehouseError

_MODULES = (
    catalogue, crosswalk, decisions, differences, evaluate, explain, export, history, match, nights, quality, reference,
    review, schedule, status, target, worklist,
)  # fmt: skip
SECTIONS = {
    "Nights": ("run", "land", "release", "schedule", "sample"),
    "What they say": ("status", "differences", "causes", "explain", "compare", "quality", "export", "dashboard"),
    "Which items are the same": ("review", "crosswalk", "match", "evaluate"),
    "What is ruled": ("decisions", "worklist", "target"),
    "What they stand on": ("catalogue", "reference", "history"),
}


class _Sections(click.Group):
    """The commands in groups, each with its whole first sentence."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for title, names in SECTIONS.items():
            with formatter.section(title):
                # One width for all groups, so that the sentences stand under each other.
                rows = [(f"{n:11}", self.commands[n].get_short_help_str(limit=1000)) for n in names]
                formatter.write_dl(rows)


@click.group(cls=_Sections, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="likare", message="likare %(version)s")
def cli() -> None:
    """Measures how alike two or more Millennium builds are.

    Settings: likare.toml, here or in a folder above. `likare COMMAND --help` tells more of one.
    """


for module in _MODULES:
    for command in module.COMMANDS:
        cli.add_command(command)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave the process with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that lacks a sign shows a question mark; it is no reason to stop.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Carry a command out. Returns the exit code; what is wrong goes to stderr as one line.

    An error that nobody foresaw is ours and comes out with its traceback.
    """
    try:
        result = cli.main(list(arguments) if arguments is not None else None, "likare", standalone_mode=False)
        return result if isinstance(result, int) else 0
    except click.exceptions.NoArgsIsHelpError as asked:
        # A group alone is a question what there is of it.
        click.echo(asked.message)
        return 0
    except click.exceptions.Abort:
        return _fail("interrupted; nothing half was published", 130)
    except click.ClickException as fault:
        return _fail(f"{fault.format_message()} (likare --help lists the commands)", fault.exit_code)
    except LikareError as fault:
        return _fail(str(fault), fault.exit_code)
    except BrokenPipeError:
        # The reader of our output (head, less) is gone; Python would complain again when it closes the stream.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except (duckdb.IOException, duckdb.OutOfMemoryException) as fault:
        return _fail(f"the warehouse cannot be read or written: {fault}", WarehouseError.exit_code)
    except OSError as fault:
        if fault.errno not in _FORESEEN:
            raise
        where = f"{fault.filename}: " if fault.filename else ""
        return _fail(f"{where}{_FORESEEN[fault.errno]}", WarehouseError.exit_code)


_FORESEEN = {
    errno.ENOSPC: "the disk is full; free some room and run again, nothing was published",
    errno.EDQUOT: "the disk quota is used up; free some room and run again, nothing was published",
    errno.EACCES: "may not be read or written by this user; see its permissions",
    errno.EPERM: "may not be changed by this user; see its permissions",
    errno.EROFS: "lies on a file system that cannot be written; choose another folder",
}


def _fail(message: str, code: int) -> int:
    from flows.cli.show import plain_line

    sys.stderr.write(f"likare: {plain_line(message)}\n")
    return code


__all__ = ["cli", "main", "run"]
