"""Recipes of orders and of medication."""

from __future__ import annotations

from transforms.sample.recipe import AGAIN, NONE, Recipe, printed

ORDERS = {
    "orderable_assay": Recipe(of=(("orderable", 1, 3),), values={"sequence": "1", "item_type": "0"}),
    "synonym_facility": Recipe(
        of=(("order_synonym", 1, 5),), ranks={"facility": "CASE WHEN parent % 3 > 0 THEN parent END"}
    ),
    "synonym_exception": Recipe(
        of=(("order_synonym", 1, 40),), ranks={"facility": NONE}, values={"text": "''"}, other={"text": "'lokalt'"}
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
        columns={"PW_COMP_GROUP_ID": printed("e.lid")},
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
        name="x || ' ' || z || ' ' || y || " + AGAIN,
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
    "formulary_level": Recipe(each=1, values={"sort": "100", "sequence": "1"}, ranks={"facility": NONE}),
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
        columns={"MED_PRODUCT_ID": printed("0")},
    ),
    "formulary_dispense": Recipe(
        every=1,
        ranks={"facility": NONE},
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
        ranks={"facility": NONE, "flexed_by": "CASE WHEN i >= 24 THEN i END"},
        choice={"flexed_by": "0"},
        columns={"INSTANCE": "'0'", "FREQ_QUALIFIER": "'0'"},
    ),
    "frequency_time": Recipe(
        share=0.0,
        least=48,
        values={"frequency": "{code:4003} + i // 2", "time": "480 + (i % 2) * 720", "qualifier": "0"},
        ranks={"facility": NONE},
        columns={"INSTANCE": "'0'", "PARENT_ENTITY_ID": printed("0")},
    ),
}
