"""The pages on the settings and on the commands."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator

import click

from flows import settings
from flows.reference.markdown import NOTE, page, table
from flows.reference.words import default, docstring, field_type, type_words
from flows.settings import CATALOGUE, Domain, History, Settings
from transforms import warehouse
from transforms.land.policy import LandingPolicy, Limits
from transforms.land.screen import TOLD, Kinds
from transforms.words import errors


def settings_page() -> str:
    """The keys of ``likare.toml``, the environment, and what lies where in the data folder."""
    module = inspect.cleandoc(settings.__doc__ or "")
    variables = [(f"`{name}`", meaning.replace("``", "`")) for name, meaning in _rst_rows(module)]
    layout = inspect.cleandoc(warehouse.__doc__ or "").split("::\n\n", 1)[1].split("\n\n", 1)[0]
    own = [f for f in Settings.model_fields if f not in ("file", "domains", "landing", "history")]
    written = {
        "catalogue": f"`{CATALOGUE}`",
        "data": "`data`",
        "decisions": "`decisions`",
        "crosswalk": "`crosswalk`",
        "readers": "1",
        "relations": "all three",
    }
    head = [
        (f"`{n}`", type_words(Settings.model_fields[n].annotation).replace("path", "text, a path"), written.get(n, ""))
        for n in own
    ]
    domain = [(f"`{n}`", field_type(f), default(f)) for n, f in Domain.model_fields.items()]
    door = [
        (f"`{n}`", field_type(f), default(f))
        for n, f in LandingPolicy.model_fields.items()
        if n not in ("tables", "personal_data", "pseudonym_key")
    ]
    limits = [(f"`{n}`", field_type(f), default(f)) for n, f in Limits.model_fields.items()]
    kept = History.model_fields.items()
    kinds = [(f"`{n}`", default(f), TOLD[n]) for n, f in Kinds.model_fields.items()]
    return page(
        [
            NOTE.format("`flows/settings.py` and `transforms/warehouse`"),
            "# Settings",
            "Likare reads `likare.toml` in the current folder or the nearest folder above it. Paths in it are relative "
            "to it. An unknown key is refused with file and line.",
            "## `[likare]`",
            # The first paragraph speaks of the settings once they are read.
            docstring(Settings).split("\n\n", 1)[1],
            table(("key", "value", "default"), head),
            "## `[[domain]]`",
            docstring(Domain) + " Name at least two; their order is the order of the sides in every figure and page.",
            table(("key", "value", "default"), domain),
            "## `[landing]`",
            docstring(LandingPolicy).split("\n\n", 1)[1],
            table(
                ("key", "value", "default"), [*door, ("`pseudonym_key`", "text, a path: the file that holds it", "")]
            ),
            "### `[landing.tables.TABLE]`",
            docstring(Limits),
            table(("key", "value", "default"), limits),
            "### `[landing.personal_data]`",
            "What a finding of each kind does: `block` (the delivery is refused), `quarantine` (the row stays out), "
            "`warn` (it lands and is noted) or `off` (it is not looked for). See [personal data](../personal-data.md).",
            table(("kind", "default", "a finding is"), kinds),
            "## `[history]`",
            docstring(History) + " See [what is kept](../history.md).",
            table(("key", "value", "default"), [(f"`{n}`", field_type(f), default(f)) for n, f in kept]),
            "## Environment",
            "No other variable is read, and one that starts with `LIKARE_` and is not named here is refused, since it "
            "is most often a misspelt one.",
            table(("variable", "meaning"), variables),
            "## The data folder",
            f"```text\n{inspect.cleandoc(layout)}\n```",
        ]
    )


def _rst_rows(text: str) -> list[tuple[str, str]]:
    return re.findall(r"^(LIKARE_[A-Z]+) +(.+)$", text, flags=re.MULTILINE)


def cli_page(command: click.Command) -> str:
    """The help of every command as it prints it, and the exit codes."""
    sections = [f"## `{name}`\n\n```text\n{text}\n```" for name, text in _helps(command, "likare", None)]
    faults = sorted((c for c in vars(errors).values() if _is_error(c)), key=lambda c: c.exit_code)
    # The base class is what any other fault leaves with; nothing raises it itself.
    codes = [(str(c.exit_code), docstring(c)) for c in faults if c is not errors.LikareError]
    other = (str(errors.LikareError.exit_code), "A fault of Likare itself, with its traceback: please report it.")
    return page(
        [
            NOTE.format("the commands' own help"),
            "# The command line",
            "`--json` prints the same for machines, on stdout. An error is one line on stderr and an exit code.",
            *sections,
            "## Exit codes",
            table(("code", "meaning"), [("0", "It worked."), other, *codes, ("130", "Interrupted.")]),
        ]
    )


def _is_error(found: object) -> bool:
    return inspect.isclass(found) and issubclass(found, errors.LikareError)


def _helps(command: click.Command, name: str, parent: click.Context | None) -> Iterator[tuple[str, str]]:
    # The width is fixed: click's default is that of the terminal it is run in.
    with click.Context(command, info_name=name.split()[-1], parent=parent, terminal_width=90) as context:
        context.help_option_names = ["-h", "--help"]
        yield name, command.get_help(context).rstrip()
        if isinstance(command, click.Group):
            for each in command.list_commands(context):
                found = command.get_command(context, each)
                if found is not None and not found.hidden:
                    yield from _helps(found, f"{name} {each}", context)
