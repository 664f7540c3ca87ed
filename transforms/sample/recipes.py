"""What the sample holds of each entity type that is derived from the catalogue, where the catalogue does not say it.

SQL in a recipe's ``values``, ``ranks`` and ``name`` is over the row being made: ``i`` its number, ``k`` its place
under its owner, ``parent`` the owner's number, ``x``, ``y``, ``z`` its words, ``round`` how often they are used up,
``name``, and every value named before. In ``columns`` and ``stray`` it is over the row as it stands in a domain (``e``)
and as it is printed.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Recipe:
    """How many items there are, what is in them, and what of them deviates.

    ``share`` is items per orderable and ``least`` their least number, for types that belong to nothing; ``each`` and
    ``every`` are items under an owner and under which of the owners, ``of`` the same where there are owners of several
    types. ``ranks`` chooses a reference's target by its place among the usable ones (NULL for none), ``choice`` which
    of its types. ``texts`` hold an id: (type, before, after). ``steady`` never deviate; ``deviates`` is where any may.
    ``columns`` are further columns or other prints; ``stray`` makes rows that are no items out of some that are.
    """

    share: float = 0.0
    least: int = 12
    each: int = 1
    every: int = 1
    of: tuple[tuple[str, int, int], ...] = ()
    words: tuple[str, str, str] = ("object", "verb", "one")
    name: str = ""
    code_set: int = 0
    values: dict[str, str] = field(default_factory=dict)
    other: dict[str, str] = field(default_factory=dict)
    ranks: dict[str, str] = field(default_factory=dict)
    choice: dict[str, str] = field(default_factory=dict)
    texts: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    steady: tuple[str, ...] = ()
    deviates: str = "true"
    missing: float = 0.05
    columns: dict[str, str] = field(default_factory=dict)
    stray: dict[str, str] = field(default_factory=dict)


# Rows of an earlier version have an id of their own.
_OTHER_ID = "printed_id(ord + 400000000, d)"
_NONE = "NULL::BIGINT"
_SET_OF_OWNER = "(SELECT c.code_set::VARCHAR FROM sample.m_code_value c WHERE c.i = e.parent)"
_KIND_OF_PLACE = (
    "CASE i % 5 WHEN 0 THEN 'Avd ' || (1 + i % 97) || ' ' WHEN 1 THEN 'Mott ' "
    "WHEN 2 THEN 'Hus ' || (1 + i % 12) || ' ' ELSE 'Enhet ' || (10 + i % 7) || ' ' END"
)
_AGAIN = "CASE WHEN round > 0 THEN ' ' || (round + 1) ELSE '' END"


def _id(expression: str) -> str:
    return f"printed_id({expression}, e.d)"


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
            "FIELD_VALUE": f"CASE WHEN e.code_id IS NULL THEN coalesce(e.text_printed, '') ELSE {_id('e.code_id')} END",
            "CODE_SET": _SET_OF_OWNER,
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
    "code_group": Recipe(of=(("code_value", 1, 10),), choice={"child": "1"}, columns={"CODE_SET": _SET_OF_OWNER}),
    "nomenclature": Recipe(
        share=0.03,
        least=20,
        words=("adjective", "noun", "one"),
        name="x || ' ' || y || " + _AGAIN,
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
        stray={"NOMENCLATURE_ID": _OTHER_ID, "CMTI": "''", "SOURCE_STRING": "SOURCE_STRING || ' UNS'"},
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

DOCUMENTATION = {
    "event_set": Recipe(
        share=0.04,
        least=24,
        code_set=93,
        words=("speciality", "document", "one"),
        name="CASE i WHEN 0 THEN 'Laboratorium' WHEN 1 THEN 'Läkemedel' WHEN 2 THEN 'Undersökningar' "
        "WHEN 3 THEN 'Dokument' "
        "ELSE left(y || ' ' || x, 36) || CASE WHEN round > 0 THEN ' ' || (round + 1) ELSE '' END END",
        values={"name": "name", "name_key": "name_key(name)", "display": "name", "description": "'Mängd: ' || name"},
        deviates="i >= 4",
    ),
    "event_set_member": Recipe(each=1, every=1, ranks={"child": "parent * 5 + 2"}, values={"sequence": "k + 1"}),
    "assay_event": Recipe(
        of=(("dta", 1, 8),),
        ranks={"flex_2": _NONE, "flex_3": _NONE, "flex_4": _NONE, "flex_5": _NONE, "event_code": "parent"},
    ),
    "assay_precision": Recipe(
        every=4, ranks={"service_resource": _NONE}, values={"map_type": "0", "entry_format": "1"}
    ),
    "assay_equation": Recipe(
        every=40,
        ranks={"service_resource": _NONE},
        values={
            "equation": "'(A + B) / ' || (2 + i % 9)",
            "postfix": "'A B + ' || (2 + i % 9) || ' /'",
            "age_from": "0",
            "age_to": "78840000",
            "script": "''",
            "default": "1",
        },
        other={"script": "'LOKALT_SKRIPT'"},
    ),
    "equation_component": Recipe(
        each=2,
        values={"name": "chr((65 + k)::INTEGER)", "constant": "0"},
        ranks={"assay": "parent * 2 + k"},
        columns={"SEQUENCE": "(e.k + 1)::VARCHAR"},
    ),
    "alpha_response": Recipe(
        each=3,
        every=6,
        ranks={"answer": "parent // 6 + k"},
        values={
            "description": "'Svar ' || (k + 1)",
            "points": "k * 2",
            "sequence": "k + 1",
            "default": "(k = 0)::INTEGER",
        },
    ),
    "powerform": Recipe(
        share=0.03,
        least=16,
        words=("document", "speciality", "one"),
        values={"definition": "upper(name)", "description": "name"},
        columns={"DCP_FORM_INSTANCE_ID": _id("e.lid + 200000000")},
        stray={
            "DCP_FORM_INSTANCE_ID": _OTHER_ID,
            "ACTIVE_IND": "'0'",
            "DESCRIPTION": "'Tidigare: ' || DESCRIPTION",
        },
    ),
    "powerform_section": Recipe(
        each=2,
        values={"sequence": "k + 1"},
        columns={"DCP_FORM_INSTANCE_ID": _id("e.parent_id::BIGINT + 200000000")},
        # The earlier version of the form had other sections.
        stray={
            "DCP_FORMS_DEF_ID": _OTHER_ID,
            "DCP_FORM_INSTANCE_ID": _id("1").replace("e.d", "d"),
            "SECTION_SEQ": "'9'",
        },
    ),
    "form_section": Recipe(
        share=0.05,
        least=20,
        words=("assessment", "speciality", "one"),
        values={"definition": "upper(name)", "description": "name", "height": "400", "width": "600"},
        columns={"DCP_SECTION_INSTANCE_ID": _id("e.lid + 200000000")},
    ),
    "form_input": Recipe(
        each=4,
        values={
            "description": "'Fråga ' || (k + 1) || ' om ' || lower(x)",
            "input_type": "CASE WHEN k < 3 THEN 2 ELSE 11 END",
            "module": "'PFEXTCTRLS'",
            "sequence": "k + 1",
        },
        # The last of a section is a heading.
        ranks={"assay": "CASE WHEN k < 3 THEN parent * 3 + k END"},
        columns={"DCP_SECTION_INSTANCE_ID": _id("e.parent_id::BIGINT + 200000000")},
    ),
    "form_input_setting": Recipe(
        each=2,
        every=2,
        values={"name": "CASE k WHEN 0 THEN 'required' ELSE 'conditional_section' END", "sequence": "k"},
        ranks={"points_to": "CASE WHEN k = 1 THEN i END"},
        texts={"value": ("dta", "'visa om '", "' > ' || k")},
    ),
    "iview": Recipe(
        share=0.02,
        least=10,
        words=("speciality", "document", "one"),
        ranks={"location": _NONE},
        columns={"VERSION_NUM": "'2'", "CURRENT_WORKING_VIEW": "'0'"},
        stray={"WORKING_VIEW_ID": _OTHER_ID, "VERSION_NUM": "'1'"},
        values={"name": "left(name, 40)"},
    ),
    "iview_section": Recipe(
        each=3, values={"name": "'Band ' || (k + 1) || ' ' || left(x, 20)"}, other={"falloff": "falloff + 60"}
    ),
    "iview_item": Recipe(each=3, ranks={"under": "parent + 1"}, values={"falloff": "60 * (1 + k)"}),
    "task": Recipe(
        share=0.3,
        words=("object", "verb", "assessment_detail"),
        name="y || ' ' || x || CASE WHEN z <> '' THEN ', ' || z ELSE '' END || " + _AGAIN,
        values={
            "description": "name",
            "description_key": "upper(name)",
            "overdue": "60 * (1 + i % 8)",
            "overdue_unit": "1",
            "grace_period": "15",
            "retention": "1",
            "retention_unit": "3",
            "vendor": "0",
        },
        other={"description": "upper(m.description)", "overdue": "m.overdue * 2"},
        ranks={"form": "CASE WHEN i % 6 = 0 THEN i END"},
    ),
    "task_orderable": Recipe(every=2, values={"sequence": "1"}),
    "task_position": Recipe(each=2, every=4),
    "task_assay": Recipe(every=4, values={"sequence": "1"}),
    "note_type": Recipe(
        share=0.02, least=12, words=("document", "speciality", "one"), values={"description": "left(name, 50)"}
    ),
    "note_template": Recipe(
        share=0.02,
        least=12,
        words=("document", "speciality", "one"),
        columns={"PRSNL_ID": _id("0"), "LONG_BLOB_ID": _id("e.lid + 7")},
        stray={"TEMPLATE_ID": _OTHER_ID, "CKI": "''", "PRSNL_ID": "printed_id(880117, d)"},
    ),
    "document_template": Recipe(share=0.02, least=12, words=("document", "condition", "one"), values={"title": "name"}),
    "entry_pattern": Recipe(
        share=0.02,
        least=12,
        words=("condition", "document", "one"),
        values={
            "cki_source": "CASE WHEN i % 2 = 0 THEN 'CERNER' ELSE '' END",
            "cki": "CASE WHEN i % 2 = 0 THEN 'PATTERN!' || i ELSE '' END",
            "display": "left(name, 40)",
        },
    ),
}

ORDERS = {
    "orderable_assay": Recipe(of=(("orderable", 1, 3),), values={"sequence": "1", "item_type": "0"}),
    "synonym_facility": Recipe(
        of=(("order_synonym", 1, 5),), ranks={"facility": "CASE WHEN parent % 3 > 0 THEN parent END"}
    ),
    "synonym_exception": Recipe(
        of=(("order_synonym", 1, 40),), ranks={"facility": _NONE}, values={"text": "''"}, other={"text": "'lokalt'"}
    ),
    "oe_format_action": Recipe(values={"name": "'Format ' || parent"}, every=1),
    "oe_format_flex": Recipe(
        each=2,
        values={"flex_type": "0", "default": "''"},
        other={"default": "'1'"},
        ranks={"field": "k + 7"},
        choice={"flexed_by": "3"},
    ),
    "care_set_component": Recipe(
        of=(("orderable", 2, 20),),
        values={"sequence": "k + 1", "label_text": "'Del ' || (k + 1)"},
        other={"sequence": "m.sequence + 40"},
    ),
    "outcome": Recipe(
        share=0.02,
        least=12,
        words=("condition", "assessment", "one"),
        values={"description": "left(name, 100)", "expectation": "'Förväntat: ' || lower(x)"},
    ),
    "plan_component_sentence": Recipe(of=(("plan_component", 1, 9),), values={"sequence": "1"}),
    "plan_component_group": Recipe(
        of=(("plan_component", 1, 17),),
        columns={"PW_COMP_GROUP_ID": _id("e.lid")},
        values={"kind": "'LINKED'", "description": "'En av ' || (2 + i % 3)"},
    ),
    "plan_component_relation": Recipe(
        of=(("plan_component", 1, 23),), values={"kind": "'TIMEZERO'"}, ranks={"follows": "parent + 1"}
    ),
    "plan_facility": Recipe(
        of=(("powerplan", 1, 2),),
        ranks={"facility": "CASE WHEN parent % 4 > 0 THEN parent END"},
        columns={"DISPLAY_DESCRIPTION_KEY": "''"},
    ),
    "plan_synonym": Recipe(
        of=(("powerplan", 1, 1),),
        values={"name": "x || ' (' || parent || ')'", "name_key": "upper(name)", "primary": "1"},
        name="x || ' (' || parent || ')'",
    ),
    "plan_evidence": Recipe(
        of=(("powerplan", 1, 3),),
        values={"locator": "'PLAN/' || parent || '.html'", "kind": "'ZYNX'", "sequence": "1"},
        other={"kind": "'URL'"},
    ),
}

MEDICATION = {
    "order_sentence_filter": Recipe(
        of=(("order_sentence", 1, 30),),
        values={
            "age_least": "2 + i % 10",
            "age_most": "18 + i % 50",
            "weight_least": "10 + i % 9",
            "weight_most": "90",
        },
    ),
    "orderable_sentence": Recipe(of=(("orderable", 1, 12),)),
    "formulary_item": Recipe(
        share=0.06,
        least=24,
        words=("substance", "form", "strength"),
        name="x || ' ' || z || ' ' || y || " + _AGAIN,
        values={
            "cki": "CASE WHEN i % 2 = 0 THEN 'MUL.FRMLTN!' || (1000 + i) END",
            "description": "name",
            "given_strength": "left(z, 25)",
            "strength": "5 * (1 + i % 8)",
            "volume": "1 + i % 5",
            "kind": "0",
        },
        missing=0.06,
    ),
    "formulary_level": Recipe(each=1, values={"sort": "100", "sequence": "1"}, ranks={"facility": _NONE}),
    "formulary_identifier": Recipe(
        each=3,
        values={
            "value": "CASE k WHEN 0 THEN parent_name WHEN 1 THEN 'NPL' || (20000000 + parent) "
            "ELSE '04' || (1000 + parent) END",
            "value_key": "upper(value)",
            "primary": "1",
            "sequence": "1",
            "identifier_type": "{code:11000} + k",
        },
        # What an item is called stands here.
        deviates="k > 0",
        columns={"MED_PRODUCT_ID": _id("0")},
    ),
    "formulary_dispense": Recipe(
        every=1,
        ranks={"facility": _NONE},
        values={"strength": "5 * (1 + parent % 8)", "highest_dose": "100 + parent % 50"},
    ),
    "formulary_default": Recipe(
        every=2, values={"link_sequence": "1", "free_dose": "''"}, other={"free_dose": "'enligt schema'"}
    ),
    "formulary_product": Recipe(
        each=1, every=2, values={"cki": "'MUL.PRODUCT!' || (5000 + i)", "link_sequence": "1"}, steady=("link_sequence",)
    ),
    "frequency": Recipe(
        share=0.0,
        least=40,
        # Each frequency for everything, some again for one orderable.
        values={
            "kind": "CASE WHEN i < 24 THEN 3 ELSE 1 END",
            "frequency": "{code:4003} + i % 24",
            "interval": "1 + i % 12",
            "interval_unit": "2",
            "description": "'Schema för frekvens ' || (1 + i % 24)",
            "first_dose": "1",
        },
        ranks={"facility": _NONE, "flexed_by": "CASE WHEN i >= 24 THEN i END"},
        choice={"flexed_by": "0"},
        columns={"INSTANCE": "'0'", "FREQ_QUALIFIER": "'0'"},
    ),
    "frequency_time": Recipe(
        share=0.0,
        least=48,
        values={"frequency": "{code:4003} + i // 2", "time": "480 + (i % 2) * 720", "qualifier": "0"},
        ranks={"facility": _NONE},
        columns={"INSTANCE": "'0'", "PARENT_ENTITY_ID": _id("0")},
    ),
}

DECISION_SUPPORT = {
    "discern_rule": Recipe(
        share=0.03,
        least=16,
        words=("condition", "object", "one"),
        values={
            "name": "'SE_' || left(name_key(x), 18) || '_' || i",
            "validation": "CASE WHEN i % 5 = 0 THEN 'TESTING' ELSE 'PRODUCTION' END",
            "kind": "'DATA_DRIVEN'",
            "title": "'Regel: ' || name",
        },
        other={"validation": "CASE m.validation WHEN 'TESTING' THEN 'PRODUCTION' ELSE 'TESTING' END"},
        columns={"VERSION": "'002.001'"},
        stray={"VERSION": "'001.004'", "ACTIVE_FLAG": "'I'", "MAINT_TITLE": "'Tidigare: ' || MAINT_TITLE"},
    ),
    "discern_rule_text": Recipe(
        each=3,
        values={"part": "k + 1"},
        texts={
            "text": (
                "event_code",
                "CASE k WHEN 0 THEN 'evoke: clinical_event where event_cd = ' "
                "WHEN 1 THEN 'logic: exists result with EVENT_CD=' "
                "ELSE 'action: alert for ' END",
                "' and value > ' || (5 + i % 40) || ' within 24 hours; opt_link ' || (k + 1)",
            )
        },
        columns={"VERSION": "'002.001'"},
        stray={"VERSION": "'001.004'", "EKM_INFO": "'earlier ' || EKM_INFO"},
    ),
    "mpage_category": Recipe(
        share=0.01,
        least=10,
        words=("speciality", "document", "one"),
        values={"meaning": "'MP_' || upper(left(name_key(name), 20)) || i"},
    ),
    "mpage_filter": Recipe(
        each=3, values={"meaning": "'F' || k", "display": "'Urval ' || (k + 1)", "kind": "'EVENT'", "sequence": "k + 1"}
    ),
    "mpage_value": Recipe(
        values={"parameter": "''", "value": "''", "free_text": "''", "sequence": "1"},
        other={"value": "'30'", "free_text": "'lokal text'"},
        choice={"chosen": "1"},
        columns={"BR_DATAMART_CATEGORY_ID": _id("0")},
    ),
    "recommendation": Recipe(
        share=0.01,
        least=12,
        words=("condition", "object", "one"),
        values={"meaning": "CASE WHEN i % 3 = 0 THEN 'CERNER!' || i ELSE '' END", "highest_age": "365 * (40 + i % 50)"},
    ),
    "recommendation_step": Recipe(
        each=2,
        values={"meaning": "''", "number": "k + 1", "name": "'Steg ' || (k + 1)", "least_age": "365 * (1 + i % 60)"},
    ),
}

PLACES = {
    "organisation": Recipe(
        share=0.02,
        least=12,
        words=("speciality", "place", "one"),
        name="y || ' ' || x || " + _AGAIN,
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
        name=f"{_KIND_OF_PLACE} || x || ' ' || y || {_AGAIN}",
        values={
            "location_type": "{code:222} + CASE i % 5 WHEN 0 THEN 2 WHEN 1 THEN 3 WHEN 2 THEN 1 ELSE 2 + i % 3 END",
            "display": f"left(y || {_AGAIN} || ' ' || {_KIND_OF_PLACE} || x, 40)",
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
        ranks={"location": _NONE},
        missing=0.3,
    ),
}

ACCESS = {
    "application_group": Recipe(
        share=0.01,
        least=14,
        code_set=500,
        words=("role", "verb", "one"),
        values={"display": "left(name, 40)", "description": "left('Grupp ' || name, 60)"},
        columns={"CODE_SET": "'500'", "CODE_VALUE": _id("e.lid")},
    ),
    "position_group": Recipe(
        every=2,
        columns={"PERSON_ID": _id("0")},
        stray={"APPLICATION_GROUP_ID": _OTHER_ID, "PERSON_ID": "printed_id(880104, d)"},
    ),
    "application_access": Recipe(each=3, values={"application": "600000 + k * 5 + parent % 3"}),
    "task_access": Recipe(each=4, values={"task": "600100 + k * 7 + parent % 5"}),
    "privilege_holder": Recipe(
        share=0.02,
        least=16,
        ranks={"relation": _NONE, "location": _NONE},
        values={"relation": _NONE},
        columns={"PERSON_ID": _id("0")},
        stray={"PRIV_LOC_RELTN_ID": _OTHER_ID, "PERSON_ID": "printed_id(880105, d)"},
    ),
    "privilege": Recipe(each=3, values={"privilege": "{code:6016} + k"}),
    "privilege_exception": Recipe(
        every=2,
        ranks={"event_set": "CASE WHEN i % 3 = 0 THEN i END", "excepted": "CASE WHEN i % 3 > 0 THEN i END"},
        choice={"excepted": "2"},
    ),
    "logical_group": Recipe(share=0.01, least=10, words=("document", "verb", "one")),
    "logical_group_entry": Recipe(
        each=2,
        ranks={"event_set": "CASE WHEN k = 0 THEN i END", "item": "CASE WHEN k = 1 THEN i END"},
        choice={"item": "1"},
    ),
    "application_preferences": Recipe(
        share=0.01,
        least=12,
        values={"application": "600005 + i % 2"},
        ranks={"position": "CASE WHEN i > 1 THEN i // 2 END"},
        columns={"PRSNL_ID": _id("0")},
        stray={"APP_PREFS_ID": _OTHER_ID, "PRSNL_ID": "printed_id(880106, d)"},
    ),
    "view_preferences": Recipe(
        share=0.02,
        least=16,
        values={
            "application": "600005",
            "frame": "'CHART'",
            "view_name": "'VIEW' || (i % 4)",
            "view_sequence": "1 + i % 4",
        },
        ranks={"position": "i // 4"},
        columns={"PRSNL_ID": _id("0")},
        stray={"VIEW_PREFS_ID": _OTHER_ID, "PRSNL_ID": "printed_id(880107, d)"},
    ),
    "component_preferences": Recipe(
        share=0.02,
        least=16,
        values={
            "application": "600005",
            "view_name": "'VIEW' || (i % 4)",
            "view_sequence": "1 + i % 4",
            "component": "'COMP' || (i % 4)",
            "component_sequence": "1",
        },
        ranks={"position": "i // 4"},
        columns={"PRSNL_ID": _id("0")},
    ),
    "detail_preferences": Recipe(
        share=0.02,
        least=16,
        values={
            "application": "600005",
            "view_name": "'VIEW' || (i % 4)",
            "view_sequence": "1 + i % 4",
            "component": "'COMP' || (i % 4)",
            "component_sequence": "1",
        },
        ranks={"position": "i // 4"},
        columns={"PRSNL_ID": _id("0"), "PERSON_ID": _id("0")},
    ),
    "preference": Recipe(
        of=(
            ("application_preferences", 2, 1),
            ("view_preferences", 3, 1),
            ("component_preferences", 2, 1),
            ("detail_preferences", 2, 1),
        ),
        values={"name": "['VIEW_CAPTION', 'DEFAULT_CODE', 'SORT_BY'][1 + k::INTEGER]", "sequence": "k"},
        ranks={"points_to": "CASE WHEN k = 1 THEN i END"},
        choice={"points_to": "1"},
        texts={"value": ("event_code", "'0,' ", "',' || (1 + i % 9)")},
    ),
    "directory_preference": Recipe(
        share=0.02,
        least=12,
        words=("document", "verb", "one"),
        values={
            "name": "'prefentry=' || lower(left(name_key(name), 30)) || i "
            "|| ',prefgroup=config,prefcontext=default,prefroot=prefroot'"
        },
        texts={"value": ("event_code", "'koder: '", "';aktiv'")},
    ),
    "database_preference": Recipe(
        share=0.01,
        least=12,
        values={
            "domain_name": "'PHARMNET-INPATIENT'",
            "section": "'FORMULARY'",
            "name": "'PREF_' || i",
            "number": "i % 4",
        },
        ranks={"applies_to": _NONE},
        choice={"code": "1"},
        texts={"text": ("event_code", "'kod '", "' gäller'")},
        columns={"PERSON_ID": _id("0")},
        stray={"PREF_ID": _OTHER_ID, "PERSON_ID": "printed_id(880108, d)"},
    ),
    "configuration_preference": Recipe(
        share=0.01,
        least=12,
        values={"name": "'KONFIG_' || i", "flexed_by": "''"},
        ranks={"applies_to": _NONE},
        texts={"value": ("orderable", "'tillåt '", "' alltid'")},
    ),
}

_VERSIONED = {"VERSION_DT_TM": "'12-MAR-2024 08:15:00'"}
SCHEDULING = {
    "appointment_type": Recipe(
        share=0.03,
        least=16,
        code_set=14230,
        words=("document", "speciality", "one"),
        values={"display": "left(name, 40)", "accepted": "'ACCEPT'", "recurring": "'NONE'"},
        other={"accepted": "'PENDING'", "recurring": "'WEEKLY'"},
        # Every version of a thing stays; the live one ends in 2100.
        stray=_VERSIONED | {"DESCRIPTION": "'Tidigare: ' || DESCRIPTION"},
    ),
    "appointment_synonym": Recipe(
        each=2,
        values={
            "mnemonic": "'Besök ' || (k + 1) || ' ' || parent",
            "mnemonic_key": "upper(mnemonic)",
            "primary": "(k = 0)::INTEGER",
        },
        other={"mnemonic": "'Ny: ' || m.mnemonic"},
    ),
    "appointment_location": Recipe(each=2),
    "appointment_order": Recipe(
        every=2, values={"sequence": "1", "procedure": "'REQUIRED'"}, other={"procedure": "'OPTIONAL'"}
    ),
    "scheduling_resource": Recipe(
        share=0.02,
        least=12,
        words=("modality", "place", "one"),
        values={"kind": "1"},
        missing=0.3,
        columns={"PERSON_ID": _id("0")},
        stray={"RESOURCE_CD": _OTHER_ID, "PERSON_ID": "printed_id(880109, d)"},
    ),
    "slot_type": Recipe(
        share=0.01,
        least=12,
        words=("document", "verb", "one"),
        values={"duration": "15 * (1 + i % 6)"},
        other={"duration": "m.duration + 5"},
    ),
    "scheduling_rule": Recipe(
        share=0.01, least=10, words=("object", "speciality", "one"), values={"kind": "'APPTTYPE'"}, stray=_VERSIONED
    ),
}

RECIPES: dict[str, Recipe] = (
    REFERENCE_DATA | DOCUMENTATION | ORDERS | MEDICATION | DECISION_SUPPORT | PLACES | ACCESS | SCHEDULING
)
