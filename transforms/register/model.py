"""The register's words as types: what a decision covers, what it rules, and how far each region has come with it.

A register is a folder of YAML files, one per area or matter; each holds ``decisions`` and, there or in a file of its
own, ``process``. What a person writes is here; what the program notes when a decision is recorded stands in
``stamped``.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from transforms.words.strict import Strict, as_tuple

Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=80)]
Said = Annotated[str, Field(min_length=1, max_length=2000)]
Domain = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
Ruling = Literal["adopt", "standard", "keep_local", "retire", "defer"]
Kind = Literal["only_a", "only_b", "changed", "moved"]
State = Literal[
    "holds", "stale", "expired", "superseded", "not recorded", "altered", "coming", "covers nothing", "conflict"
]

# The order in which a region works a decision off. ``verified`` is found in its next extract, never written.
STEPS = ("received", "planned", "approved", "built")


Texts = Annotated[tuple[Said, ...], BeforeValidator(as_tuple)]


class Item(Strict):
    """One item with all it consists of.

    ``key`` is its identity, the value of the key that matched it, or the item as it is shown, whichever names it alone.
    """

    entity: Said
    key: Said


class Rule(Strict):
    """Every difference that meets all the conditions given; of several values in one condition, any.

    ``label`` and ``values`` are globs (``*``, ``?``) over the item as shown and over a domain's value; a value that is
    missing is written ``""``. ``only_in`` names the domain that alone has the item. With ``effects`` the rule also
    covers what those items explain in others: a location that stays local, and every reference to it.
    """

    entity: Texts = ()
    area: Texts = ()
    attribute: Texts = ()
    kind: Annotated[tuple[Kind, ...], BeforeValidator(as_tuple)] = ()
    only_in: Domain | None = None
    label: Texts = ()
    values: dict[Domain, str] = {}
    effects: bool = False

    @model_validator(mode="after")
    def _says_of_what(self) -> Rule:
        if not (self.entity or self.area):
            raise ValueError("names neither an entity nor an area; a rule over everything is none")
        if self.effects and self.attribute:
            raise ValueError("'effects' belongs to whole items; leave 'attribute' out")
        return self


class Covers(Strict):
    """What a decision speaks of: exactly one of the four."""

    item: Item | None = None
    difference: Id | None = None
    cause: Id | None = None
    rule: Rule | None = None

    @model_validator(mode="after")
    def _one(self) -> Covers:
        if sum(x is not None for x in (self.item, self.difference, self.cause, self.rule)) != 1:
            raise ValueError("names one of item, difference, cause and rule, and only one")
        return self

    @property
    def kind(self) -> str:
        """``item``, ``difference``, ``cause`` or ``rule``."""
        return next(n for n in ("item", "difference", "cause", "rule") if getattr(self, n) is not None)

    @property
    def told(self) -> str:
        """In a few words."""
        if self.item:
            return f"{self.item.entity} {self.item.key}"
        if self.rule:
            given = self.rule.model_dump(exclude_defaults=True)
            return ", ".join(f"{k} {_words(v)}" for k, v in given.items())
        return f"{self.kind} {self.difference or self.cause}"


def _words(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{k}: {v or '(none)'}" for k, v in value.items())
    return "yes" if value is True else " or ".join(value) if isinstance(value, tuple) else str(value)


class Decision(Strict):
    """A ruling of a forum with a mandate.

    ``adopt`` names the domain whose side is taken (ruling adopt), ``value`` the agreed value (ruling standard).
    ``basis`` lists the legal or national bases by their short names (``likare decisions new`` prints them). ``owner``
    is a role, never a person. A decision that lapses after ``expires`` covers nothing any more; one that ``supersedes``
    others ends them.
    """

    id: Id
    title: Said
    forum: Said
    date: dt.date
    covers: Covers
    ruling: Ruling
    adopt: Domain | None = None
    value: str | None = None
    reason: Said
    basis: Texts = ()
    owner: Said
    expires: dt.date | None = None
    supersedes: Annotated[tuple[Id, ...], BeforeValidator(as_tuple)] = ()

    @model_validator(mode="after")
    def _whole(self) -> Decision:
        if (self.ruling == "adopt") != (self.adopt is not None):
            raise ValueError("'adopt: DOMAIN' belongs to the ruling adopt, and only to it")
        if (self.ruling == "standard") != (self.value is not None):
            raise ValueError("'value: TEXT' belongs to the ruling standard, and only to it")
        if self.expires is not None and self.expires < self.date:
            raise ValueError("'expires' is before 'date'; put one of them right")
        if self.ruling == "defer" and self.expires is None:
            raise ValueError("what is deferred needs 'expires', the date by which it is taken up again")
        if self.id in self.supersedes:
            raise ValueError("'supersedes' names the decision itself")
        return self

    @property
    def digest(self) -> str:
        """A hash of all that was ruled: a decision altered after it was recorded is told by it."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()


class Step(Strict):
    """A step that a region has taken, when and by which role. ``due`` is when the next is promised."""

    date: dt.date
    by: Said
    due: dt.date | None = None
    note: str = ""


class Process(Strict):
    """How far one region has come with one decision. ``verified`` is found in its next extract, never written."""

    decision: Id
    domain: Domain
    received: Step | None = None
    planned: Step | None = None
    approved: Step | None = None
    built: Step | None = None

    @model_validator(mode="before")
    @classmethod
    def _never_verified(cls, value: Any) -> Any:
        if isinstance(value, dict) and "verified" in value:
            raise ValueError("'verified' is found in the region's next extract, never written; take it out")
        return value

    @model_validator(mode="after")
    def _in_order(self) -> Process:
        taken = self.taken
        if not taken:
            raise ValueError("names no step; give one of received, planned, approved and built")
        for (first, one), (then, other) in zip(taken, taken[1:], strict=False):
            if other.date < one.date:
                raise ValueError(f"'{then}' is dated before '{first}'; put one of them right")
        names = [n for n, _ in taken]
        skipped = [s for s in STEPS[: STEPS.index(names[-1])] if s not in names]
        if skipped:
            raise ValueError(f"'{names[-1]}' without '{skipped[0]}'; a step is not skipped")
        return self

    @property
    def taken(self) -> tuple[tuple[str, Step], ...]:
        """The steps taken, in their order."""
        return tuple((name, step) for name in STEPS if (step := getattr(self, name)) is not None)


class VendorStatus(Strict):
    """What became of a joint request to the vendor (the view `vendor_request`), the newest last."""

    request: Id
    status: Literal["sent", "accepted", "declined", "delivered"]
    date: dt.date
    by: Said
    reference: str = ""
    note: str = ""


class RegisterFile(Strict):
    """One file of the register."""

    decisions: tuple[Decision, ...] = ()
    process: tuple[Process, ...] = ()
    vendor: tuple[VendorStatus, ...] = ()
