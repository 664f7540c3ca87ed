"""Drugs with plain names, enough of them for the probable matching to learn how names are written."""

from __future__ import annotations

SUBSTANCES = (
    "paracetamol ibuprofen metoprolol furosemid amlodipin simvastatin omeprazol levotyroxin morfin oxikodon heparin "
    "warfarin digoxin insulin prednisolon cefotaxim vankomycin gentamicin flukonazol aciklovir"
).split()


def names(*forms: str) -> list[str]:
    """Every substance in every form, in strengths of 5 to 20 mg."""
    return [f"{s} {form} {5 * (k % 4 + 1)} mg" for form in forms for k, s in enumerate(SUBSTANCES)]
