"""How much the sample holds, and what is made to differ between the two domains, when and why."""

from __future__ import annotations

from dataclasses import dataclass

from transforms.sample import vocabulary as words

SCALES = {"demo": 30_000, "small": 200_000, "medium": 1_000_000, "large": 5_000_000}
# Fewer and the proportions of a build, and some planted causes, cannot be kept.
LEAST_ROWS = 5_000

# Rows of one domain that do not grow with its orderables, and rows per orderable: measured, tested within 15 %.
_FIXED_ROWS = 1650
_ROWS_PER_ORDERABLE = 45.16


@dataclass(frozen=True)
class Rate:
    """A share of an entity type's items that deviates in one way.

    ``what`` is a catalogue attribute, or missing, inactive or moved; ``where`` an SQL condition on the master's row.
    """

    what: str
    share: float
    where: str = "true"


# Units of measure, routes and frequencies are left out: they deviate by the CAUSES below.
RATES: dict[str, tuple[Rate, ...]] = {
    "code_set": (Rate("description", 0.06), Rate("alias_unique", 0.05)),
    "code_value": (
        Rate("missing", 0.10, "local"),
        Rate("inactive", 0.01, "local"),
        Rate("display", 0.03, "local"),
        Rate("description", 0.02, "vendor"),
        Rate("sequence", 0.03, "local"),
    ),
    "event_code": (
        Rate("missing", 0.06),
        Rate("inactive", 0.01),
        Rate("display", 0.02),
        Rate("description", 0.02, "NOT alike"),
        Rate("event_class", 0.01),
        Rate("event_set", 0.03),
    ),
    "oe_field": (Rate("accept_size", 0.08), Rate("highest", 0.06)),
    "order_entry_format": (Rate("missing", 0.5, "spare"),),
    "oe_format_field": (
        Rate("missing", 0.04, "field >= 7"),
        Rate("accept", 0.05),
        Rate("label_text", 0.04),
        Rate("default", 0.02),
        Rate("field_sequence", 0.03),
    ),
    "orderable": (
        Rate("missing", 0.07),
        Rate("inactive", 0.01),
        Rate("primary_mnemonic", 0.01),
        Rate("description", 0.02),
        Rate("department_name", 0.03),
        Rate("clinical_category", 0.01),
        Rate("format", 0.01),
        Rate("stop_duration", 0.03, "stop_duration IS NOT NULL"),
        Rate("duplicate_check", 0.01),
    ),
    "order_synonym": (
        Rate("missing", 0.03),
        Rate("inactive", 0.01),
        Rate("mnemonic", 0.03),
        Rate("hidden", 0.02),
        Rate("high_alert", 0.01),
        Rate("prescription_mask", 0.01),
    ),
    "order_sentence": (Rate("missing", 0.04), Rate("usage", 0.01)),
    # What would change a sentence beyond recognition happens only where the vendor's identifier holds it together.
    "order_sentence_detail": (
        Rate("amount", 0.03, "sequence = 1 AND external IS NOT NULL"),
        Rate("text", 0.05, "sequence = 5 AND external IS NOT NULL"),
        Rate("missing", 0.03, "sequence >= 6 AND external IS NOT NULL"),
        Rate("value", 0.02, "sequence = 4"),
    ),
    "dta": (
        Rate("missing", 0.06),
        Rate("inactive", 0.01),
        Rate("mnemonic", 0.02),
        Rate("description", 0.02),
        Rate("result_type", 0.01),
        Rate("single_select", 0.01),
    ),
    "reference_range": (
        Rate("missing", 0.02),
        Rate("normal_high", 0.05),
        Rate("normal_low", 0.03, "normal_ind = 3"),
        Rate("critical_high", 0.02, "critical_ind = 3"),
        Rate("units", 0.01),
    ),
    "powerplan": (
        Rate("missing", 0.06),
        Rate("inactive", 0.01),
        Rate("description", 0.03),
        Rate("duration", 0.04),
        Rate("alerts_on_plan", 0.03),
    ),
    "plan_phase": (Rate("optional", 0.05), Rate("duration", 0.03)),
    "plan_component": (
        Rate("missing", 0.03, "plain"),
        Rate("moved", 0.02, "plain AND phase IS NOT NULL"),
        Rate("included", 0.03, "plain"),
        Rate("required", 0.02, "plain"),
        Rate("sentence", 0.02, "plain AND sentence IS NOT NULL"),
        Rate("sequence", 0.03, "plain"),
    ),
    "position": (Rate("missing", 0.12), Rate("display", 0.06), Rate("definition", 0.04)),
}

# The types that drift apart over the nights while the others converge: one area of the catalogue.
DRIFTING = ("event_code", "dta", "reference_range")


@dataclass(frozen=True)
class Cause:
    """One planned deviation that explains many others.

    ``what`` is display (renamed to ``into``) or missing (references go to the value at ``instead``). ``side`` is the
    domain that deviates, ``opens`` and ``closes`` nights from 1, None for never.
    """

    code_set: int
    position: int
    what: str
    side: int
    opens: int = 1
    closes: int | None = None
    into: str = ""
    instead: int = 0


CAUSES = (
    Cause(54, 1, "display", 1, closes=4, into="mcg"),
    Cause(4001, 1, "display", 0, into="iv injektion"),
    Cause(4003, 2, "display", 1, closes=3, into="1 x 3"),
    Cause(54, 12, "missing", 0, closes=5, instead=13),
    Cause(4001, 5, "missing", 1, instead=4),
    Cause(4003, 9, "display", 0, opens=4, into="8-timmarsintervall"),
    Cause(54, 8, "missing", 1, opens=3, instead=14),
)

# A field dropped from one format in one domain takes its details along: (format, field, side, opens, closes).
DROPPED_FIELD = (3, 4, 1, 1, 4)


@dataclass(frozen=True)
class Sizes:
    """Items per entity type, without those that are inactive in both domains."""

    orderables: int

    @property
    def counts(self) -> dict[str, int]:
        """Live items by entity type. Sentence details, ranges, phases and components follow from their owners."""
        n = self.orderables
        return {
            "code_set": len(words.CODE_SETS) + len(words.LOCAL_SETS),
            "code_value": fixed_values() + int(0.6 * n),
            "event_code": int(2.2 * n),
            "oe_field": len(words.FIELDS),
            "order_entry_format": 16 + n // 300 + max(4, n // 300),
            "orderable": n,
            "order_synonym": n * 2 + n // 2,
            "dta": n,
            "powerplan": max(12, int(0.06 * n)),
            "position": 48 + n // 40,
        }


def sizes(rows: int) -> Sizes:
    """What makes up about ``rows`` rows in one domain over all its tables."""
    n = max(int((rows - _FIXED_ROWS) / _ROWS_PER_ORDERABLE), 70)
    # The targets of a plan's components step through the synonyms by 13.
    while (n * 2 + n // 2) % 13 == 0:
        n += 1
    return Sizes(n)


def fixed_values() -> int:
    """The code values of the sets that other types refer to; those of local sets come after."""
    return sum(len(s.values) for s in words.CODE_SETS)


def first_value(code_set: int) -> int:
    """The index among all code values of a set's first."""
    at = 0
    for s in words.CODE_SETS:
        if s.number == code_set:
            return at
        at += len(s.values)
    raise KeyError(code_set)


def value_count(code_set: int) -> int:
    """How many values a set has."""
    return next(len(s.values) for s in words.CODE_SETS if s.number == code_set)
