"""For analysts: open a published night read-only, ask it, compare two nights, and try what a ruling would give.

>>> night = open_night(DATA)                                # the newest; open_night(DATA, 1) opens night 1
>>> night.number, night.pairs
(2, ('vgr~skane',))
>>> sorted(night.views)[:3]
['adherence', 'ambiguity', 'area']
>>> night.frame("entity_type").columns[:3].tolist()
['entity', 'title_sv', 'title_en']
>>> round(night.convergence(), 3) == round(night.value("convergence"), 3)
True

Relations are DuckDB's, to be narrowed further before anything is read:

>>> heavy = night.view("difference").filter("weight > 2").order("weight DESC")
>>> heavy.columns[:2]
['pair_id', 'difference_id']

Two nights: what opened, what closed, and what stayed but reads otherwise:

>>> told = night.against(open_night(DATA, 1))
>>> set(told["change"]) <= {'opened', 'closed', 'altered'}
True

What if: the convergence of the whole if these differences were settled. Settling all gives all:

>>> round(night.what_if("true"), 6)
1.0
>>> night.what_if("entity = 'position'") >= night.convergence()
True
>>> night.close()
"""

from __future__ import annotations

import contextlib
import re
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final

import duckdb

from transforms import warehouse
from transforms.words.errors import UsageError, WarehouseError

if TYPE_CHECKING:
    import pandas as pd

_FILE: Final = "likare-{:06d}.duckdb"


class OpenNight:
    """One published night, open read-only. Opening it while the nightly run writes is safe: a night never changes.

    Use it in a ``with`` statement or close it; it holds nothing else open.
    """

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self.con = con
        self.number: int = self._one("SELECT max(night_id) FROM published.night")
        self.pairs: tuple[str, ...] = tuple(
            row[0] for row in con.execute("SELECT pair_id FROM published.pair ORDER BY pair_id").fetchall()
        )
        self.views: tuple[str, ...] = tuple(
            row[0]
            for row in con.execute(
                "SELECT table_name FROM information_schema.tables WHERE table_schema = 'published' ORDER BY table_name"
            ).fetchall()
        )

    def __enter__(self) -> OpenNight:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"OpenNight(number={self.number}, pairs={self.pairs})"

    def close(self) -> None:
        """Close the connection; relations made from it can no longer be read."""
        self.con.close()

    def view(self, name: str) -> duckdb.DuckDBPyRelation:
        """Return a published view as a relation. Raises UsageError for a view that the night does not have."""
        if name not in self.views:
            raise UsageError(f"night {self.number} has no view {name!r}; it has {', '.join(self.views)}")
        return self.con.table(f"published.{name}")

    def frame(self, name: str) -> pd.DataFrame:
        """Return a published view as a pandas frame. Raises UsageError as ``view``."""
        frame: pd.DataFrame = self.view(name).df()
        return frame

    def ask(self, sql: str, **values: object) -> pd.DataFrame:
        """Return the answer to a query as a pandas frame; values stand as ``$name`` in it. DuckDB's errors pass."""
        answer: pd.DataFrame = self.con.execute(sql, values or None).df()
        return answer

    def value(self, metric: str, *, pair: str | None = None, level: str = "total", subject: str = "total") -> float:
        """Return a figure of the night, a share 0–1; NaN where it is not measurable or not computed."""
        rows = self.con.execute(
            "SELECT value FROM published.measure WHERE night_id = ? AND pair_id = ? AND level = ? AND subject = ?"
            " AND metric = ?",
            [self.number, self._pair(pair), level, subject, metric],
        ).fetchall()
        return float("nan") if not rows or rows[0][0] is None else float(rows[0][0])

    def convergence(self, *, pair: str | None = None) -> float:
        """Return the convergence of the whole, a share 0–1; NaN where it is not measurable."""
        return self.value("convergence", pair=pair)

    def what_if(self, settled: str, *, pair: str | None = None) -> float:
        """Return the convergence of the whole if the open differences that ``settled`` names were gone, 0–1.

        ``settled`` is a condition in SQL over the columns of view ``difference``. A difference goes too when every
        cause that explains it is settled (``difference_cause``). The worth of differences adds up (docs/metrics.md,
        "Worth and leverage"), so this is computed, not estimated; it is for the figures of the night as they stand.
        Raises UsageError for a condition that DuckDB does not understand or that is more than one.
        """
        if re.search(r";|--|/\*", settled):
            raise UsageError("what_if takes one condition over the columns of difference, without ; or a remark")
        try:
            gained = self.con.execute(
                f"""
                WITH picked AS (
                    SELECT difference_id FROM published.difference WHERE pair_id = $pair AND ({settled})
                ),
                gone AS (
                    SELECT difference_id FROM picked
                    UNION
                    SELECT difference_id FROM published.difference_cause WHERE pair_id = $pair GROUP BY difference_id
                    HAVING bool_and(cause_id IN (SELECT difference_id FROM picked))
                )
                SELECT coalesce(sum(d.worth::DECIMAL(38, 18)), 0)::DOUBLE
                FROM published.difference d JOIN gone USING (difference_id) WHERE d.pair_id = $pair
                """,  # noqa: S608 (the analyst's own condition, on a connection that can only read this night)
                {"pair": self._pair(pair)},
            ).fetchall()[0][0]
        except (duckdb.BinderException, duckdb.ParserException, duckdb.ConversionException) as fault:
            raise UsageError(f"the condition is not understood: {str(fault).splitlines()[0]}") from fault
        return min(1.0, self.convergence(pair=pair) + float(gained))

    def against(self, earlier: OpenNight, *, pair: str | None = None) -> pd.DataFrame:
        """Return what differs from an earlier night: a row per difference that opened, closed or reads otherwise.

        Columns: change (opened, closed or altered), difference_id, entity, label, attribute, and of both nights the
        values (value_a, value_b here; value_a_before, value_b_before there) and weight (that of the later night first).
        """
        name, columns = (
            self._pair(pair),
            ["difference_id", "entity", "label", "attribute", "value_a", "value_b", "weight"],
        )
        now, then = (
            night.con.execute(
                f"SELECT {', '.join(columns)} FROM published.difference WHERE pair_id = ?",  # noqa: S608
                [name],
            ).df()
            for night in (self, earlier)
        )
        both = now.merge(then, on="difference_id", how="outer", suffixes=("", "_before"), indicator="change")
        both["change"] = both["change"].astype(str).replace({"left_only": "opened", "right_only": "closed"})
        for column in ("entity", "label", "attribute", "weight"):
            both[column] = both[column].fillna(both[f"{column}_before"])
        same = (both["change"] == "both") & _alike(both, "value_a") & _alike(both, "value_b")
        both.loc[both["change"] == "both", "change"] = "altered"
        wanted = ["change", *columns, "value_a_before", "value_b_before"]
        return both.loc[~same, wanted].sort_values(["change", "weight"], ascending=[True, False], ignore_index=True)

    def _pair(self, pair: str | None) -> str:
        chosen = pair or (self.pairs[0] if self.pairs else "")
        if chosen not in self.pairs:
            raise UsageError(f"night {self.number} has no pair {chosen!r}; it has {', '.join(self.pairs)}")
        return chosen

    def _one(self, sql: str) -> int:
        return int(self.con.execute(sql).fetchall()[0][0])


def _alike(both: pd.DataFrame, column: str) -> pd.Series[bool]:
    before = both[f"{column}_before"]
    return (both[column] == before) | (both[column].isna() & before.isna())


def open_night(data: Path | str | None = None, number: int | None = None) -> OpenNight:
    """Open a published night: the newest, or ``number`` where it is still kept (``nights`` lists them).

    ``data`` is the data folder; None looks for the nearest folder ``data``, here or above, with a published night.
    Raises WarehouseError where nothing is published, UsageError for a night that is not kept.
    """
    folder = nearest_data() if data is None else Path(data)
    if number is None:
        return OpenNight(warehouse.open_published(folder))
    kept = nights(folder)
    if number not in kept:
        raise UsageError(f"night {number} is not kept in {folder}; kept are {', '.join(map(str, kept)) or 'none'}")
    return OpenNight(warehouse.open_night(folder / "nights" / _FILE.format(number)))


def nights(data: Path | str | None = None) -> list[int]:
    """Return the numbers of the nights whose files are kept, oldest first.

    >>> nights(DATA)
    [1, 2]
    """
    folder = (nearest_data() if data is None else Path(data)) / "nights"
    found = []
    for path in folder.glob("likare-*.duckdb"):
        with contextlib.suppress(ValueError):
            found.append(int(path.stem.removeprefix("likare-")))
    return sorted(found)


def nearest_data() -> Path:
    """Return the nearest folder ``data``, here or above, with a published night. Raises WarehouseError without one."""
    for folder in (Path.cwd(), *Path.cwd().parents):
        if (folder / "data" / "published.duckdb").exists():
            return folder / "data"
    raise WarehouseError("nothing is published yet: run `make run`, or name the data folder")


__all__ = ["OpenNight", "nearest_data", "nights", "open_night"]
