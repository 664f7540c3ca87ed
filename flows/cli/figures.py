"""``likare decisions figures`` and ``codes``: what rulings make of the figures, and what is said in national codes."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import click

from flows.cli import show
from flows.settings import load_settings
from transforms.land import workbook
from transforms.register.asked import records
from transforms.warehouse import open_published

_METRICS = {
    "convergence": "raw", "justified": "justified", "decided": "decided", "implemented": "implemented",
    "used_convergence": "by use",
}  # fmt: skip
_FIGURES = """
SELECT m.pair_id, m.as_of, m.subject, m.metric, m.value FROM published.measure m
JOIN published.night n USING (night_id)
WHERE m.level <> 'entity' AND list_contains(?, m.metric) AND (n.is_latest OR (? AND m.level = 'total'))
ORDER BY m.pair_id, m.night_id, m.level DESC, m.subject
"""
_CODES = """
SELECT domain, entity, attribute, list, items, valid, retired, invalid, malformed, unverified, missing, share,
       formed_share
FROM published.national_code JOIN published.night USING (night_id) WHERE is_latest
ORDER BY list, entity, attribute, domain
"""


@click.command()
@click.option("--history", is_flag=True, help="The total of every night, in place of the newest night's areas.")
@show.as_json
def figures(history: bool, as_json: bool) -> None:
    """Show the raw figures beside the justified, what is decided and implemented, and the figures weighed by use."""
    with contextlib.closing(open_published(load_settings().data)) as con:
        found = records(con, _FIGURES, [[*_METRICS], history])
    if history:
        found = [r for r in found if r["subject"] == "total"]
    if as_json:
        show.dump(found)
        return
    rows: dict[tuple[Any, ...], dict[str, Any]] = {}
    for r in found:
        rows.setdefault((r["pair_id"], f"{r['as_of']:%Y-%m-%d}", r["subject"]), {})[r["metric"]] = r["value"]
    cells = [(*key, *(show.share(values.get(m)) for m in _METRICS)) for key, values in rows.items()]
    names = tuple(_METRICS.values())
    show.console().print(show.table(("pair", "as of", "of", *names), cells, right=names))


@click.command()
@click.option("--items", is_flag=True, help="The items whose code is not valid, in place of the shares.")
@click.option("--out", type=click.Path(path_type=Path), help="Write them to this file (.csv, .parquet or .xlsx).")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1), help="Show at most so many.")
@show.as_json
def codes(items: bool, out: Path | None, limit: int, as_json: bool) -> None:
    """Show how many items carry a valid national code, and which do not."""
    with contextlib.closing(open_published(load_settings().data)) as con:
        found = records(con, "SELECT * FROM published.national_item ORDER BY ALL" if items else _CODES)
    if as_json:
        show.dump(found)
        return
    columns = tuple(found[0]) if found else ("list",)
    if out:
        workbook.write_table(out, columns, [tuple(r.values()) for r in found])
        click.echo(f"{show.number(len(found))} rows in {show.path(out)}")
        return
    counts = {"items", "valid", "retired", "invalid", "malformed", "unverified", "missing"}
    cells = [
        [show.number(v) if k in counts else show.share(v) if k.endswith("share") else show.text(v, 34)
         for k, v in r.items()] for r in found[:limit]
    ]  # fmt: skip
    right = [c.replace("_", " ") for c in columns if c in counts or c.endswith("share")]
    show.console().print(show.table([c.replace("_", " ") for c in columns], cells, right=right))
    click.echo(f"{min(limit, len(found))} of {show.number(len(found))} rows.")
