"""``likare …``: the same functions for a person. An error the user can mend is one line and an exit code.

A command is imported when it is carried out, and with it no more than it needs: all of them take a second, Prefect and
Great Expectations take more.
"""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module

import click
import duckdb

from transforms.words.errors import LikareError, WarehouseError

# The groups of the commands as the help shows them, and which module of this folder holds which.
SECTIONS = {
    "Nights": {"run": "nights", "land": "nights", "release": "nights", "schedule": "schedule", "sample": "nights"},
    "What they say": {
        "status": "status", "differences": "differences", "causes": "differences", "explain": "explain",
        "compare": "history", "quality": "quality", "export": "export", "dashboard": "nights",
    },
    "Which items are the same": {
        "review": "review", "crosswalk": "crosswalk", "match": "match", "evaluate": "evaluate",
    },
    "What is ruled": {"decisions": "decisions", "worklist": "worklist", "target": "target"},
    "What they stand on": {"catalogue": "catalogue", "reference": "reference", "history": "history"},
}  # fmt: skip


class _Commands(Mapping[str, click.Command]):
    """Every command by its name, imported when it is asked for."""

    _module = {name: module for section in SECTIONS.values() for name, module in section.items()}

    def __getitem__(self, name: str) -> click.Command:
        found: Sequence[click.Command] = import_module(f"flows.cli.{self._module[name]}").COMMANDS
        return next(command for command in found if command.name == name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._module)

    def __len__(self) -> int:
        return len(self._module)


class _Sections(click.Group):
    """The commands in groups, each with its whole first sentence."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for title, section in SECTIONS.items():
            with formatter.section(title):
                # One width for all groups, so that the sentences stand under each other.
                formatter.write_dl(
                    [(f"{name:11}", self.commands[name].get_short_help_str(limit=1000)) for name in section]
                )


@click.group(
    cls=_Sections,
    commands=_Commands(),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="likare", message="likare %(version)s")
def cli() -> None:
    """Measures how alike two or more Millennium builds are.

    Settings: likare.toml, here or in a folder above. `likare COMMAND --help` tells more of one.
    """


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
