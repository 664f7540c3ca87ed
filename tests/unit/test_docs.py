"""What the documentation says is so: generated pages are current, commands exist, links lead somewhere."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from flows import reference
from flows.cli import cli

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
NOTEBOOKS = sorted(ROOT.glob("notebooks/*.ipynb"))
FENCE = re.compile(r"^```[a-z]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
TARGET = re.compile(r"^([a-z][a-z-]*):", re.MULTILINE)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


@pytest.fixture(scope="module")
def generated() -> dict[str, str]:
    return reference.pages()


def test_the_generated_pages_are_current(generated: dict[str, str]) -> None:
    assert reference.stale(reference.FOLDER, generated) == []


def test_a_page_that_is_edited_missing_or_left_over_is_named(tmp_path: Path) -> None:
    wanted = {"one.md": "as it should be\n", "two.md": "as it should be\n", "three.md": "as it should be\n"}
    (tmp_path / "one.md").write_text("as it should be\n", encoding="utf-8")
    (tmp_path / "two.md").write_text("as someone edited it\n", encoding="utf-8")
    (tmp_path / "old.md").write_text("from an earlier version\n", encoding="utf-8")
    assert reference.stale(tmp_path, wanted) == [
        "docs/reference/two.md: out of date; run make docs",
        "docs/reference/three.md: missing; run make docs",
        "docs/reference/old.md: nothing writes this page; remove it",
    ]


def test_the_pages_name_every_entity_type_view_and_command(generated: dict[str, str]) -> None:
    from transforms.build.publish import views
    from transforms.catalogue import load_catalogue

    entities = load_catalogue("millennium").entities
    assert {f"### {e}" for e in entities} <= set(generated["catalogue.md"].splitlines())
    assert {f"### item_{e}" for e in entities} <= set(generated["published.md"].splitlines())
    assert {f"## {v.name}" for v in views()} <= set(generated["published.md"].splitlines())
    assert {f"## `likare {c}`" for c in cli.commands} <= set(generated["cli.md"].splitlines())


def test_every_published_column_has_a_meaning(generated: dict[str, str]) -> None:
    rows = [line for line in generated["published.md"].splitlines() if line.startswith("| `")]
    assert len(rows) > 100
    assert [row for row in rows if row.rstrip(" |").endswith(("VARCHAR", "INTEGER", "BIGINT", "DOUBLE"))] == []


# --- commands --------------------------------------------------------------------------------------------------------


def _commands(page: Path) -> Iterator[str]:
    """Every command of ours that a page prints in a code block or names in running text."""
    text = page.read_text(encoding="utf-8")
    lines = [line for block in FENCE.findall(text) for line in block.splitlines()]
    lines += re.findall(r"(?<!`)`([^`\n]+)`(?!`)", FENCE.sub("", text))
    for line in lines:
        # Past a prompt, variables set for the command, and the folder the command lies in.
        bare = re.sub(r"^\s*(?:\$ )?(?:[A-Z_]+=\S+ )*(?:\.venv/bin/)?", "", line)
        if re.match(r"(likare|make)( |$)", bare):
            yield re.split(r"\s#|\s[|>&]|&&|;", bare)[0].strip()


def _fault(line: str, targets: set[str]) -> str | None:
    """Why the command cannot be given like that, or None."""
    words = shlex.split(line)
    if words[0] == "make":
        unknown = [w for w in words[1:] if "=" not in w and not w.startswith("-") and w not in targets]
        return f"make has no target {unknown[0]}" if unknown else None
    command: click.Command = cli
    called = "likare"
    context = click.Context(cli, info_name=called)
    for word in words[1:]:
        name = word.split("=")[0]
        if "…" in word or word == "...":
            return None
        if name.startswith("-"):
            options = {o for p in command.params for o in (*p.opts, *p.secondary_opts)} | {"-h", "--help"}
            if name not in options:
                return f"{called} has no option {name}"
        elif isinstance(command, click.Group):
            found = command.get_command(context, word)
            if found is None:
                return f"{called} has no command {word}"
            command, called = found, word
    return None


@pytest.fixture(scope="module")
def targets() -> set[str]:
    return set(TARGET.findall((ROOT / "Makefile").read_text(encoding="utf-8")))


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_every_command_that_is_printed_exists(page: Path, targets: set[str]) -> None:
    faults = {line: fault for line in _commands(page) if (fault := _fault(line, targets))}
    assert faults == {}


def test_the_readme_prints_commands() -> None:
    found = list(_commands(ROOT / "README.md"))
    assert "make run" in found
    assert any(line.startswith("likare status") for line in found)


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("likare statsu", "likare has no command statsu"),
        ("likare differences --areas orders", "differences has no option --areas"),
        ("likare catalogue chek", "catalogue has no command chek"),
        ("make runn", "make has no target runn"),
        ("likare differences --area orders --json", None),
        ("make run SCALE=large", None),
    ],
)
def test_a_command_that_does_not_exist_is_found(line: str, fault: str | None, targets: set[str]) -> None:
    assert _fault(line, targets) == fault


NAMED = re.compile(r"likare((?: [a-z][a-z-]+| --[a-z-]+)+)")
TEXTS = sorted(
    path
    for folder in ("dashboards", "expectations", "flows", "transforms")
    for ending in ("py", "sql", "j2", "yaml", "js")
    for path in (ROOT / folder).rglob(f"*.{ending}")
)


def test_commands_that_pages_and_messages_name_exist() -> None:
    faults = []
    for path in [*TEXTS, ROOT / "likare.toml", ROOT / "Makefile"]:
        for line in NAMED.findall(path.read_text(encoding="utf-8")):
            words = line.split()
            group = isinstance(cli.commands.get(words[0]), click.Group)
            # What follows a command may be the sentence that it stands in; what follows a group is a command.
            said = [w for i, w in enumerate(words) if i <= group or w.startswith("-")]
            if fault := _fault(" ".join(["likare", *said]), set()):
                faults.append(f"{path.relative_to(ROOT)}: {fault}")
    assert faults == []


# --- links -----------------------------------------------------------------------------------------------------------


def _text(page: Path) -> str:
    text = page.read_text(encoding="utf-8")
    if page.suffix == ".ipynb":
        cells = json.loads(text)["cells"]
        return "\n\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "markdown")
    return FENCE.sub("", text)


def _anchors(page: Path) -> set[str]:
    """The names that a page's headings can be linked by."""
    headings = re.findall(r"^#+ +(.+)$", _text(page), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", h.lower()).strip().replace(" ", "-") for h in headings}


@pytest.mark.parametrize("page", [*PAGES, *NOTEBOOKS], ids=lambda p: p.relative_to(ROOT).as_posix())
def test_relative_links_lead_somewhere(page: Path) -> None:
    broken = []
    for link in LINK.findall(_text(page)):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        to = (page.parent / path).resolve() if path else page
        if not to.exists() or not to.is_relative_to(ROOT):
            broken.append(link)
        elif anchor and to.suffix == ".md" and anchor not in _anchors(to):
            broken.append(link)
    assert broken == []
