"""An entity type: what one file of the catalogue says."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from transforms.catalogue.attribute import Attribute, Follow, Parent, Reference
from transforms.catalogue.key import Fuzzy, Key, Signature
from transforms.catalogue.source import Source
from transforms.catalogue.words import Name, Title
from transforms.words.strict import Strict, as_tuple

Role = Literal["item", "component"]


class Entity(Strict):
    """An entity type: one file of the catalogue.

    ``role`` component means owned by its parent and measured as part of it, with the entity's ``weight`` in the
    parent's agreement. ``expected_local`` is compared and reported but not scored, and so is a ``derived`` type, which
    no person has looked at yet. ``covers`` are the numbers of the catalogue's ``checklist`` that the entity type
    answers to. An item is shown by ``label``, by default its first attribute; where that is empty or leads nowhere, by
    ``label_otherwise``. ``through`` tells where the tree of a component's owner goes on: by attribute, the entity types
    it leads to that are shown below the component, as the section that a form refers to; it scores nothing.
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
    label_otherwise: str | None = None
    keys: tuple[Key, ...] = Field(min_length=1)
    signatures: dict[Name, Signature] = {}
    fuzzy: Fuzzy | None = None
    follows: dict[Name, Follow] = {}
    through: dict[Name, Annotated[tuple[Name, ...], BeforeValidator(as_tuple)]] = {}
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
