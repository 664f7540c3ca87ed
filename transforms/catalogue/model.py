"""The catalogue's words as types: what an entity type is, where it comes from and how it is compared.

A catalogue is a folder with one ``catalogue.yaml`` (areas, conventions) and one YAML file per entity type. The
model is vendor-neutral: nothing here names a Millennium table. Names of columns are the vendor's, upper or lower
case as delivered; comparison of column names is case-insensitive everywhere.
"""

from __future__ import annotations

import fnmatch
import re
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
Comparison = Literal[
    "exact", "text", "number", "flag", "date", "set", "list", "mask", "quantity", "long", "xml", "json"
]
Role = Literal["item", "component"]
Scalar = str | int | float | bool
Conditions = dict[str, "Condition"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _both_languages(value: Any) -> Any:
    return {"sv": value, "en": value} if isinstance(value, str) else value


class _Title(_Strict):
    sv: str
    en: str


Title = Annotated[_Title, BeforeValidator(_both_languages)]


class Condition(_Strict):
    """A test of one column. Written in YAML as a value, a list of values or one of the words below."""

    one_of: tuple[str, ...] = ()
    none_of: tuple[str, ...] = ()
    present: bool | None = None
    after_snapshot: bool = False
    not_after_snapshot: bool = False

    @model_validator(mode="before")
    @classmethod
    def _short_forms(cls, value: Any) -> Any:
        if isinstance(value, bool):
            return {"one_of": [str(int(value))]}
        if isinstance(value, str | int | float):
            return {"one_of": [str(value)]}
        if isinstance(value, list):
            return {"one_of": [str(v) for v in value]}
        if isinstance(value, dict):
            renamed = {
                {"not": "none_of", "after": "after_snapshot", "not_after": "not_after_snapshot"}.get(k, k): v
                for k, v in value.items()
            }
            for key in ("one_of", "none_of"):
                if key in renamed:
                    found = renamed[key]
                    renamed[key] = [str(v) for v in (found if isinstance(found, list) else [found])]
            for key in ("after_snapshot", "not_after_snapshot"):
                if key in renamed:
                    if renamed[key] not in ("snapshot", True):
                        raise ValueError("the only time a column can be tested against is 'snapshot'")
                    renamed[key] = True
            return renamed
        return value


def _as_tuple(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


def _as_texts(value: Any) -> Any:
    if isinstance(value, str | int | float):
        value = [value]
    return [str(v) for v in value] if isinstance(value, list) else value


class Climb(_Strict):
    """The way up a tree whose links are a table's rows: ``parent`` is the column that leads upwards.

    At each step the name is the column ``name`` of the row of ``table`` whose ``key`` is the parent. A row with several
    parents gets the way that sorts first.
    """

    parent: str
    table: str
    key: str
    name: str


class Join(_Strict):
    """A second source table, left-joined to add columns. ``on`` maps its columns to the first table's.

    Of several rows that fit, ``first`` keeps the one with the lowest number in that column. With ``climb`` it is
    followed upwards, and joined as one row per child with the column ``PATH``: the names from the root down to the
    parent.
    """

    table: str
    files: tuple[str, ...] = ()
    on: dict[str, str]
    where: Conditions = {}
    first: str | None = None
    climb: Climb | None = None

    @model_validator(mode="after")
    def _one_child(self) -> Join:
        if self.climb and len(self.on) != 1:
            raise ValueError("a table that is climbed is joined on one column, that of the child")
        return self


class Gather(_Strict):
    """Rows that are one text cut into pieces: one row per ``per``, its ``column`` the pieces in the order of ``by``."""

    per: Annotated[tuple[str, ...], BeforeValidator(_as_tuple)]
    by: str
    column: str


class Source(_Strict):
    """Where the rows of an entity type come from.

    ``files`` are globs over the delivery's relative paths (default: the table's name with any ending).
    ``local_id`` is one column, or several that are joined. ``live`` and ``scope`` must all hold; ``distinct``
    collapses rows that are equal in every column used, for extracts that repeat a parent per child; ``latest``
    keeps the highest version of a thing; ``gather`` puts together a text that is cut into rows. With ``referenced``
    only rows that an item of another entity type refers to are items, for tables that hold a whole terminology.
    ``renamed`` maps a column to the name it had in earlier extracts.
    """

    table: str
    files: tuple[str, ...] = ()
    local_id: Annotated[tuple[str, ...], BeforeValidator(_as_tuple)]
    live: Conditions = {}
    scope: Conditions = {}
    distinct: bool = False
    latest: Latest | None = None
    gather: Gather | None = None
    referenced: bool = False
    joins: dict[Name, Join] = {}
    renamed: dict[str, str] = {}


class Latest(_Strict):
    """Keep one row per ``per``: the one with the highest number in ``by``."""

    per: Annotated[tuple[str, ...], BeforeValidator(_as_tuple)]
    by: str


class Reference(_Strict):
    """A link to another item.

    ``to`` names the entity types it may lead to. With ``type_column`` the link is polymorphic: that column's text
    chooses the entity type by ``types``. ``by`` is the target's attribute whose value is stored, where it is not the
    target's local id. ``every`` are values that mean all targets there are: a value of its own, equal in every domain.
    """

    to: Annotated[tuple[str, ...], BeforeValidator(_as_tuple)]
    by: str | None = None
    type_column: str | None = None
    types: dict[str, str] = {}
    every: Annotated[tuple[str, ...], BeforeValidator(_as_texts)] = ()

    @model_validator(mode="before")
    @classmethod
    def _short_forms(cls, value: Any) -> Any:
        if isinstance(value, str | list):
            return {"to": value}
        if isinstance(value, dict) and "types" in value and "to" not in value and isinstance(value["types"], dict):
            return {**value, "to": sorted(set(value["types"].values()))}
        return value

    @model_validator(mode="after")
    def _whole(self) -> Reference:
        if bool(self.type_column) != bool(self.types):
            raise ValueError("'type_column' and 'types' belong together")
        return self


class Embedded(_Strict):
    """Local ids inside a text: a number that follows ``before`` is the id of an item of one of the types ``to``.

    ``before`` is a regular expression. Where it is not given, any number of at least ``digits`` digits that stands by
    itself is looked up, and one that leads nowhere is taken for a plain number; after ``before`` it is reported. An id
    that is found is compared by what it leads to.
    """

    to: Annotated[tuple[str, ...], BeforeValidator(_as_tuple)]
    before: str = ""
    digits: Annotated[int, Field(ge=1, le=30)] = 5

    @model_validator(mode="before")
    @classmethod
    def _short_forms(cls, value: Any) -> Any:
        return {"to": value} if isinstance(value, str | list) else value

    @model_validator(mode="after")
    def _sound(self) -> Embedded:
        try:
            pattern = re.compile(self.before)
        except re.error as fault:
            raise ValueError(f"'before' is no regular expression ({fault})") from None
        if pattern.groups or "(?" in self.before:
            raise ValueError("'before' may hold no group; write alternatives as entries of their own")
        return self


def _as_embedded(value: Any) -> Any:
    return [value] if isinstance(value, str | dict) else value


class National(_Strict):
    """A national list that an attribute's values are codes of: those that begin with ``prefix``, no part of the code.

    ``list`` is the name of a declared list (`likare reference list`). Written as its name alone, every value is meant.
    """

    list: Name
    prefix: str = ""


def _as_national(value: Any) -> Any:
    found = value if isinstance(value, list) else [value]
    return [{"list": one} if isinstance(one, str) else one for one in found]


class Attribute(_Strict):
    """A property of an item. ``weight`` 0 keeps it for keys and labels and leaves it out of the comparison.

    ``column`` may be ``alias.COLUMN`` for a joined table. ``when`` makes the value NULL on rows where it does not
    hold. ``required``, ``allowed``, ``code_set`` and ``national`` are checked, not enforced. ``embedded`` tells of
    local ids inside the text.

    Kinds of comparison: ``exact`` and ``text`` (blanks folded), ``number``, ``flag``, ``date``, ``set`` and ``list``
    (cut at ``separator``; a list counts its order), ``mask`` (a number of bits), ``quantity`` (a number with its
    unit in one text), ``long`` (lines), ``xml`` and ``json`` (what they say, not how they are laid out). ``unit`` names
    the attribute that gives a number's unit: then 0.5 in g is 500 in mg.
    """

    column: str
    title: Title | None = None
    compare: Comparison = "exact"
    weight: Annotated[float, Field(ge=0, le=1000)] = 1.0
    references: Reference | None = None
    none: tuple[str, ...] | None = None
    when: Conditions = {}
    separator: str = ";"
    required: bool = False
    allowed: tuple[str, ...] = ()
    code_set: int | None = None
    embedded: Annotated[tuple[Embedded, ...], BeforeValidator(_as_embedded)] = ()
    national: Annotated[tuple[National, ...], BeforeValidator(_as_national)] = ()
    unit: str | None = None
    personal: bool = False

    @model_validator(mode="before")
    @classmethod
    def _short_forms(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {"column": value}
        if isinstance(value, dict):
            value = dict(value)
            for key in ("allowed", "none"):
                if isinstance(value.get(key), list):
                    value[key] = [str(v) for v in value[key]]
        return value


class Parent(_Strict):
    """The item that owns this one."""

    column: str
    references: Reference
    weight: Annotated[float, Field(ge=0, le=1000)] = 1.0
    none: tuple[str, ...] | None = None

    @model_validator(mode="before")
    @classmethod
    def _short_forms(cls, value: Any) -> Any:
        if isinstance(value, dict) and "entity" in value:
            value = dict(value)
            value["references"] = value.pop("entity")
            if "via" in value:
                value["column"] = value.pop("via")
        return value


class Signature(_Strict):
    """What an item's components say, as one value: a key element for items that have no name of their own."""

    entity: Name
    of: tuple[str, ...]


class Follow(_Strict):
    """Another item without which this one has no place, though no reference leads to it.

    ``on`` maps references of that entity type to references of this one, or of its parent (``parent.format``): a
    detail of an order sentence follows the field of the sentence's format.
    """

    entity: Name
    on: dict[str, str] = Field(min_length=1)


class Key(_Strict):
    """A value by which an item can be recognised in another domain.

    ``on`` names attributes, ``parent`` or signatures; every one must have a value. Of those in ``some`` at least one
    must; the others count as left open. ``rule`` is recorded on the match.
    A key that is not ``certain`` gives matches that the lower bound of convergence does not count. ``occurrence``
    names the attribute by whose order equal values are told apart (first with first, second with second).
    """

    on: tuple[str, ...] = Field(min_length=1)
    some: tuple[str, ...] = ()
    name: str = ""
    rule: Literal["vendor_identifier", "declared_key"] = "declared_key"
    certain: bool = True
    fold_case: bool = False
    occurrence: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _short_forms(cls, value: Any) -> Any:
        if isinstance(value, str):
            value = [value]
        if isinstance(value, list):
            value = {"on": value}
        if isinstance(value, dict) and isinstance(value.get("on"), str):
            value = {**value, "on": [value["on"]]}
        if isinstance(value, dict) and isinstance(value.get("on"), list) and not value.get("name"):
            some = value.get("some")
            parts = [*value["on"], *(some if isinstance(some, list) else [])]
            value = {**value, "name": "+".join(str(v) for v in parts)}
        return value

    @property
    def parts(self) -> tuple[str, ...]:
        """All that the key is made of."""
        return self.on + self.some


class Fuzzy(_Strict):
    """Recognition by what items say, of those that no key matched (rule ``probabilistic``).

    ``attributes``: what is weighed (default: every compared attribute, the label and the parent). ``veto``: attributes
    or ``parent`` in which two items of one thing never differ. ``accept``: the
    least chance at which a pair is matched without a person, ``review``: at which it is put before one.
    ``cardinality``: to how many items one belongs. A match has one item a side; where several items of a may belong to
    one of b (many_to_one), those that are left over by a shared key or by what they say are put before a person.
    """

    attributes: tuple[Name, ...] = ()
    veto: tuple[Name, ...] = ()
    cardinality: Literal["one_to_one", "many_to_one", "one_to_many", "many_to_many"] = "one_to_one"
    accept: Annotated[float, Field(gt=0.5, le=1)] = 0.97
    review: Annotated[float, Field(gt=0, le=1)] = 0.4


class Watch(_Strict):
    """One attribute's agreement followed as a figure of its own, if given over the matches of one key only."""

    name: Name
    title: Title
    entity: Name
    attribute: str
    key: str | None = None


class Area(_Strict):
    """A part of the build that leadership follows; ``weight`` is its share in the total."""

    title: Title
    weight: Annotated[float, Field(gt=0, le=1000)] = 1.0


def _fits(column: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatch.fnmatch(column.upper(), pattern.upper()) for pattern in patterns)


def _time_zone(value: str) -> str:
    try:
        return ZoneInfo(value).key
    except (ValueError, OSError, KeyError):
        raise ValueError(f"'{value}' is no known time zone; write it as Europe/Stockholm") from None


class ThroughParents(_Strict):
    """A table of texts that may hold anything: a row comes in only if a row of a described table refers to it.

    ``id``: its id. ``columns``: patterns of the columns that refer to it. ``typed``: columns that refer to it where
    another one holds a name of the table (``names``, by default its own).
    """

    id: str
    columns: tuple[str, ...] = ()
    typed: dict[str, str] = {}
    names: tuple[str, ...] = ()

    def refers(self, column: str) -> bool:
        """Whether a column of that name refers to the table, whatever its row says."""
        return _fits(column, self.columns)


class Conventions(_Strict):
    """What holds for every table of one product unless an attribute says otherwise.

    ``none``: reference values that mean "no reference". ``dates``: strptime pictures tried in order. ``open_year``:
    a date in or after it is open. ``clock``: the time zone in which times are compared. ``personal``: column patterns
    dropped at the landing; ``pseudonym``: those of them that are replaced by a keyed pseudonym where the installation
    has a key. ``personal_rows``: column patterns; a row with another value than 0 there is one person's own and is left
    at the door. ``through_parents``: by table, texts that come in only with an item they belong to. ``ignore``: column
    patterns that are never attributes.
    """

    none: tuple[str, ...] = ("", "0")
    dates: tuple[str, ...] = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d")
    open_year: int = 2100
    clock: Annotated[str, AfterValidator(_time_zone)] = "Europe/Stockholm"
    personal: tuple[str, ...] = ()
    pseudonym: tuple[str, ...] = ()
    personal_rows: tuple[str, ...] = ()
    through_parents: dict[str, ThroughParents] = {}
    ignore: tuple[str, ...] = ()

    def is_pseudonym(self, column: str) -> bool:
        """Whether the column is replaced by a pseudonym where there is a key."""
        return _fits(column, self.pseudonym)

    def is_owner(self, column: str) -> bool:
        """Whether a value in the column makes a row one person's own."""
        return _fits(column, self.personal_rows)

    def is_personal(self, column: str) -> bool:
        """Whether the column is known to hold personal data."""
        return _fits(column, self.personal) or self.is_pseudonym(column)

    def is_ignored(self, column: str) -> bool:
        """Whether the column is never an attribute."""
        return _fits(column, self.ignore)


class Metadata(_Strict):
    """The table in which a domain itself tells of its columns: one row per table and column.

    ``in_key`` is 1 where the column is part of the natural key; ``target_table`` and ``target_column`` tell what it
    refers to, ``code_set`` which set its codes are of.
    """

    table: str
    of_table: str
    of_column: str
    in_key: str
    target_table: str
    target_column: str
    code_set: str


class Usage(_Strict):
    """The table that tells how often items are used: one row per item, a count over any span, no person in it.

    ``of_table`` names the source table of the item's entity type, ``local_id`` the item there, ``uses`` the count.
    """

    table: str
    of_table: str
    local_id: str
    uses: str


class Undescribed(_Strict):
    """How a delivered table that no file describes is understood (transforms/derive).

    ``ids``: patterns of columns that hold local ids. ``live``: conditions that hold for live rows of any table that
    has the column. ``typed``: pairs of patterns, a column that names a table and the one with an id of it; what ``*``
    stands for is the same in both. ``codes``: where codes are kept, entity type and its attribute that names the set.
    ``skip``: tables that are no configuration; ``usage``: the one that counts how often items are used.
    """

    title: Title = _Title(sv="Övriga tabeller", en="Other tables")
    ids: tuple[str, ...] = ("*_ID", "*_CD", "*UUID", "ID", "*_UID")
    live: Conditions = {}
    typed: tuple[tuple[str, str], ...] = (("*_ENTITY_NAME", "*_ENTITY_ID"),)
    codes: tuple[str, str] | None = None
    metadata: Metadata | None = None
    usage: Usage | None = None
    skip: tuple[str, ...] = ()

    def is_id(self, column: str) -> bool:
        """Whether a column of this name holds ids."""
        return _fits(column, self.ids)

    def is_usage(self, table: str) -> bool:
        """Whether a table of this name counts how often items are used."""
        return self.usage is not None and table.upper() == self.usage.table.upper()

    def is_skipped(self, table: str) -> bool:
        """Whether a table of this name is no configuration."""
        metadata = self.metadata is not None and table.upper() == self.metadata.table.upper()
        return _fits(table, self.skip) or metadata or self.is_usage(table)


class Entity(_Strict):
    """An entity type: one file of the catalogue.

    ``role`` component means owned by its parent and measured as part of it, with the entity's ``weight`` in the
    parent's agreement. ``expected_local`` is compared and reported but not scored, and so is a ``derived`` type, which
    no person has looked at yet. ``covers`` are the numbers of the catalogue's ``checklist`` that the entity type
    answers to.
    """

    entity: Name
    title: Title
    description: str = ""
    area: Name
    weight: Annotated[float, Field(gt=0, le=1000)] = 1.0
    role: Role = "item"
    expected_local: bool = False
    covers: Annotated[tuple[int, ...], BeforeValidator(lambda v: (v,) if isinstance(v, int) else v)] = ()
    derived: bool = False
    source: Source
    parent: Parent | None = None
    label: str | None = None
    keys: tuple[Key, ...] = Field(min_length=1)
    signatures: dict[Name, Signature] = {}
    fuzzy: Fuzzy | None = None
    follows: dict[Name, Follow] = {}
    attributes: dict[Name, Attribute] = Field(min_length=1)
    ignore: tuple[str, ...] = ()
    max_rejected_share: Annotated[float, Field(ge=0, le=1)] = 0.05

    @property
    def label_attribute(self) -> str:
        """The attribute an item is shown by."""
        return self.label or next(iter(self.attributes))

    @property
    def hashed(self) -> tuple[str, ...]:
        """The compared attributes whose text says by itself whether they are equal: no references, no ids in them."""
        return tuple(n for n, a in self.compared.items() if a.references is None and n not in self.embedding)

    @property
    def weighed(self) -> tuple[str, ...]:
        """What the probabilistic rule weighs: attributes, and ``parent``; nothing where it is not declared."""
        if self.fuzzy is None:
            return ()
        every = dict.fromkeys([self.label_attribute, *self.compared, *(("parent",) if self.parent else ())])
        chosen = self.fuzzy.attributes or tuple(n for n in every if n == "parent" or n in self.attributes)
        return tuple(dict.fromkeys([*chosen, *self.fuzzy.veto]))

    @property
    def references(self) -> dict[str, Reference]:
        """Every link to another item by attribute name, the parent as ``parent``."""
        links = {n: a.references for n, a in self.attributes.items() if a.references is not None}
        return {"parent": self.parent.references, **links} if self.parent else links

    @property
    def embedding(self) -> dict[str, Attribute]:
        """The compared attributes whose text may hold local ids."""
        return {n: a for n, a in self.compared.items() if a.embedded}

    @property
    def placed_by(self) -> tuple[str, ...]:
        """The attributes that put components of one owner in order."""
        named = [key.occurrence for key in self.keys if key.occurrence]
        named += [n for n in self.attributes if n == "sequence" or n.endswith("_sequence")]
        return tuple(dict.fromkeys(named))

    @property
    def compared(self) -> dict[str, Attribute]:
        """The attributes that count in the comparison (weight above 0), without the parent."""
        return {n: a for n, a in self.attributes.items() if a.weight > 0}


class Catalogue(_Strict):
    """All entity types of one product, in an order in which every key's references come before it.

    ``checklist`` is what a build of the product consists of, numbered from 1, whether or not a file covers it.
    ``circles`` are entity types whose keys refer to each other (or to their own type): they are matched in rounds.
    """

    name: Name
    title: Title
    areas: dict[Name, Area]
    conventions: Conventions = Conventions()
    checklist: tuple[Title, ...] = ()
    undescribed: Undescribed = Undescribed()
    watch: tuple[Watch, ...] = ()
    entities: dict[str, Entity] = {}
    order: tuple[str, ...] = ()
    circles: tuple[tuple[str, ...], ...] = ()
    fingerprint: str = ""

    @property
    def ordered(self) -> tuple[Entity, ...]:
        """The entity types in matching order: a type comes after those its keys refer to."""
        return tuple(self.entities[name] for name in self.order)

    def circle_of(self, entity: str) -> tuple[str, ...]:
        """The entity types that are matched in rounds with this one, itself among them; empty where none are."""
        return next((circle for circle in self.circles if entity in circle), ())

    def components_of(self, entity: str) -> tuple[Entity, ...]:
        """The component types whose parent may be this entity type."""
        return tuple(e for e in self.ordered if e.role == "component" and e.parent and entity in e.parent.references.to)

    def tables(self) -> dict[str, tuple[str, ...]]:
        """Every source table with the file patterns that deliver it."""
        found: dict[str, tuple[str, ...]] = {}
        for e in self.entities.values():
            for table, files in (
                [(e.source.table, e.source.files)]
                + [(j.table, j.files) for j in e.source.joins.values()]
                + [(j.climb.table, ()) for j in e.source.joins.values() if j.climb]
            ):
                found[table] = tuple(dict.fromkeys(found.get(table, ()) + files))
        return {t: f or (f"{t}.*", f"**/{t}.*") for t, f in sorted(found.items())}
