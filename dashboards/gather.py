"""A publication read for its site: what the pages show, and the explorer's data as files."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

import duckdb

from dashboards import deliveries, further, gaps, kept, once, outlook, overview, read, rows
from dashboards.model import PairData, SiteData
from transforms.words.errors import UsageError, WarehouseError


def everything(con: duckdb.DuckDBPyConnection, folder: Path, before: Path, made_of: Mapping[str, str]) -> SiteData:
    """Read everything that the pages show, and write the explorer's data into ``folder``, a folder a pair.

    ``before`` is the folder of the site as it stands: its data are taken over where they are made of the same. Raises
    ``UsageError`` when nothing is published and ``WarehouseError`` when the publication lacks a view.
    """
    try:
        nights = read.nights(con)
        pairs = read.pairs(con)
        if not nights or not pairs:
            raise UsageError("no night is published yet: run `likare run` first")
        latest, previous = nights[-1].night_id, nights[-2].night_id if len(nights) > 1 else None
        read_pairs = []
        views = once.present(con)
        for number, pair in enumerate(pairs, 1):
            old, new = before / f"data/{number}", folder / f"data/{number}"
            told = made_of.get(str(pair.pair_id))  # not known of a night that does not tell of its parts
            same = told is not None and kept.take_over(old, new, told)
            with once.of_pair(con, str(pair.pair_id), views, once.read(new / kept.ANSWERS)) as asked:
                read_pairs.append(_read_pair(once.connection(asked), pair, latest, previous))
                if not same:
                    asked.make()
                    write = partial(_write, con, asked, str(pair.pair_id), new)
                    kept.write(new, told, write) if told else write()
        domains = read.domain_titles(con)
        return SiteData(
            nights=nights,
            pairs=read_pairs,
            snapshots=deliveries.snapshots(con),
            checks=deliveries.checks(con, latest),
            quarantine=deliveries.quarantine(con),
            failures=deliveries.failures(con),
            events=deliveries.feed_events(con),
            domains=domains,
            further=further.of_all(con, clusters=len(domains) > 2),
            quality=deliveries.history(con),
        )
    except duckdb.Error as error:
        first = str(error).splitlines()[0]
        raise WarehouseError(f"the publication does not fit this version of the dashboard: {first}") from error


def _write(con: duckdb.DuckDBPyConnection, asked: once.Asked, pair_id: str, folder: Path) -> None:
    rows.write(con, pair_id, folder)
    once.write(asked.answers, folder / kept.ANSWERS)


def _read_pair(con: duckdb.DuckDBPyConnection, pair: read.Pair, latest: int, previous: int | None) -> PairData:
    return PairData(
        pair=pair,
        measures=read.measures(con, pair.pair_id, latest, previous),
        areas=read.areas(con, pair.pair_id, latest),
        types=read.entity_types(con, pair.pair_id, latest),
        totals=gaps.difference_totals(con, pair.pair_id),
        groups=gaps.heaviest_groups(con, pair.pair_id, overview.GROUPS_SHOWN),
        causes=gaps.heaviest_causes(con, pair.pair_id, overview.CAUSES_SHOWN),
        heaviest=gaps.heaviest_differences(con, pair.pair_id, overview.DIFFERENCES_SHOWN),
        drift=gaps.drift(con, pair.pair_id),
        watched=read.watched(con, pair.pair_id),
        not_comparable=read.not_comparable(con, pair.pair_id),
        outlook=outlook.read(con, str(pair.pair_id), latest),
        further=further.of_pair(con, str(pair.pair_id), latest),
    )
