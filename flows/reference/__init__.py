"""The reference pages of ``docs/reference``, written from what they describe: ``python -m flows.reference``.

With ``--check`` nothing is written; the command exits 1 and names every page that is out of date.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import click

from flows.cli import cli
from flows.reference.catalogue import catalogue_page
from flows.reference.commands import cli_page, settings_page
from flows.reference.extract import extract_page
from flows.reference.published import published_page
from flows.settings import CATALOGUE
from transforms.catalogue import load_catalogue

FOLDER = Path(__file__).parents[2] / "docs" / "reference"


def pages() -> dict[str, str]:
    """Every reference page by its file name."""
    catalogue = load_catalogue(CATALOGUE)
    return {
        "catalogue.md": catalogue_page(catalogue),
        "published.md": published_page(catalogue),
        "settings.md": settings_page(),
        "cli.md": cli_page(cli),
        "extract.md": extract_page(catalogue),
    }


def stale(folder: Path, wanted: Mapping[str, str]) -> list[str]:
    """One line per page of the folder that is missing, differs from what it should say, or is no page of ours."""
    found = []
    for name, text in wanted.items():
        path = folder / name
        if not path.is_file():
            found.append(f"docs/reference/{name}: missing; run make docs")
        elif path.read_text(encoding="utf-8") != text:
            found.append(f"docs/reference/{name}: out of date; run make docs")
    others = sorted(p.name for p in folder.glob("*.md") if p.name not in wanted)
    return found + [f"docs/reference/{name}: nothing writes this page; remove it" for name in others]


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; name every page that is out of date and exit 1.")
def main(check: bool) -> None:
    """Write the reference pages."""
    wanted = pages()
    if check:
        lines = stale(FOLDER, wanted)
        for line in lines:
            click.echo(line, err=True)
        sys.exit(1 if lines else 0)
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in wanted.items():
        (FOLDER / name).write_text(text, encoding="utf-8", newline="\n")
        click.echo(f"docs/reference/{name}")
