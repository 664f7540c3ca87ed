"""What the specifications are carried out with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.builds import Answer, Build, House, house


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Callable[..., Answer]]:
    """Carry out a night of drawn builds: ``run(ENTITY, …, a={…}, b={…})``. The first call's entity types hold."""
    houses: list[House] = []

    def one_night(*entities: str, **builds: Build) -> Answer:
        if not houses:
            houses.append(house(tmp_path, *entities))
        return houses[0].night(**builds)

    yield one_night
    for made in houses:
        made.close()
