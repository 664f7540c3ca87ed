"""A night with empty layers in memory, for tests that draw the input of one step and look at its output."""

from __future__ import annotations

from pathlib import Path

from tests.support.builds import write_catalogue
from tests.support.tables import layers
from transforms.catalogue import load_catalogue, tables
from transforms.catalogue.tables import Pair, pairs_of
from transforms.land.canonical import prepare
from transforms.warehouse import Session, scratch

DOMAINS = ("a", "b")
PAIRS: tuple[Pair, ...] = pairs_of(DOMAINS)


def night(folder: Path, *entities: str) -> Session:
    """A session on empty layers under a catalogue of YAML texts, its tables written; domains a and b, numbered 1 and 2.

    Entity types are numbered in matching order from 1.
    """
    session = Session(scratch(threads="1"))
    session.execute("ATTACH ':memory:' AS archive; CREATE SCHEMA archive.landed")
    session.execute("CREATE TABLE archive.landed.snapshot (snapshot_id INTEGER, delivered_at TIMESTAMP)")
    layers(session)
    catalogue = load_catalogue(write_catalogue(folder / "catalogue", *entities))
    for table, rows in tables.described(catalogue).items():
        session.insert(f"catalogue.{table}", rows)
    tables.write(session, catalogue, {"a": 1, "b": 2}, PAIRS)
    prepare(session, catalogue)
    return session
