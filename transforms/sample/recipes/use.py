"""Recipes of access and of scheduling."""

from __future__ import annotations

from transforms.sample.recipe import NONE, OTHER_ID, Recipe, printed

ACCESS = {
    "application_group": Recipe(
        share=0.01,
        least=14,
        code_set=500,
        words=("role", "verb", "one"),
        values={"display": "left(name, 40)", "description": "left('Grupp ' || name, 60)"},
        columns={"CODE_SET": "'500'", "CODE_VALUE": printed("e.lid")},
    ),
    "position_group": Recipe(
        every=2,
        columns={"PERSON_ID": printed("0")},
        stray={"APPLICATION_GROUP_ID": OTHER_ID, "PERSON_ID": "printed_id(880104, d)"},
    ),
    "application_access": Recipe(each=3, values={"application": "600000 + k * 5 + parent % 3"}),
    "task_access": Recipe(each=4, values={"task": "600100 + k * 7 + parent % 5"}),
    "privilege_holder": Recipe(
        share=0.02,
        least=16,
        ranks={"relation": NONE, "location": NONE},
        values={"relation": NONE},
        columns={"PERSON_ID": printed("0")},
        stray={"PRIV_LOC_RELTN_ID": OTHER_ID, "PERSON_ID": "printed_id(880105, d)"},
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
        columns={"PRSNL_ID": printed("0")},
        stray={"APP_PREFS_ID": OTHER_ID, "PRSNL_ID": "printed_id(880106, d)"},
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
        columns={"PRSNL_ID": printed("0")},
        stray={"VIEW_PREFS_ID": OTHER_ID, "PRSNL_ID": "printed_id(880107, d)"},
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
        columns={"PRSNL_ID": printed("0")},
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
        columns={"PRSNL_ID": printed("0"), "PERSON_ID": printed("0")},
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
        ranks={"applies_to": NONE},
        choice={"code": "1"},
        texts={"text": ("event_code", "'kod '", "' gäller'")},
        columns={"PERSON_ID": printed("0")},
        stray={"PREF_ID": OTHER_ID, "PERSON_ID": "printed_id(880108, d)"},
    ),
    "configuration_preference": Recipe(
        share=0.01,
        least=12,
        values={"name": "'KONFIG_' || i", "flexed_by": "''"},
        ranks={"applies_to": NONE},
        texts={"value": ("orderable", "'tillåt '", "' alltid'")},
    ),
}

# Every version of a thing stays.
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
        columns={"PERSON_ID": printed("0")},
        stray={"RESOURCE_CD": OTHER_ID, "PERSON_ID": "printed_id(880109, d)"},
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
