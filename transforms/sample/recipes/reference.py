"""Recipes of reference data and of places."""

from __future__ import annotations

from transforms.sample.recipe import AGAIN, KIND_OF_PLACE, NONE, OTHER_ID, SET_OF_OWNER, Recipe, printed

REFERENCE_DATA = {
    "code_set_meaning": Recipe(
        each=2,
        every=2,
        values={"meaning": "'M' || k || upper(left(name_key(x), 6))", "display": "x || ' ' || y"},
    ),
    "code_set_field": Recipe(
        each=2,
        # What code_value_extension fills in.
        values={
            "field": "CASE k WHEN 0 THEN 'KOPPLAD_KOD' ELSE 'REGEL' END",
            "field_type": "1 + k",
            "prompt": "'Ange ' || lower(x)",
            "default": "'0'",
            "length": "40",
        },
        ranks={"values_from": "CASE k WHEN 0 THEN 1 END"},
        steady=("field_type", "values_from"),
        missing=0.0,
    ),
    "code_value_extension": Recipe(
        of=(("code_value", 1, 3),),
        values={
            "field": "CASE WHEN parent % 2 = 0 THEN 'KOPPLAD_KOD' ELSE 'REGEL' END",
            "field_type": "CASE WHEN parent % 2 = 0 THEN 1 ELSE 2 END",
        },
        texts={"text": ("event_code", "'händelse '", "' fr.o.m. ' || k")},
        ranks={"code": "CASE WHEN parent % 2 = 0 THEN i END", "text": "CASE WHEN parent % 2 = 1 THEN i END"},
        choice={"code": "1"},
        steady=("field_type",),
        columns={
            "FIELD_VALUE": "CASE WHEN e.code_id IS NULL THEN coalesce(e.text_printed, '') "
            f"ELSE {printed('e.code_id')} END",
            "CODE_SET": SET_OF_OWNER,
        },
    ),
    "code_value_alias": Recipe(
        of=(("event_code", 1, 4), ("code_value", 1, 8)),
        values={"alias_type": "'NPU'", "alias": "'NPU' || lpad((10000 + i * 3)::VARCHAR, 5, '0')"},
        columns={"CODE_SET": "CASE WHEN e.owner = 0 THEN '72' ELSE '0' END"},
    ),
    "code_value_outbound": Recipe(
        of=(("event_code", 1, 4),),
        values={"alias_type": "''", "alias": "'KV' || lpad((7000 + i)::VARCHAR, 6, '0')"},
        columns={"CODE_SET": "'72'"},
    ),
    "code_group": Recipe(of=(("code_value", 1, 10),), choice={"child": "1"}, columns={"CODE_SET": SET_OF_OWNER}),
    "nomenclature": Recipe(
        share=0.03,
        least=20,
        words=("adjective", "noun", "one"),
        name="x || ' ' || y || " + AGAIN,
        values={
            "cmti": "CASE WHEN i % 3 = 0 THEN 'CMTI!' || (880000 + i) END",
            "concept_cki": "CASE WHEN i % 2 = 0 THEN 'SNOMED!' || (40000000 + i) END",
            "identifier": "(40000000 + i)::VARCHAR",
            "mnemonic": "left(name, 25)",
            "short": "left(name, 60)",
            "concept_name": "CASE WHEN i % 2 = 0 THEN 'Begrepp: ' || name END",
        },
        steady=("concept_name",),
        missing=0.0,
        # A terminology holds much that nothing refers to.
        stray={"NOMENCLATURE_ID": OTHER_ID, "CMTI": "''", "SOURCE_STRING": "SOURCE_STRING || ' UNS'"},
    ),
    "concept_map": Recipe(
        share=0.02,
        least=12,
        values={
            "concept_cki": "'SNOMED!' || (40000000 + i * 2)",
            "target_cki": "'ICD10SE!' || chr((65 + i % 26)::INTEGER) || (10 + i % 80)",
            "identifier": "chr((65 + i % 26)::INTEGER) || (10 + i % 80)",
        },
    ),
}

PLACES = {
    "organisation": Recipe(
        share=0.02,
        least=12,
        words=("speciality", "place", "one"),
        name="y || ' ' || x || " + AGAIN,
        values={"name": "name", "name_key": "name_key(name)"},
        missing=0.3,
    ),
    "organisation_alias": Recipe(
        values={"alias": "'SE2321000131-E' || lpad((4000 + parent)::VARCHAR, 11, '0')"}, ranks={"pool": "parent"}
    ),
    "alias_pool": Recipe(
        share=0.01,
        least=12,
        code_set=263,
        words=("document", "speciality", "one"),
        values={
            "display": "left(name, 40)",
            "description": "'Nummerserie ' || name",
            "mask": "'########-####'",
            "duplicates": "2",
        },
        other={"mask": "'############'"},
    ),
    "organisation_alias_pool": Recipe(values={"of": "'PERSON_ALIAS'"}),
    "location": Recipe(
        share=0.2,
        code_set=220,
        words=("speciality", "place", "one"),
        name=f"{KIND_OF_PLACE} || x || ' ' || y || {AGAIN}",
        values={
            "location_type": "{code:222} + CASE i % 5 WHEN 0 THEN 2 WHEN 1 THEN 3 WHEN 2 THEN 1 ELSE 2 + i % 3 END",
            "display": f"left(y || {AGAIN} || ' ' || {KIND_OF_PLACE} || x, 40)",
            "description": "left(name, 60)",
            "census": "(i % 5 = 0)::INTEGER",
            "dispense_window": "CASE WHEN i % 5 = 0 THEN 60 END",
            "hsa_id": "CASE WHEN i % 7 = 0 THEN 'SE2321000131-P' || lpad(i::VARCHAR, 11, '0') END",
        },
        steady=("census", "intensive_care", "dispense_window", "location_type", "organisation"),
        missing=0.8,
        other={"description": "'Tillfällig ' || left(m.description, 48)"},
    ),
    "service_resource": Recipe(
        share=0.02,
        least=12,
        code_set=221,
        words=("modality", "place", "one"),
        values={"display": "left(name, 40)"},
        ranks={"location": NONE},
        missing=0.3,
    ),
}
