"""A publication read for its site: what the pages show, and the explorer's data as files."""

from __future__ import annotations

from pathlib import Path

import duckdb

from dashboards import deliveries, further, gaps, heavy, outlook, overview, read, rows
from dashboards.model import PairData, SiteData
from transforms.words.errors import UsageError, WarehouseError


def everything(con: duckdb.DuckDBPyConnection, folder: Path) -> SiteData:
    """Read everything that the pages show, and write the explorer's data into ``folder``, a folder a pair.

    Raises ``UsageError`` when nothing is published and ``WarehouseError`` when the publication lacks a view.
    """
    try:
        nights = read.nights(con)
        pairs = read.pairs(con)
        if not nights or not pairs:
            raise UsageError("no night is published yet: run `likare run` first")
        latest, previous = nights[-1].night_id, nights[-2].night_id if len(nights) > 1 else None
        read_pairs = []
        views = heavy.present(con)
        for number, pair in enumerate(pairs, 1):
            with heavy.of_pair(con, str(pair.pair_id), views):
                read_pairs.append(_read_pair(con, pair, latest, previous))
                rows.write(con, str(pair.pair_id), folder / f"data/{number}")
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
