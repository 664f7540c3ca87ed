"""By what an item is recognised in another domain: keys, and else what it says."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from transforms.catalogue.words import Name
from transforms.words.strict import Strict


class Signature(Strict):
    """What an item's components say, as one value: a key element for items that have no name of their own."""

    entity: Name
    of: tuple[str, ...]


class Key(Strict):
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


class Fuzzy(Strict):
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
