"""What is told of a table that no file describes, on tables small enough to see why."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import pytest

from tests.support.builds import HEAD, write_catalogue, write_delivery
from transforms.catalogue import Catalogue, load_catalogue
from transforms.land import landing
from transforms.land.derive import Derived, draft, extended, kept, needed
from transforms.warehouse import Warehouse

UNIT = """
    entity: unit
    title: Unit
    area: one
    source: {table: CODES, local_id: CODE}
    keys: [[set, name]]
    label: name
    attributes:
      set: {column: SET_NO, weight: 0}
      name: {column: NAME, compare: text}
"""
CODED = (
    HEAD
    + """
undescribed:
  ids: ["*_ID", "*_CD"]
  live: {ACTIVE_IND: 1}
  codes: [unit, set]
  metadata: {table: META, of_table: T, of_column: C, in_key: K, target_table: TT, target_column: TC, code_set: S}
  skip: ["LOG_*"]
"""
)
NAMES = ["blod", "prov", "svar", "akut", "jour", "natt", "plan", "rum", "säng", "vård", "fot", "hand"]


def codes(first: int) -> list[dict[str, str]]:
    return [{"CODE": str(first + i), "SET_NO": str(7 if i < 6 else 8), "NAME": n} for i, n in enumerate(NAMES)]


def rooms(first: int, code: int, renamed: str = "") -> list[dict[str, str]]:
    return [
        {
            "ROOM_ID": str(first + 3 * i), "ROOM_NAME": renamed if renamed and i == 2 else f"{n} {i // 2}",
            "KIND_CD": str(code + i % 6), "BED_CNT": str(i % 4), "OWNER_ID": str(first * 7 + i),
            "UPDT_ID": "1", "ACTIVE_IND": "1",
        }
        for i, n in enumerate(NAMES)
    ]  # fmt: skip


def doors(first: int, room: int) -> list[dict[str, str]]:
    return [
        {
            "DOOR_ID": str(first + i),
            "ROOM_ID": str(room + 3 * (i // 2)),
            "SIDE": "in" if i % 2 else "ut",
            "WIDTH": str(70 + i % 3),
        }
        for i in range(24)
    ]


class Archive:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.catalogue: Catalogue = load_catalogue(write_catalogue(folder / "catalogue", UNIT, head=CODED))
        self.snapshots: dict[str, int] = {}
        self.nights = 0

    def land(self, **builds: dict[str, list[dict[str, str]]]) -> dict[str, Derived]:
        self.nights += 1
        with Warehouse(self.folder / "data").archive() as session:
            for domain, build in builds.items():
                path = write_delivery(self.folder / f"{domain}{self.nights}", build)
                at = datetime(2026, 1, self.nights)
                landed = landing.land(session, self.catalogue, landing.Delivery(domain, at, path))
                self.snapshots[domain] = landed.snapshot_id
            return {d.table: d for d in kept(session, self.catalogue, self.snapshots)}


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path)


@pytest.fixture
def told(archive: Archive) -> dict[str, Derived]:
    a = {"CODES": codes(100), "ROOM": rooms(5000, 100), "DOOR": doors(900, 5000), "LOG_OF_DAYS": [{"X_ID": "1"}]}
    b = {"CODES": codes(4000), "ROOM": rooms(81, 4000, "ny sal"), "DOOR": doors(12, 81)}
    return archive.land(a=a, b=b)


def test_local_id_references_code_set_and_key_are_told(told: dict[str, Derived]) -> None:
    room = told["ROOM"].entity
    assert room.source.local_id == ("ROOM_ID",)
    kind = room.attributes["kind_cd"]
    assert kind.references is not None
    assert (kind.references.to, kind.code_set) == (("unit",), 7)
    assert room.keys[0].on == ("room_name",)
    assert room.label == "room_name"


def test_a_reference_to_another_undescribed_table_may_be_part_of_a_key(told: dict[str, Derived]) -> None:
    door = told["DOOR"].entity
    assert door.attributes["room_id"].references is not None
    assert door.attributes["room_id"].references.to == ("room",)
    assert set(door.keys[0].on) == {"room_id", "side"}


def test_ids_of_what_was_not_delivered_are_left_out_and_said(told: dict[str, Derived]) -> None:
    room = told["ROOM"]
    assert "owner_id" not in room.entity.attributes
    assert [e.column for e in room.evidence if e.role == "left out"] == ["OWNER_ID"]


def test_housekeeping_and_what_tells_live_rows_are_no_attributes(told: dict[str, Derived]) -> None:
    assert set(told["ROOM"].entity.attributes) == {"room_name", "kind_cd", "bed_cnt"}
    assert told["ROOM"].entity.source.live["ACTIVE_IND"].one_of == ("1",)


def test_tables_that_are_no_configuration_are_skipped(told: dict[str, Derived]) -> None:
    assert set(told) == {"ROOM", "DOOR"}


def test_the_domains_own_metadata_comes_first(archive: Archive) -> None:
    meta = [
        {"T": "ROOM", "C": "BED_CNT", "K": "1", "TT": "", "TC": "", "S": ""},
        {"T": "ROOM", "C": "KIND_CD", "K": "1", "TT": "CODES", "TC": "CODE", "S": "7"},
    ]
    a, b = rooms(5000, 100), rooms(81, 4000)
    found = archive.land(
        a={"CODES": codes(100), "ROOM": a[:11], "META": meta}, b={"CODES": codes(4000), "ROOM": b[:11], "META": meta}
    )
    keys = [k.on for k in found["ROOM"].entity.keys]
    assert set(keys[0]) == {"bed_cnt", "kind_cd"}
    assert "metadata" in next(e.reason for e in found["ROOM"].evidence if e.role == "key")


def test_a_column_that_is_unique_by_chance_is_no_key(archive: Archive) -> None:
    # Sorted by different things: SEQ pairs strangers.
    a = [{"THING_ID": str(i), "SEQ": str(i), "NAME": f"{n} x", "SORT": n} for i, n in enumerate(NAMES)]
    b = [{"THING_ID": str(90 + i), "SEQ": str(i), "NAME": f"{n} x", "SORT": n} for i, n in enumerate(reversed(NAMES))]
    found = archive.land(a={"CODES": codes(1), "THING": a}, b={"CODES": codes(5), "THING": b})
    assert ("seq",) not in [k.on for k in found["THING"].entity.keys]
    assert found["THING"].entity.keys[0].on in {("name",), ("sort",)}


def test_a_table_without_ids_is_told_apart_by_what_it_links(archive: Archive) -> None:
    def pairs(room: int, code: int) -> list[dict[str, str]]:
        return [
            {"ROOM_ID": str(room + 3 * (i % 12)), "USE_CD": str(code + i // 12), "PRIO": str(i % 5)} for i in range(36)
        ]

    found = archive.land(
        a={"CODES": codes(100), "ROOM": rooms(5000, 100), "ROOM_USE": pairs(5000, 100)},
        b={"CODES": codes(4000), "ROOM": rooms(81, 4000), "ROOM_USE": pairs(81, 4000)},
    )
    use = found["ROOM_USE"].entity
    assert use.source.local_id == ("ROOM_ID", "USE_CD")
    assert set(use.keys[0].on) == {"room_id", "use_cd"}


def test_a_description_stands_until_columns_change(archive: Archive, told: dict[str, Derived]) -> None:
    # The names repeat now, which would make another key.
    same = [{**r, "ROOM_NAME": "sal"} for r in rooms(5000, 100)]
    again = archive.land(a={"CODES": codes(100), "ROOM": same, "DOOR": doors(900, 5000)})
    assert again["ROOM"].fields == told["ROOM"].fields
    wider = [{**r, "ROOM_TEXT": f"t {i}"} for i, r in enumerate(rooms(5000, 100))]
    third = archive.land(a={"CODES": codes(100), "ROOM": wider, "DOOR": doors(900, 5000)})
    assert "room_text" in third["ROOM"].entity.attributes
    assert third["DOOR"].fields == told["DOOR"].fields


def test_derived_types_follow_the_catalogues_own_and_are_never_scored(
    archive: Archive, told: dict[str, Derived]
) -> None:
    whole = extended(archive.catalogue, list(told.values()))
    assert set(whole.entities) == {"unit", "room", "door"}
    assert whole.order.index("unit") < whole.order.index("room") < whole.order.index("door")
    assert whole.entities["room"].derived
    assert extended(archive.catalogue, []) is archive.catalogue


def test_a_draft_loads_as_a_file_of_the_catalogue(archive: Archive, told: dict[str, Derived]) -> None:
    folder = archive.folder / "catalogue"
    for table, one in told.items():
        text = draft(one, ["a", "b"])
        assert "unique in every domain" in text and "what a and b delivered" in text
        (folder / f"{table.lower()}.yaml").write_text(text, encoding="utf-8")
    loaded = load_catalogue(folder)
    for table, one in told.items():
        frozen = loaded.entities[table.lower()]
        assert frozen == one.entity
    assert "undescribed" in loaded.areas and "undescribed" not in archive.catalogue.areas
    assert needed(told["DOOR"], archive.catalogue.entities) == ["room"]
    assert needed(told["ROOM"], archive.catalogue.entities) == []
    # What is kept is described: nothing is derived of it any more, and a person may give it an area.
    (folder / "room.yaml").write_text(draft(told["ROOM"], ["a"]).replace("area: undescribed", "area: one"))
    assert load_catalogue(folder).entities["room"].area == "one"


def test_a_table_of_which_nothing_can_be_told_is_looked_through_once(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    blank = {"BLANK": [{"UPDT_CNT": "1"}] * 20, "CODES": codes(100), "ROOM": rooms(5000, 100)}
    assert set(archive.land(a=blank, b=blank)) == {"ROOM"}
    monkeypatch.setattr(sys.modules["transforms.land.derive.kept"], "derive", lambda *_: pytest.fail("derived again"))
    assert set(archive.land(a=blank)) == {"ROOM"}


def test_a_folder_may_be_the_table(archive: Archive, tmp_path: Path) -> None:
    delivered = tmp_path / "product"
    for file, rows in {
        "rooms/one.csv": rooms(1, 2)[:6],
        "rooms/two.csv": rooms(1, 2)[6:],
        "bed/all.csv": codes(3),
    }.items():
        (delivered / file).parent.mkdir(parents=True, exist_ok=True)
        write_delivery((delivered / file).parent, {Path(file).stem: rows})
    with Warehouse(archive.folder / "data").archive() as session:
        landing.land(session, archive.catalogue, landing.Delivery("a", datetime(2026, 1, 1), delivered))
        found = session.rows("SELECT table_name, count(*) FROM landed.file GROUP BY 1 ORDER BY 1")
    assert found == [("BED", 1), ("ROOMS", 2)]


def test_files_of_one_name_in_two_folders_are_two_tables(archive: Archive, tmp_path: Path) -> None:
    delivered = tmp_path / "product"
    for folder in ("x", "y"):
        write_delivery(delivered / folder, {"ROOM": rooms(1, 2), "CODES": codes(2)})
    with Warehouse(archive.folder / "data").archive() as session:
        landing.land(session, archive.catalogue, landing.Delivery("a", datetime(2026, 1, 1), delivered))
        found = session.rows("SELECT DISTINCT table_name FROM landed.file ORDER BY 1")
    assert found == [("CODES",), ("X_ROOM",), ("Y_ROOM",)]
