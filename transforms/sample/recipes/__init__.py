"""The recipes of all entity types whose sample rows are derived from the catalogue, by entity type."""

from __future__ import annotations

from transforms.sample.recipe import Recipe
from transforms.sample.recipes.clinical import DECISION_SUPPORT, DOCUMENTATION
from transforms.sample.recipes.orders import MEDICATION, ORDERS
from transforms.sample.recipes.reference import PLACES, REFERENCE_DATA
from transforms.sample.recipes.use import ACCESS, SCHEDULING

RECIPES: dict[str, Recipe] = (
    REFERENCE_DATA | DOCUMENTATION | ORDERS | MEDICATION | DECISION_SUPPORT | PLACES | ACCESS | SCHEDULING
)
