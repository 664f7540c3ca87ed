"""Recipes of documentation and of decision support."""

from __future__ import annotations

from transforms.sample.recipe import AGAIN, NONE, OTHER_ID, Recipe, printed

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
        ranks={"flex_2": NONE, "flex_3": NONE, "flex_4": NONE, "flex_5": NONE, "event_code": "parent"},
    ),
    "assay_precision": Recipe(every=4, ranks={"service_resource": NONE}, values={"map_type": "0", "entry_format": "1"}),
    "assay_equation": Recipe(
        every=40,
        ranks={"service_resource": NONE},
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
        columns={"DCP_FORM_INSTANCE_ID": printed("e.lid + 200000000")},
        stray={
            "DCP_FORM_INSTANCE_ID": OTHER_ID,
            "ACTIVE_IND": "'0'",
            "DESCRIPTION": "'Tidigare: ' || DESCRIPTION",
        },
    ),
    "powerform_section": Recipe(
        each=2,
        values={"sequence": "k + 1"},
        columns={"DCP_FORM_INSTANCE_ID": printed("e.parent_id::BIGINT + 200000000")},
        # The earlier version of the form had other sections.
        stray={
            "DCP_FORMS_DEF_ID": OTHER_ID,
            "DCP_FORM_INSTANCE_ID": printed("1").replace("e.d", "d"),
            "SECTION_SEQ": "'9'",
        },
    ),
    "form_section": Recipe(
        share=0.05,
        least=20,
        words=("assessment", "speciality", "one"),
        values={"definition": "upper(name)", "description": "name", "height": "400", "width": "600"},
        columns={"DCP_SECTION_INSTANCE_ID": printed("e.lid + 200000000")},
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
        columns={"DCP_SECTION_INSTANCE_ID": printed("e.parent_id::BIGINT + 200000000")},
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
        ranks={"location": NONE},
        columns={"VERSION_NUM": "'2'", "CURRENT_WORKING_VIEW": "'0'"},
        stray={"WORKING_VIEW_ID": OTHER_ID, "VERSION_NUM": "'1'"},
        values={"name": "left(name, 40)"},
    ),
    "iview_section": Recipe(
        each=3, values={"name": "'Band ' || (k + 1) || ' ' || left(x, 20)"}, other={"falloff": "falloff + 60"}
    ),
    "iview_item": Recipe(each=3, ranks={"under": "parent + 1"}, values={"falloff": "60 * (1 + k)"}),
    "task": Recipe(
        share=0.3,
        words=("object", "verb", "assessment_detail"),
        name="y || ' ' || x || CASE WHEN z <> '' THEN ', ' || z ELSE '' END || " + AGAIN,
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
        columns={"PRSNL_ID": printed("0"), "LONG_BLOB_ID": printed("e.lid + 7")},
        stray={"TEMPLATE_ID": OTHER_ID, "CKI": "''", "PRSNL_ID": "printed_id(880117, d)"},
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
        columns={"BR_DATAMART_CATEGORY_ID": printed("0")},
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
