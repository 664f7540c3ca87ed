"""What the settings name, opened: the databases, and what people ruled."""

from __future__ import annotations

from flows.settings import Settings
from transforms.build import reviewed
from transforms.catalogue import Catalogue
from transforms.warehouse import Warehouse


def warehouse_of(settings: Settings) -> Warehouse:
    """The databases of the data folder, as the settings want them opened."""
    return Warehouse(
        settings.data,
        memory_limit=settings.memory_limit,
        threads=settings.threads,
        nights=settings.history.nights,
    )


def read_reviewed(settings: Settings, catalogue: Catalogue) -> reviewed.Reviewed:
    """What people ruled, with the policy it counts by. Raises ReviewError."""
    policy = reviewed.Policy(settings.readers, settings.relations)
    return reviewed.Reviewed(reviewed.load(settings.crosswalk, catalogue.entities, settings.domain_names), policy)
