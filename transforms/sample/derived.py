"""Sample rows of the entity types that have no template of their own, derived from the catalogue and a short recipe.

The catalogue tells the table, the columns, what is live, what an item belongs to and refers to; the recipe how many
there are and what stands in them. What is live and what differs is told by the build itself, not by any key: a
reference is its target's number in the common build.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from graphlib import TopologicalSorter

from transforms.catalogue import Attribute, Catalogue, Entity, Reference
from transforms.catalogue.words import Condition
from transforms.sample.plan import first_value, value_count
from transforms.sample.recipe import Recipe
from transforms.sample.recipes import RECIPES
from transforms.sample.truth import Truth
from transforms.warehouse import Sql, ident, lit

# Stands in for a set of code values that no public source numbers.
_SOME_SET = 34
_CODES = "CODE_VALUE"
_SHARE = 0.03


@dataclass(frozen=True)
class Link:
    """A reference to an item: ``choice`` of its targets, each with the text that names its type ('' where none does).

    ``rank`` is the target's place among the usable items of its type. Without a ``hard`` link's target the item is not
    there either: it has no other key. ``by`` is the attribute it is delivered by, where that is not the id.
    """

    name: str
    targets: tuple[tuple[str, str], ...]
    rank: Sql
    choice: Sql
    hard: bool
    by: str | None


@dataclass(frozen=True)
class Code:
    """A reference to a code value: its number among them, and the set's first and how many they are."""

    name: str
    value: Sql
    first: int
    size: int


@dataclass(frozen=True)
class Value:
    """A value, and what it deviates to."""

    name: str
    value: Sql
    other: Sql


@dataclass(frozen=True)
class Text:
    """A text with the id of an item inside."""

    name: str
    target: str
    before: Sql
    after: Sql


@dataclass(frozen=True)
class Owner:
    """What items belong to: ``each`` of them under ``every`` n-th of its items, numbered from ``base``."""

    entity: str
    text: str
    each: int
    every: int
    base: int


@dataclass(frozen=True)
class Made:
    """One entity type as the templates take it.

    ``gone`` is the state of what belongs to an inactive item: 2 delivered as inactive, 0 not delivered. ``lid`` is the
    local id over the row ``{t}``; ``printed`` are the columns of its table over ``e``, empty for what is only a code
    value; ``coded`` are the columns of its own code value.
    """

    entity: str
    table: str
    recipe: Recipe
    count: int
    junk: int
    highest: int
    owners: tuple[Owner, ...]
    values: tuple[Value, ...]
    codes: tuple[Code, ...]
    links: tuple[Link, ...]
    texts: tuple[Text, ...]
    gone: int
    lid: str
    rates: tuple[tuple[str, float], ...]
    compared: frozenset[str]
    printed: Mapping[str, Sql]
    coded: Mapping[str, Sql]
    pieces: tuple[str, str] | None

    @property
    def truth(self) -> Truth:
        """What the truth files compare of it."""
        plain = [v.name for v in self.values] + [t.name for t in self.texts]
        linked = [c.name for c in self.codes] + [one.name for one in self.links]
        attributes = [(n, f'{{t}}."{n}"', "") for n in plain]
        attributes += [(n, f'{{t}}."{n}"', f'{{t}}."{n}_cause"') for n in linked]
        return Truth(tuple(a for a in attributes if a[0] in self.compared), self.lid, "m.name")


def derive(catalogue: Catalogue, counts: Mapping[str, int], salt: Callable[[str], int]) -> tuple[Made, ...]:
    """The entity types that have a recipe, each after those it belongs to or refers to.

    ``counts`` are the items of the types that have templates of their own, by the highest number they may have.
    """
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for name in sorted(RECIPES):
        sorter.add(name, *sorted(_needs(catalogue.entities[name], RECIPES[name]) & RECIPES.keys() - {name}))
    highest, made = dict(counts), []
    for name in sorter.static_order():
        one = _Deriving(catalogue, catalogue.entities[name], RECIPES[name], highest, counts["orderable"], salt).made()
        highest[name] = one.highest
        made.append(one)
    return tuple(made)


def _needs(e: Entity, recipe: Recipe) -> set[str]:
    found = {owner for owner, _, _ in recipe.of} | {target for target, _, _ in recipe.texts.values()}
    if e.parent and not recipe.of:
        found |= set(e.parent.references.to)
    for name, a in e.attributes.items():
        if a.references and set(a.references.to) != {"code_value"}:
            chosen = recipe.choice.get(name, "")
            targets = _targets(a.references)
            found |= {targets[int(chosen)][1]} if chosen.isdecimal() else {t for _, t in targets}
    return found


def _targets(reference: Reference) -> tuple[tuple[str, str], ...]:
    return tuple(reference.types.items()) if reference.types else tuple(("", t) for t in reference.to)


def _is_text_id(e: Entity) -> str | None:
    """The attribute that is the local id, where it is no number."""
    column = e.source.local_id[0]
    return (
        next((n for n, a in e.attributes.items() if a.column == column), None) if len(e.source.local_id) == 1 else None
    )


class _Deriving:
    """One entity type's derivation."""

    def __init__(
        self,
        catalogue: Catalogue,
        e: Entity,
        recipe: Recipe,
        highest: Mapping[str, int],
        orderables: int,
        salt: Callable[[str], int],
    ) -> None:
        self.catalogue, self.e, self.recipe, self.highest, self.salt = catalogue, e, recipe, highest, salt
        self.owners = tuple(self._owners())
        self.conditions = {c: t for c, t in e.source.live.items() if "." not in c}
        self.count = 0 if self.owners else max(recipe.least, int(recipe.share * orderables))
        self.junk = max(2, self.count // 33) if self.count and e.source.live else 0
        self.in_keys = [set(key.parts) for key in e.keys]

    def made(self) -> Made:
        e, recipe = self.e, self.recipe
        taken: set[str] = set()
        values, codes, links, texts = [], [], [], []
        for name, a in e.attributes.items():
            if a.column in taken and name not in {*recipe.values, *recipe.texts, *recipe.ranks}:
                continue
            taken.add(a.column)
            if name in recipe.texts:
                target, before, after = recipe.texts[name]
                texts.append(Text(name, target, self._sql(before), self._sql(after)))
            elif a.references and set(a.references.to) == {"code_value"} and not a.references.types:
                codes.append(self._code(name, a))
            elif a.references:
                links.append(self._link(name, a.references))
            else:
                values.append(self._value(name, a))
        # A recipe's value may name those before it.
        order = [*recipe.values]
        values.sort(key=lambda one: order.index(one.name) if one.name in order else len(order))
        made_of = Made(
            entity=e.entity,
            table=e.source.table,
            recipe=recipe,
            count=self.count,
            junk=self.junk,
            highest=self._highest(),
            owners=self.owners,
            values=tuple(values),
            codes=tuple(codes),
            links=tuple(links),
            texts=tuple(texts),
            gone=2 if e.source.live else 0,
            lid="",
            rates=(),
            compared=frozenset(e.compared),
            printed={},
            coded={},
            pieces=(e.source.gather.column, e.source.gather.by) if e.source.gather else None,
        )
        columns = dict(self._columns(made_of))
        own = {} if e.source.table == _CODES else columns
        return replace(
            made_of, lid=self._lid(columns), rates=self._rates(made_of), printed=own, coded=self._coded(made_of)
        )

    # --- what is made ------------------------------------------------------------------------------------------------

    def _sql(self, text: str) -> Sql:
        """SQL with {code:N} as the number of a set's first value."""
        return Sql(re.sub(r"\{code:(\d+)\}", lambda m: str(first_value(int(m.group(1)))), text))

    def _owners(self) -> Iterator[Owner]:
        if self.e.parent is None or (self.recipe.share and not self.recipe.of):
            return
        texts = {entity: text for text, entity in self.e.parent.references.types.items()}
        kinds = self.recipe.of or tuple((t, self.recipe.each, self.recipe.every) for t in self.e.parent.references.to)
        base = 0
        for entity, each, every in kinds:
            yield Owner(entity, texts.get(entity, ""), each, every, base)
            base += each * (self.highest[entity] + 1)

    def _highest(self) -> int:
        if not self.owners:
            return (self.count + self.junk) * 2
        last = self.owners[-1]
        return last.base + last.each * (self.highest[last.entity] + 1)

    def _code(self, name: str, a: Attribute) -> Code:
        number = a.code_set or _SOME_SET
        first, size = first_value(number), value_count(number)
        default = f"{first} + (i + k + {self.salt(self.e.entity + name) % 97}) % {size}"
        return Code(name, self._sql(self.recipe.values.get(name, default)), first, size)

    def _link(self, name: str, reference: Reference) -> Link:
        place = "parent * 7 + k" if self.owners else "i"
        rank = self.recipe.ranks.get(name, f"{place} + {self.salt(self.e.entity + name) % 997}")
        targets = _targets(reference)
        choice = self.recipe.choice.get(name, f"i % {len(targets)}")
        if choice.isdecimal():
            targets, choice = (targets[int(choice)],), "0"
        hard = all(name in parts for parts in self.in_keys)
        return Link(name, targets, self._sql(rank), Sql(choice), hard, reference.by)

    def _value(self, name: str, a: Attribute) -> Value:
        value, other = self._usual(name, a)
        value = self.recipe.values.get(name, value)
        return Value(name, self._sql(value), self._sql(self.recipe.other.get(name, other)))

    def _usual(self, name: str, a: Attribute) -> tuple[str, str]:
        """A value as its kind has it, and another one."""
        mine, chance = f"m.{ident(name)}", f"u(i, {self.salt(self.e.entity + '.' + name)})"
        if a.compare == "flag":
            return f"({chance} < 0.3)::INTEGER", f"1 - {mine}"
        if a.compare == "number":
            return f"(1 + floor(20 * {chance}))::INTEGER", f"{mine} + 1"
        if name in ("cki", "concept_cki"):
            return f"CASE WHEN {chance} < 0.3 THEN 'CKI.{self.e.entity.upper()}!' || i END", mine
        if name == "display":
            return "left(name, 40)", f"upper({mine})"
        if a.column.endswith("_KEY"):
            return ("upper(name)" if a.compare in ("text", "long") else "name_key(left(name, 40))"), mine
        if name == self.e.label_attribute:
            return "name", f"{mine} || ' (lokal)'"
        if a.compare in ("text", "long"):
            title = a.title.sv if a.title else name
            return f"left({lit(title + ': ')} || name, 60)", f"left({mine}, 50) || ' (lokal)'"
        if a.column.endswith("_FLAG"):
            return f"floor(3 * {chance})::INTEGER", f"({mine}::INTEGER + 1) % 3"
        following = f"coalesce((try_cast({mine} AS BIGINT) + 1)::VARCHAR, {mine}::VARCHAR || 'X')"
        return f"(1 + floor(4 * {chance}))::INTEGER", following

    def _rates(self, made: Made) -> tuple[tuple[str, float], ...]:
        """What deviates: what no key is made of, and what the recipe does not hold steady."""
        keyed = set().union(*self.in_keys) | set(self.recipe.steady)
        every = [v.name for v in made.values] + [t.name for t in made.texts]
        every += [c.name for c in made.codes] + [one.name for one in made.links]
        names = [name for name in every if name in made.compared and name not in keyed]
        rates = [("missing", self.recipe.missing)] if self.recipe.missing else []
        rates += [("inactive", 0.01)] if made.gone else []
        return tuple(rates + [(name, min(_SHARE, 0.25 / max(len(names), 1))) for name in names])

    # --- how it is printed -------------------------------------------------------------------------------------------

    def _columns(self, made: Made) -> Iterator[tuple[str, Sql]]:
        """The columns of its own table over ``e``; of two that are one column the first."""
        e, found = self.e, {}
        if len(e.source.local_id) == 1:
            found[e.source.local_id[0]] = "printed_id(e.lid, e.d)"
        if e.parent and self.owners and "." not in e.parent.column:
            found[e.parent.column] = self._id([o.entity for o in self.owners], "e.parent_id")
            if e.parent.references.type_column:
                named = " ".join(f"WHEN {i} THEN {lit(o.text)}" for i, o in enumerate(self.owners))
                found[e.parent.references.type_column] = f"CASE e.owner {named} END"
        for link in made.links:
            reference = e.references[link.name]
            if reference.type_column:
                named = " ".join(f"WHEN {i} THEN {lit(text)}" for i, (text, _) in enumerate(link.targets))
                chosen = f"CASE e.{ident(link.name + '__t')} {named} ELSE '' END"
                found.setdefault(reference.type_column, chosen)
            shown = f"e.{ident(link.name + '_id')}"
            plain = f"coalesce({shown}, '')" if link.by else self._id([t for _, t in link.targets], shown)
            found.setdefault(e.attributes[link.name].column, plain)
        for code in made.codes:
            found.setdefault(e.attributes[code.name].column, f"printed_id(e.{ident(code.name + '_id')}, e.d)")
        for text in made.texts:
            found.setdefault(e.attributes[text.name].column, f"e.{ident(text.name + '_printed')}")
        for value in made.values:
            if _is_text_id(e) == value.name:
                found[e.attributes[value.name].column] = f"e.{ident(value.name)}"
            found.setdefault(e.attributes[value.name].column, f"coalesce(e.{ident(value.name)}::VARCHAR, '')")
        for column, condition in e.source.scope.items():
            if condition.one_of:
                found.setdefault(column, lit(condition.one_of[0]))
        for i, (column, condition) in enumerate(self.conditions.items()):
            found[column] = _lives(condition, i, len(self.conditions))
        for column in (e.source.gather.by,) if e.source.gather else ():
            found.setdefault(column, "'1'")
        found |= self.recipe.columns
        yield from ((c, self._sql(text)) for c, text in found.items() if "." not in c)

    def _id(self, entities: Iterable[str], expression: str) -> str:
        text = any(_is_text_id(self.catalogue.entities[t]) and t in RECIPES for t in entities)
        return expression if text else f"printed_id({expression}, e.d)"

    def _lid(self, columns: Mapping[str, Sql]) -> str:
        """The local id as it is read: one column's number, or several columns'."""
        own = self.e.source.local_id
        text = _is_text_id(self.e)
        if len(own) == 1:
            return f'{{t}}."{text}"' if text else "{t}.lid::VARCHAR"
        parts = [f"coalesce(canonical({columns[c]}), '')" for c in own]
        return re.sub(r"\be\.", "{t}.", " || '|' || ".join(parts))

    def _coded(self, made: Made) -> dict[str, Sql]:
        """The columns of its own code value, for the types whose items are values of a set."""
        if not self.recipe.code_set:
            return {}
        at = {a.column.rpartition(".")[2]: n for n, a in self.e.attributes.items() if a.column.count(".") == 0}
        at |= {a.column.removeprefix("code."): n for n, a in self.e.attributes.items() if a.column.startswith("code.")}
        there = {one.name for one in made.values}

        def column(name: str, otherwise: str) -> Sql:
            return Sql(f"e.{ident(at[name])}" if at.get(name) in there else otherwise)

        timed = self.e.source.table == _CODES
        return {
            "code_set": Sql(str(self.recipe.code_set)),
            "display": column("DISPLAY", "left(e.name, 40)"),
            "description": Sql(f"left({column('DESCRIPTION', 'e.name')}, 60)"),
            "cki": column("CKI", "''"),
            "active": Sql("switched(e.state, e.i)" if timed else "(e.state = 1)::INTEGER"),
            "ends": Sql("ends(e.state, e.i, e.d)" if timed else "open_end(e.d)"),
        }


def _lives(condition: Condition, place: int, of: int) -> str:
    """What is printed for a live item, and for every so manieth of the others what fails this condition alone."""
    lives: str
    fails: str
    if condition.one_of:
        lives, fails = lit(condition.one_of[0]), lit("0" if condition.one_of[0] == "1" else "I")
    elif condition.after_snapshot:
        lives, fails = "open_end(e.d)", "'12-MAR-2024 08:15:00'"
    else:
        lives, fails = (
            "printed_time(TIMESTAMP '2019-02-01 00:00:00' + to_days((e.i % 700)::INTEGER))",
            "'01-JAN-2090 00:00:00'",
        )
    return f"CASE WHEN e.state = 1 OR e.i % {of} <> {place} THEN {lives} ELSE {fails} END"
