"""The catalogue as a whole: all entity types of one product, the areas they belong to, and what holds for them all.

A catalogue is a folder with one ``catalogue.yaml`` (areas, conventions) and one YAML file per entity type. The
model is vendor-neutral: nothing here names a Millennium table. Names of columns are the vendor's, upper or lower
case as delivered; comparison of column names is case-insensitive everywhere.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from transforms.catalogue.conventions import Conventions, Undescribed
from transforms.catalogue.entity import Entity
from transforms.catalogue.words import Name, Title
from transforms.words.strict import Strict


class Area(Strict):
    """A part of the build that leadership follows; ``weight`` is its share in the total."""

    title: Title
    weight: Annotated[float, Field(gt=0, le=1000)] = 1.0


class Watch(Strict):
    """One attribute's agreement followed as a figure of its own, if given over the matches of one key only."""

    name: Name
    title: Title
    entity: Name
    attribute: str
    key: str | None = None


class Catalogue(Strict):
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
