"""The explorer's files hold what the views hold, whatever the text, and nothing that a script could be."""

from __future__ import annotations

import base64
import gzip
import json
import re
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dashboards import rows
from tests.support.published_fixture import HOSTILE, LONG, build

PAIR = "vgr-skane"


def _read(folder: Path, name: str) -> dict[str, list[Any]]:
    """The columns of all files of a kind, texts put back in their places."""
    out: dict[str, list[Any]] = {}
    for number in range(len(list(folder.glob(f"{name}-*.js")))):
        line = (folder / f"{name}-{number}.js").read_text("ascii")
        found = re.fullmatch(rf'likare\.take\("{name}",{number},"([A-Za-z0-9+/=]+)"\);\n', line)
        assert found, line[:80]
        part = json.loads(gzip.decompress(base64.b64decode(found[1])))
        for column, values in part["column"].items():
            if column in ("label", "root", "a", "b", "key", "name"):
                values = [None if v is None else part["text"][v] for v in values]
            out.setdefault(column, []).extend(values)
    return out


def _meta(folder: Path) -> dict[str, Any]:
    text = (folder / "meta.js").read_text("utf-8")
    loaded: dict[str, Any] = json.loads(text.removeprefix("likare.meta(").removesuffix(");\n"))
    return loaded


@pytest.fixture(scope="module")
def hostile() -> duckdb.DuckDBPyConnection:
    return build(hostile=True)


@pytest.fixture
def written(
    hostile: duckdb.DuckDBPyConnection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[Path, rows.Explored]:
    monkeypatch.setattr(rows, "CHUNK", 100)
    folder = tmp_path / "1"
    return folder, rows.write(hostile, PAIR, folder)


def test_every_difference_is_in_the_files_as_in_the_view(
    hostile: duckdb.DuckDBPyConnection, written: tuple[Path, rows.Explored]
) -> None:
    folder, told = written
    meta, table = _meta(folder), _read(folder, "differences")
    entities, attributes = [e[0] for e in meta["entities"]], [a[1] for a in meta["attributes"]]
    causes, decisions = [c[0] for c in meta["causes"]], [d[0] for d in meta["decisions"]]
    kinds = ["changed", "moved", "only_a", "only_b"]

    def name(list_: list[str], number: int | None) -> str | None:
        return None if number is None else list_[number]

    read = {
        (
            i,
            entities[e],
            name(attributes, x),
            kinds[k],
            lab,
            w,
            name(causes, c),
            name(decisions, d),
            meta["moments"][m][0],
        )
        for i, e, x, k, lab, w, c, d, m in zip(
            *(
                table[c]
                for c in ("id", "entity", "attribute", "kind", "label", "weight", "cause", "decision", "opened")
            ),
            strict=True,
        )
    }
    view = hostile.execute(
        """
        SELECT left(d.difference_id, 12), entity, attribute, kind, label, weight,
               CASE WHEN steps > 0 THEN left(cause_id, 12) END, c.decision_id, strftime(opened_at, '%Y-%m-%d')
        FROM published.difference d LEFT JOIN published.decision_cover c USING (difference_id)
        """
    ).fetchall()
    assert read == set(view)
    assert told.differences == told.differences_written == len(view) == len(table["id"])
    assert table["weight"] == sorted(table["weight"], reverse=True) or any(e[4] for e in meta["entities"])
    assert HOSTILE in table["label"]
    long = next(v for v in table["a"] if v and v.startswith(LONG[:100]))
    assert long == f"{LONG[: rows.LONGEST]}… (+{len(LONG) - rows.LONGEST})"


def test_matches_come_the_doubtful_first(written: tuple[Path, rows.Explored]) -> None:
    folder, told = written
    table = _read(folder, "matches")
    assert told.matches == len(table["id"]) == 201
    assert table["certain"] == sorted(table["certain"])
    assert table["key"][0] == "alvedon"  # a key of another match's identity says nothing to a reader


def test_what_does_not_fit_is_said(hostile: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    told = rows.write(hostile, PAIR, tmp_path / "1", most=50)
    assert (told.differences_written, told.matches_written) == (50, 50)
    assert _meta(tmp_path / "1")["differences"] == {"all": told.differences, "rows": 50}
    table = _read(tmp_path / "1", "differences")
    assert min(table["weight"]) >= 5  # the heaviest are those that stay


def test_a_publication_without_the_later_views_is_shown_too(tmp_path: Path) -> None:
    con = build()
    for view in ("decision_cover", "decision", "crosswalk"):
        con.execute(f"DROP TABLE published.{view}")
    for column in ("cause_id", "steps", "worth", "reopened"):
        con.execute(f"ALTER TABLE published.difference DROP {column}")
    told = rows.write(con, PAIR, tmp_path / "1")
    assert told.differences > 500
    assert told.matches == 0
    assert _meta(tmp_path / "1")["causes"] == []
