"""The reference pages of ``docs/reference``, written from what they describe: ``python -m flows.reference``.

With ``--check`` nothing is written; the command exits 1 and names every page that is out of date.
"""

from __future__ import annotations

import inspect
import re
import sys
import tempfile
import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click
from annotated_types import Ge, Gt, Le
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from expectations import checks
from flows import settings
from flows.cli import cli
from flows.settings import Domain, History, Settings
from transforms import causes, compare, decisions, errors, match, measure, normalise, publish, warehouse
from transforms.catalogue import Catalogue, Entity, Reference, load_catalogue, model
from transforms.catalogue.model import Condition
from transforms.extract import oracle, tables_of
from transforms.policy import LandingPolicy, Limits
from transforms.publish import View
from transforms.register import Register
from transforms.screen import TOLD, Kinds
from transforms.warehouse import Warehouse

FOLDER = Path(__file__).parents[1] / "docs" / "reference"
_NOTE = "<!-- Written by `make docs` from {}. Change that, not this page. -->"
_BUILTIN = "millennium"


def pages() -> dict[str, str]:
    """Every reference page by its file name."""
    catalogue = load_catalogue(_BUILTIN)
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


# --- the extract -----------------------------------------------------------------------------------------------------


def extract_page(catalogue: Catalogue) -> str:
    """The columns to extract of every source table, each with a query for Oracle."""
    tables = tables_of(catalogue)
    parts = [
        _NOTE.format("the catalogue's files"),
        "# What to extract",
        f"The {len(tables)} source tables that the catalogue `{catalogue.name}` reads, and of each the columns to "
        "extract; more columns do no harm and are not compared. A column that is not extracted is reported as not "
        "comparable, "
        "never as different; without a **bold** one the items of the table cannot be told apart or counted. "
        "`likare catalogue columns TABLE` prints the same of any catalogue. How to write the files: "
        "[the extract contract](../extract.md).",
    ]
    for table in tables.values():
        names = ", ".join(f"**{c}**" if c in table.needed else c for c in table.columns)
        parts += [f"## {table.name}", names.replace("_", "\\_"), f"```sql\n{oracle(table)}\n```"]
    return "\n\n".join(parts) + "\n"


# --- the catalogue ---------------------------------------------------------------------------------------------------

# Keys of a catalogue file that are not spelled as the model's fields are (its validators take these).
_SPELLED = {
    ("Catalogue", "name"): "catalogue",
    ("Condition", "none_of"): "not",
    ("Condition", "after_snapshot"): "after",
    ("Condition", "not_after_snapshot"): "not_after",
    ("Parent", "references"): "entity",
}
# What the loader fills in by itself.
_DERIVED = {("Catalogue", "entities"), ("Catalogue", "order"), ("Catalogue", "fingerprint")}
# A time to compare with is written as the word for it.
_WRITTEN_TYPE = {("Condition", "after_snapshot"): "`snapshot`", ("Condition", "not_after_snapshot"): "`snapshot`"}
_HEAD_MODELS = (
    model.Catalogue,
    model.Area,
    model.Conventions,
    model.ThroughParents,
    model.Undescribed,
    model.Metadata,
    model.Watch,
)
_ENTITY_MODELS = (
    model.Entity, model.Source, model.Join, model.Climb, model.Latest, model.Gather, model.Condition, model.Parent,
    model.Reference, model.Attribute, model.Embedded, model.National, model.Key, model.Signature,
    model.Fuzzy, model.Follow,
)  # fmt: skip


def catalogue_page(catalogue: Catalogue) -> str:
    """The fields of a catalogue's files, then every entity type of the catalogue."""
    parts = [
        _NOTE.format("`transforms/catalogue/model.py` and the catalogue's files"),
        "# The catalogue",
        "A catalogue is a folder with one `catalogue.yaml` and one YAML file per entity type, named after it. It is "
        "read strictly: an unknown key, a wrong value or a reference to what does not exist is refused with file, line "
        f"and field. Part one lists the keys; part two is the built-in catalogue `{catalogue.name}` as it stands.",
        "## Keys of `catalogue.yaml`",
        *(_model_section(each) for each in _HEAD_MODELS),
        "## Keys of an entity type's file",
        *(_model_section(each) for each in _ENTITY_MODELS),
        f"## The catalogue `{catalogue.name}`",
        f"{len(catalogue.entities)} entity types in {len(catalogue.areas)} areas, of which "
        f"{len({e.area for e in catalogue.ordered})} hold any. An area's weight is its share in the total.",
        _table(
            ("area", "weight", "entity types"),
            [
                (
                    f"{a.title.en} ({a.title.sv}) `{name}`",
                    f"{a.weight:g}",
                    ", ".join(_link(e.entity) for e in catalogue.ordered if e.area == name) or "none yet",
                )
                for name, a in catalogue.areas.items()
            ],
        ),
        _conventions(catalogue),
        *_covered(catalogue),
        *(_entity_section(catalogue, catalogue.entities[name]) for name in sorted(catalogue.entities)),
    ]
    return _page(parts)


def _model_section(cls: type[BaseModel]) -> str:
    rows = [
        (
            f"`{_SPELLED.get((cls.__name__, name), name)}`",
            _WRITTEN_TYPE.get((cls.__name__, name)) or _field_type(field),
            _default(field),
        )
        for name, field in cls.model_fields.items()
        if (cls.__name__, name) not in _DERIVED
    ]
    return f"### {cls.__name__}\n\n{_docstring(cls)}\n\n{_table(('key', 'value', 'default'), rows)}"


def _field_type(field: FieldInfo) -> str:
    shown = _type(field.annotation)
    low = next((m for m in field.metadata if isinstance(m, Ge | Gt)), None)
    high = next((m for m in field.metadata if isinstance(m, Le)), None)
    if low is not None and high is not None:
        above = f"above {low.gt}" if isinstance(low, Gt) else f"from {low.ge}"
        shown += f", {above} to {high.le}"
    return shown


def _type(annotation: Any) -> str:
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return _type(arguments[0])
    if origin in (typing.Union, types.UnionType):
        return " or ".join(_type(a) for a in arguments if a is not type(None))
    if origin is typing.Literal:
        return ", ".join(f"`{a}`" for a in arguments)
    if origin is tuple:
        return f"list of {_type(arguments[0])}"
    if origin is dict:
        return f"mapping of {_type(arguments[0])} to {_type(arguments[1])}"
    if isinstance(annotation, typing.ForwardRef):
        return _link(annotation.__forward_arg__.removesuffix(" | None"))
    if annotation is model._Title:
        return "text, or `{sv: …, en: …}`"
    if inspect.isclass(annotation) and issubclass(annotation, BaseModel):
        return _link(annotation.__name__)
    return {str: "text", bool: "true or false", int: "whole number", float: "number", Path: "path", date: "date"}[
        annotation
    ]


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.default
    if isinstance(value, BaseModel):
        return "as below"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, tuple) and value:
        return ", ".join(f'`"{v}"`' for v in value)
    return f"`{value:g}`" if isinstance(value, float) else f"`{value}`" if value or value == 0 else ""


def _docstring(of: object) -> str:
    return re.sub(r"``", "`", inspect.cleandoc(getattr(of, "__doc__", None) or ""))


def _conventions(catalogue: Catalogue) -> str:
    c = catalogue.conventions
    rows = [
        ("reference values that mean none", _codes(c.none)),
        ("pictures of dates, tried in order", _codes(c.dates)),
        ("a date is open from the year", str(c.open_year)),
        ("columns dropped at the landing (personal)", _codes(c.personal)),
        ("of them replaced by a keyed pseudonym (pseudonym)", _codes(c.pseudonym) or "none"),
        ("a value in which leaves a row at the door (personal_rows)", _codes(c.personal_rows) or "none"),
        (
            "tables whose rows come in only through an item (through_parents)",
            _codes(tuple(c.through_parents)) or "none",
        ),
        ("columns that are never attributes", _codes(c.ignore)),
    ]
    watched = [
        (f"{w.title.en} ({w.title.sv})", f"{_link(w.entity)}.{w.attribute}" + (f", key {w.key}" if w.key else ""))
        for w in catalogue.watch
    ]
    followed = "\n\nFollowed as figures of their own:\n\n" + _table(("figure", "attribute"), watched) if watched else ""
    return _table(("convention", "value"), rows) + followed


def _covered(catalogue: Catalogue) -> list[str]:
    """What a build consists of, entry by entry, with the entity types that answer to it."""
    if not catalogue.checklist:
        return []
    rows = [
        (str(i), f"{title.en} ({title.sv})", ", ".join(_link(e.entity) for e in _covering(catalogue, i)) or "none yet")
        for i, title in enumerate(catalogue.checklist, 1)
    ]
    return ["What a build consists of, and the entity types that cover it:", _table(("", "part", "entity types"), rows)]


def _covering(catalogue: Catalogue, number: int) -> list[Entity]:
    return [e for e in sorted(catalogue.ordered, key=lambda e: e.entity) if number in e.covers]


def _codes(values: Sequence[str]) -> str:
    return ", ".join(f"`{v}`" if v else "empty" for v in values) or "none"


def _entity_section(catalogue: Catalogue, e: Entity) -> str:
    area = catalogue.areas[e.area].title.en
    counted = f"weight {e.weight:g} in {area}"
    if e.role == "component" and e.parent:
        owners = " or ".join(_link(t) for t in e.parent.references.to)
        counted = f"a component, measured as part of its {owners} with weight {e.weight:g}; area {area}"
    if e.expected_local:
        counted += "; expected to differ: reported, not scored"
    facts = [("counts", counted), ("table", _source(e))]
    facts += [("live", _conditions(e.source.live)), ("in scope", _conditions(e.source.scope))]
    facts += [
        (f"joined as `{alias}`", f"`{j.table}` on {_on(j.on)}{_where(j.where)}{_climbed(j)}")
        for alias, j in e.source.joins.items()
    ]
    if e.parent:
        to = " or ".join(_link(t) for t in e.parent.references.to)
        facts.append(("belongs to", f"{to} by `{e.parent.column}`, weight {e.parent.weight:g}"))
    facts += [
        (f"signature `{name}`", f"what its {_link(s.entity)} items say in {_codes(s.of)}")
        for name, s in e.signatures.items()
    ]
    keys = [f"{i}. {_key(e, key)}" for i, key in enumerate(e.keys, 1)]
    rows = [
        (
            f"`{name}`" + (f" {a.title.en} ({a.title.sv})" if a.title else ""),
            f"`{a.column}`",
            _compared(a.references, a.compare),
            f"{a.weight:g}" if a.weight else "–",
            _notes(a),
        )
        for name, a in e.attributes.items()
    ]
    return "\n\n".join(
        part
        for part in (
            f"### {e.entity}",
            f"**{e.title.en}** ({e.title.sv}). {e.description}".strip(),
            _table(("", ""), [f for f in facts if f[1]]),
            "Keys, in the order they are tried:",
            "\n".join(keys),
            _table(("attribute", "column", "compared as", "weight", "notes"), rows),
        )
    )


def _source(e: Entity) -> str:
    text = f"`{e.source.table}`, local id {_codes(e.source.local_id)}"
    if e.source.latest:
        text += f", the highest `{e.source.latest.by}` per {_codes(e.source.latest.per)}"
    if e.source.gather:
        of = _codes(e.source.gather.per)
        text += (
            f", `{e.source.gather.column}` put together of the rows of one {of} in the order of `{e.source.gather.by}`"
        )
    if e.source.distinct:
        text += ", equal rows taken once"
    if e.source.referenced:
        text += ", only those that another item refers to"
    return text


def _key(e: Entity, key: model.Key) -> str:
    on = " + ".join(f"`{part}`" for part in key.on)
    if key.some:
        on += " + some of " + ", ".join(f"`{part}`" for part in key.some)
    notes = [key.rule.replace("_", " ")] if key.rule != "declared_key" else []
    if not key.certain:
        notes.append("not certain")
    if key.fold_case:
        notes.append("without regard to case")
    if key.occurrence:
        notes.append(f"equal ones told apart by the order of `{key.occurrence}`")
    named = f" (named `{key.name}`)" if key.name != "+".join(key.parts) else ""
    return on + named + (f": {', '.join(notes)}" if notes else "")


def _compared(reference: Reference | None, kind: str) -> str:
    if reference is None:
        return kind
    every = f"; {_codes(reference.every)} is all of them" if reference.every else ""
    if reference.type_column:
        chosen = ", ".join(f"`{text}` → {_link(to)}" for text, to in reference.types.items())
        return f"reference; `{reference.type_column}` says to what: {chosen}{every}"
    by = f" by `{reference.by}`" if reference.by else ""
    return f"reference to {' or '.join(_link(t) for t in reference.to)}{by}{every}"


def _notes(a: model.Attribute) -> str:
    notes = [] if not a.when else [f"where {_conditions(a.when)}"]
    notes += ["required"] if a.required else []
    notes += [f"one of {_codes(a.allowed)}"] if a.allowed else []
    notes += [f"code set {a.code_set}"] if a.code_set is not None else []
    notes += [f"codes of `{n.list}`" + (f" after `{n.prefix}`" if n.prefix else "") for n in a.national]
    notes += [f"none: {_codes(a.none)}"] if a.none is not None else []
    notes += [
        f"ids after `{one.before}`: {' or '.join(map(_link, one.to))}"
        if one.before
        else f"ids of {one.digits} digits or more: {' or '.join(map(_link, one.to))}"
        for one in a.embedded
    ]
    notes += ["personal: dropped at the landing"] if a.personal else []
    return "; ".join(notes)


def _conditions(conditions: Mapping[str, Condition]) -> str:
    return " and ".join(f"`{column}` {_condition(c)}" for column, c in conditions.items())


def _condition(c: Condition) -> str:
    said = []
    if c.one_of:
        said.append(f"is {' or '.join(f'`{v}`' for v in c.one_of)}")
    if c.none_of:
        said.append(f"is not {' or '.join(f'`{v}`' for v in c.none_of)}")
    if c.present is not None:
        said.append("has a value" if c.present else "has no value")
    if c.after_snapshot:
        said.append("is after the snapshot, open or empty")
    if c.not_after_snapshot:
        said.append("is not after the snapshot, or empty")
    return " and ".join(said)


def _on(on: Mapping[str, str]) -> str:
    return " and ".join(f"`{theirs}` = `{ours}`" for theirs, ours in on.items())


def _climbed(join: model.Join) -> str:
    if join.climb is None:
        return ""
    return (
        f", and on by `{join.climb.parent}` up to the root; `PATH` is the names, `{join.climb.table}.{join.climb.name}`"
    )


def _where(where: Mapping[str, Condition]) -> str:
    return f" where {_conditions(where)}" if where else ""


# --- the published schema --------------------------------------------------------------------------------------------


def published_page(catalogue: Catalogue) -> str:
    """Every published view with its columns: types as the database gives them, comments as it carries them."""
    tables = _column_types(catalogue)
    fixed = publish.views()
    items = [
        View(f"item_{e.entity}", e.description or f"{e.title.en}.", publish.item_view(e), warehouse.Sql(""))
        for e in catalogue.ordered
    ]
    listed = [(_link(v.name), v.comment) for v in fixed]
    return _page(
        [
            _NOTE.format("`transforms/sql/published` and the catalogue's files"),
            "# The published views",
            "Every night ends as one DuckDB file; `published.duckdb` in the data folder leads to the newest. Its "
            "schema `published` is the interface: dashboards, notebooks and other tools read these views and nothing "
            "else. The same texts are the comments of the views and columns in the database. Names do not change "
            "between versions of Likare without a line in the changelog.",
            "Domain a and domain b of a pair are the first and the second in the order of the settings. Times are the "
            "time of the delivery as its folder is named, without a zone.",
            _table(("view", "a row is"), listed),
            *(_view_section(v, tables[v.name]) for v in fixed),
            "## Items side by side",
            "One view per entity type, one row per pair, item and domain: the attributes as people read them, a "
            "reference by its target's label (`? id` where no live item answers to it). Every one of them has the "
            "columns `pair_id`, `identity`, `domain`, `local_id` and `label`; all columns are text.",
            *(_item_section(v) for v in sorted(items, key=lambda v: v.name)),
        ]
    )


def _view_section(view: View, columns: Mapping[str, str]) -> str:
    rows = [(f"`{name}`", kind, view.columns[name]) for name, kind in columns.items()]
    return f"## {view.name}\n\n{view.comment}\n\n{_table(('column', 'type', 'meaning'), rows)}"


def _item_section(view: View) -> str:
    own = [(f"`{n}`", c) for n, c in view.columns.items() if n not in _EVERY_ITEM]
    return f"### {view.name}\n\n{view.comment}\n\n{_table(('column', 'meaning'), own)}"


_EVERY_ITEM = ("pair_id", "identity", "domain", "local_id", "label")


def _column_types(catalogue: Catalogue) -> dict[str, dict[str, str]]:
    """The columns of every published view with their types, as a night without a single row has them."""
    domains = ("a", "b")
    pairs = match.pairs_of(domains)
    named = [measure.DomainInfo(d, d) for d in domains]
    with tempfile.TemporaryDirectory() as folder, Warehouse(Path(folder), threads=1).night() as night:
        normalise.run(night, catalogue, {})
        checks.store(night, [])
        match.run(night, catalogue, pairs)
        compare.run(night, catalogue, pairs)
        measure.run(night, catalogue, pairs, named, {}, datetime(2000, 1, 1))
        causes.run(night, catalogue, pairs)
        decisions.run(night, catalogue, pairs, Register(Path(folder)), datetime(2000, 1, 1))
        publish.run(night, catalogue, pairs)
        return publish.column_types(night)


# --- settings and commands -------------------------------------------------------------------------------------------


def settings_page() -> str:
    """The keys of ``likare.toml``, the environment, and what lies where in the data folder."""
    module = inspect.cleandoc(settings.__doc__ or "")
    variables = [(f"`{name}`", meaning.replace("``", "`")) for name, meaning in _rst_rows(module)]
    layout = inspect.cleandoc(warehouse.__doc__ or "").split("::\n\n", 1)[1].split("\n\n", 1)[0]
    own = [f for f in Settings.model_fields if f not in ("file", "domains", "landing", "history")]
    written = {
        "catalogue": f"`{_BUILTIN}`",
        "data": "`data`",
        "decisions": "`decisions`",
        "crosswalk": "`crosswalk`",
        "readers": "1",
        "relations": "all three",
    }
    head = [
        (f"`{n}`", _type(Settings.model_fields[n].annotation).replace("path", "text, a path"), written.get(n, ""))
        for n in own
    ]
    domain = [(f"`{n}`", _field_type(f), _default(f)) for n, f in Domain.model_fields.items()]
    door = [
        (f"`{n}`", _field_type(f), _default(f))
        for n, f in LandingPolicy.model_fields.items()
        if n not in ("tables", "personal_data", "pseudonym_key")
    ]
    limits = [(f"`{n}`", _field_type(f), _default(f)) for n, f in Limits.model_fields.items()]
    kept = History.model_fields.items()
    kinds = [(f"`{n}`", _default(f), TOLD[n]) for n, f in Kinds.model_fields.items()]
    return _page(
        [
            _NOTE.format("`flows/settings.py` and `transforms/warehouse.py`"),
            "# Settings",
            "Likare reads `likare.toml` in the current folder or the nearest folder above it. Paths in it are relative "
            "to it. An unknown key is refused with file and line.",
            "## `[likare]`",
            # The first paragraph speaks of the settings once they are read.
            _docstring(Settings).split("\n\n", 1)[1],
            _table(("key", "value", "default"), head),
            "## `[[domain]]`",
            _docstring(Domain) + " Name at least two; their order is the order of the sides in every figure and page.",
            _table(("key", "value", "default"), domain),
            "## `[landing]`",
            _docstring(LandingPolicy).split("\n\n", 1)[1],
            _table(
                ("key", "value", "default"), [*door, ("`pseudonym_key`", "text, a path: the file that holds it", "")]
            ),
            "### `[landing.tables.TABLE]`",
            _docstring(Limits),
            _table(("key", "value", "default"), limits),
            "### `[landing.personal_data]`",
            "What a finding of each kind does: `block` (the delivery is refused), `quarantine` (the row stays out), "
            "`warn` (it lands and is noted) or `off` (it is not looked for). See [personal data](../personal-data.md).",
            _table(("kind", "default", "a finding is"), kinds),
            "## `[history]`",
            _docstring(History) + " See [what is kept](../history.md).",
            _table(("key", "value", "default"), [(f"`{n}`", _field_type(f), _default(f)) for n, f in kept]),
            "## Environment",
            "No other variable is read, and one that starts with `LIKARE_` and is not named here is refused, since it "
            "is most often a misspelt one.",
            _table(("variable", "meaning"), variables),
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
    codes = [(str(c.exit_code), _docstring(c)) for c in faults if c is not errors.LikareError]
    other = (str(errors.LikareError.exit_code), "A fault of Likare itself, with its traceback: please report it.")
    return _page(
        [
            _NOTE.format("the commands' own help"),
            "# The command line",
            "`--json` prints the same for machines, on stdout. An error is one line on stderr and an exit code.",
            *sections,
            "## Exit codes",
            _table(("code", "meaning"), [("0", "It worked."), other, *codes, ("130", "Interrupted.")]),
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


# --- markdown --------------------------------------------------------------------------------------------------------


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(_cell(c) for c in line) + " |" for line in lines)


def _cell(text: str) -> str:
    return re.sub(r"\s+", " ", text).replace("|", "\\|")


def _link(name: str) -> str:
    return f"[{name}](#{name.lower()})"


def _page(parts: Sequence[str]) -> str:
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    main()
