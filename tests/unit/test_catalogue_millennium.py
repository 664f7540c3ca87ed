"""The Millennium catalogue: what it names exists, and it compares nothing that is local to a domain."""

from __future__ import annotations

import re
from collections.abc import Iterator

import duckdb
import pytest

from tests.support.shared import shared
from transforms.catalogue import Catalogue, Entity, load_catalogue
from transforms.catalogue.words import Condition
from transforms.land.extract import tables_of

# References to code values of sets that no public source numbers.
UNNUMBERED = {
    "care_set_component.component_type", "concept_map.map_type", "entry_pattern.entry_mode",
    "entry_pattern.pattern_type",
    "alias_pool.check_digit", "formulary_dispense.flex_type", "formulary_item.formulary_status",
    "formulary_item.legal_status", "formulary_level.flex_type", "formulary_product.formulary_status",
    "logical_group.group_type", "organisation.organisation_class", "organisation_alias_pool.alias_type",
    "outcome.outcome_type", "privilege.restriction", "synonym_exception.attribute", "synonym_exception.object",
}  # fmt: skip
AREAS = {
    "orders", "medication", "decision_support", "documentation", "patient_administration", "scheduling", "access",
    "reference_data",
}  # fmt: skip


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue("millennium")


def named_columns(e: Entity) -> Iterator[tuple[str, str]]:
    """Every (table, column) that an entity type's file names."""

    def placed(column: str) -> tuple[str, str]:
        alias, dot, name = column.rpartition(".")
        return (e.source.joins[alias].table, name) if dot else (e.source.table, column)

    for column in (*e.source.local_id, *e.source.live, *e.source.scope):
        yield placed(column)
    if e.source.latest:
        yield from map(placed, (*e.source.latest.per, e.source.latest.by))
    if e.source.gather:
        yield from map(placed, (*e.source.gather.per, e.source.gather.by, e.source.gather.column))
    for join in e.source.joins.values():
        for theirs, ours in join.on.items():
            yield join.table, theirs
            yield placed(ours)
        yield from ((join.table, column) for column in (*join.where, *filter(None, [join.first])))
        if join.climb:
            yield join.table, join.climb.parent
            yield from ((join.climb.table, column) for column in (join.climb.key, join.climb.name))
    if e.parent:
        yield placed(e.parent.column)
        if e.parent.references.type_column:
            yield placed(e.parent.references.type_column)
    for a in e.attributes.values():
        if not (a.column.endswith(".PATH") and e.source.joins[a.column.partition(".")[0]].climb):
            yield placed(a.column)
        yield from map(placed, a.when)
        if a.references and a.references.type_column:
            yield placed(a.references.type_column)


def test_it_holds_every_part_of_a_build(catalogue: Catalogue) -> None:
    assert len(catalogue.checklist) == 32
    covered = {number for e in catalogue.entities.values() for number in e.covers}
    assert covered == set(range(1, 33))
    assert [e.entity for e in catalogue.entities.values() if not e.covers] == []
    assert set(catalogue.areas) == AREAS
    assert {e.area for e in catalogue.entities.values()} == AREAS


def test_every_table_and_column_is_in_the_published_data_model(catalogue: Catalogue) -> None:
    model = shared("millennium/data_model_columns.parquet")
    known = set(duckdb.execute("SELECT table_name, column_name FROM read_parquet(?)", [str(model)]).fetchall())
    named = {(e.entity, *c) for e in catalogue.entities.values() for c in named_columns(e)}
    assert len(named) > 900
    assert {n for n in named if n[1:] not in known} == set()


def test_what_is_asked_of_a_domain_is_in_the_published_data_model(catalogue: Catalogue) -> None:
    model = shared("millennium/data_model_columns.parquet")
    known = set(duckdb.execute("SELECT table_name, column_name FROM read_parquet(?)", [str(model)]).fetchall())
    asked = {(t.name, c) for t in tables_of(catalogue).values() for c in t.columns}
    assert {table for table, _ in asked} == set(catalogue.tables())
    assert asked - known == set()


def test_everything_is_titled_and_described(catalogue: Catalogue) -> None:
    for e in catalogue.entities.values():
        assert e.title.sv != e.title.en or e.entity in ("powerplan", "organisation")
        assert e.description.endswith(".")
        for name, a in e.compared.items():
            assert a.title is not None, f"{e.entity}.{name}"


def test_no_local_id_is_compared_as_it_stands(catalogue: Catalogue) -> None:
    local = re.compile(r"_(ID|CD)$|^CODE_VALUE$")
    for e in catalogue.entities.values():
        raw = [n for n, a in e.compared.items() if a.references is None and local.search(a.column)]
        assert raw == [], e.entity
        in_keys = {part for key in e.keys for part in key.on if part in e.attributes}
        for name in in_keys:
            a = e.attributes[name]
            # OE_FIELD_MEANING_ID is loaded by the vendor, the same everywhere; a column that under its condition holds
            # nothing but 0 tells whether something is left open.
            left_open = list(a.when) == [a.column] and a.when[a.column].one_of == ("0",)
            assert a.references or left_open or not local.search(a.column) or a.column == "OE_FIELD_MEANING_ID", name


def test_codes_of_a_known_set_name_it(catalogue: Catalogue) -> None:
    for e in catalogue.entities.values():
        for name, a in e.attributes.items():
            if a.references and a.references.to == ("code_value",) and not a.references.type_column:
                assert bool(a.code_set) != (f"{e.entity}.{name}" in UNNUMBERED), f"{e.entity}.{name}"


def test_housekeeping_and_personal_columns_are_no_attributes(catalogue: Catalogue) -> None:
    conventions = catalogue.conventions
    for column in ("UPDT_DT_TM", "UPDT_CNT", "DISPLAY_KEY_NLS", "ACTIVE_STATUS_CD", "DATA_STATUS_DT_TM"):
        assert conventions.is_ignored(column)
    for column in ("UPDT_ID", "ACTIVE_STATUS_PRSNL_ID", "DATA_STATUS_PRSNL_ID", "USERNAME", "EMAIL"):
        assert conventions.is_personal(column)
    for e in catalogue.entities.values():
        # What tells one person's own rows is named where they are left out, and nowhere else.
        for column in {c for _, c in named_columns(e)} - set(conventions.personal_rows):
            assert not conventions.is_ignored(column) and not conventions.is_personal(column), (e.entity, column)


def test_code_sets_owned_by_other_types_are_left_to_them(catalogue: Catalogue) -> None:
    scope = catalogue.entities["code_value"].source.scope["CODE_SET"]
    assert set(scope.none_of) == {
        "72", "88", "93", "200", "220", "221", "263", "500", "14003", "14230", "14231", "14249",
    }  # fmt: skip
    assert catalogue.entities["position"].source.scope["CODE_SET"].one_of == ("88",)


def test_what_can_harm_weighs_most(catalogue: Catalogue) -> None:
    def weight(entity: str, attribute: str) -> float:
        return catalogue.entities[entity].attributes[attribute].weight

    for entity, harmful, harmless in (
        ("order_sentence_detail", "amount", "sequence"),
        ("order_sentence_detail", "value", "sequence"),
        ("reference_range", "normal_high", "linear_high"),
        ("reference_range", "units", "age_from"),
        ("oe_format_field", "accept", "field_sequence"),
        ("plan_component", "sentence", "sequence"),
    ):
        assert weight(entity, harmful) >= 4 * weight(entity, harmless), (entity, harmful)


def test_only_places_and_what_is_bound_to_them_are_expected_to_be_local(catalogue: Catalogue) -> None:
    assert {e.entity for e in catalogue.entities.values() if e.expected_local} == {
        "location", "organisation", "organisation_alias", "organisation_alias_pool", "service_resource",
        "synonym_facility", "plan_facility", "appointment_location", "scheduling_resource",
    }  # fmt: skip


def test_one_persons_own_are_left_out(catalogue: Catalogue) -> None:
    for entity, column in (
        ("position_group", "PERSON_ID"),
        ("privilege_holder", "PERSON_ID"),
        ("application_preferences", "PRSNL_ID"),
        ("view_preferences", "PRSNL_ID"),
        ("detail_preferences", "PERSON_ID"),
        ("database_preference", "PERSON_ID"),
        ("scheduling_resource", "PERSON_ID"),
        ("note_template", "PRSNL_ID"),
    ):
        assert catalogue.entities[entity].source.scope[column].one_of == ("0",), entity


def test_what_is_live_is_told_as_each_table_tells_it(catalogue: Catalogue) -> None:
    def live(entity: str) -> dict[str, Condition]:
        return catalogue.entities[entity].source.live

    assert live("discern_rule")["ACTIVE_FLAG"].one_of == ("A",)
    assert live("appointment_type")["VERSION_DT_TM"].after_snapshot
    assert live("note_template")["TEMPLATE_ACTIVE_IND"].one_of == ("1",)
    latest = catalogue.entities["iview"].source.latest
    assert latest is not None and latest.by == "VERSION_NUM"
    form = catalogue.entities["powerform_section"].source
    assert set(form.joins["form"].on) == {"DCP_FORMS_REF_ID", "DCP_FORM_INSTANCE_ID"}
    assert form.scope["form.ACTIVE_IND"].one_of == ("1",)
    assert catalogue.entities["nomenclature"].source.referenced


def test_plans_are_nobodys_own(catalogue: Catalogue) -> None:
    scope = catalogue.entities["powerplan"].source.scope
    assert scope["REF_OWNER_PERSON_ID"].one_of == ("0",)
    assert set(scope["TYPE_MEAN"].one_of) == {"CAREPLAN", "PATHWAY"}
