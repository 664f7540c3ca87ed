"""Every fault of a catalogue is one line: file, line, field, and what to do."""

from textwrap import dedent

import pytest

from tests.support.builds import HEAD, write_catalogue
from transforms.catalogue import builtin_catalogues, load_catalogue
from transforms.words.errors import CatalogueError

UNIT = """\
entity: unit
title: {sv: Enhet, en: Unit}
area: one
source: {table: UNIT, local_id: ID}
keys: [name]
attributes:
  name: {column: NAME}
"""

DOSE = """\
entity: dose
title: Dose
area: two
role: component
source:
  table: DOSE
  local_id: ID
  joins:
    code: {table: CODE_VALUE, on: {CODE_VALUE: CODE_CD}}
parent: {entity: unit, column: UNIT_ID}
label: amount
keys:
  - [parent, amount]
attributes:
  amount: {column: AMOUNT, compare: number}
  unit: {column: UNIT_CD, references: unit}
  cki: {column: code.CKI}
"""


def fault(tmp_path, *entities, head=HEAD):
    with pytest.raises(CatalogueError) as caught:
        load_catalogue(write_catalogue(tmp_path, *entities, head=head))
    message = str(caught.value)
    assert "\n" not in message
    return message.replace(f"{tmp_path}/", "")


def changed(text, old, new):
    assert old in text
    return text.replace(old, new, 1)


def test_a_whole_catalogue_loads_with_targets_before_those_who_refer_to_them(tmp_path):
    catalogue = load_catalogue(write_catalogue(tmp_path, DOSE, UNIT))
    assert catalogue.order == ("unit", "dose")
    assert [c.entity for c in catalogue.components_of("unit")] == ["dose"]
    assert catalogue.entities["unit"].title.sv == "Enhet"
    assert catalogue.entities["dose"].title.sv == "Dose"
    assert catalogue.entities["dose"].keys[0].name == "parent+amount"


def test_the_fingerprint_follows_the_content(tmp_path):
    first = load_catalogue(write_catalogue(tmp_path / "1", UNIT)).fingerprint
    again = load_catalogue(write_catalogue(tmp_path / "2", UNIT)).fingerprint
    other = load_catalogue(write_catalogue(tmp_path / "3", UNIT + "weight: 2\n")).fingerprint
    assert first == again != other


@pytest.mark.parametrize("name", builtin_catalogues())
def test_the_catalogues_that_ship_are_whole(name):
    assert load_catalogue(name).order


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("area: two", "aera: two", "dose.yaml:3: aera: unknown key; did you mean 'area'?"),
        ("area: two", "area: tow", "dose.yaml:3: area: 'tow' is not an area; did you mean 'two'?"),
        ("compare: number", "compare: numbr", "dose.yaml:15: attributes.amount.compare: input should be 'exact', "),
        ("AMOUNT, ", "AMOUNT, colour: red, ", "dose.yaml:15: attributes.amount.colour: unknown key"),
        (
            "AMOUNT, ",
            "AMOUNT, wieght: 2, ",
            "dose.yaml:15: attributes.amount.wieght: unknown key; did you mean 'weight'?",
        ),
        ("AMOUNT, ", "AMOUNT, weight: -1, ", "dose.yaml:15: attributes.amount.weight: "),
        ("  table: DOSE\n", "", "dose.yaml:5: source.table: is missing; add it"),
        ("title: Dose\n", "", "dose.yaml:1: title: is missing; add it"),
        (
            "references: unit",
            "references: unti",
            "dose.yaml:16: attributes.unit.references: 'unti' is not an entity type",
        ),
        ("references: unit", "references: unti", "did you mean 'unit'?"),
        (
            "references: unit",
            "references: {to: unit, by: nam}",
            "dose.yaml:16: attributes.unit.references: 'unit' has no attribute 'nam'",
        ),
        (
            "references: unit",
            "references: {types: {UNIT: unit}}",
            "dose.yaml:16: attributes.unit.references: 'type_column' and 'types' belong together",
        ),
        ("entity: unit, column", "entity: units, column", "dose.yaml:10: parent: 'units' is not an entity type"),
        ("parent: {entity: unit, column: UNIT_ID}\n", "", "dose.yaml:4: role: a component needs a parent"),
        (
            "{entity: unit, column: UNIT_ID}",
            "{references: {to: unit, by: name}, column: UNIT_ID}",
            "dose.yaml:10: parent: a component refers to its parent by local id",
        ),
        ("label: amount", "label: amont", "dose.yaml:11: label: 'amont' is not an attribute; did you mean 'amount'?"),
        (
            "[parent, amount]",
            "[parent, amont]",
            "dose.yaml:13: keys.0: 'amont' is not an attribute; did you mean 'amount'?",
        ),
        ("keys:\n  - [parent, amount]", "keys: []", "dose.yaml:12: keys: "),
        (
            "[parent, amount]",
            "{on: amount, occurrence: seq}",
            "dose.yaml:13: keys.0.occurrence: 'seq' is not an attribute",
        ),
        ("- [parent, amount]", "- amount\n  - amount", "dose.yaml:12: keys: two keys have the same name"),
        (
            "code.CKI",
            "cod.CKI",
            "dose.yaml:17: attributes.cki.column: 'cod' is not a joined table; did you mean 'code'?",
        ),
        ("column: code.CKI", "column: CKI, code_set: 54", "dose.yaml:17: attributes.cki.code_set: only a reference"),
        ("keys:\n", "through: {unit: unti}\nkeys:\n", "dose.yaml:12: through.unit: 'unit' does not refer to 'unti'"),
        (
            "keys:\n",
            "through: {amount: unit}\nkeys:\n",
            "dose.yaml:12: through.amount: 'amount' is not an attribute that",
        ),
        ("keys:\n", "label_otherwise: unit\nkeys:\n", "dose.yaml:12: label_otherwise: 'unit' is not an attribute with"),
        ("  cki:", "  label:", "dose.yaml:17: attributes.label: the name is reserved"),
        ("  cki:", "  Cki:", "dose.yaml:17: attributes.Cki: "),
        ("  cki:", "  amount:", "dose.yaml:17: attributes.amount: is given twice; keep one"),
        (
            "label: amount",
            "signatures: {s: {entity: unit, of: [name]}}",
            "dose.yaml:11: signatures.s.entity: 'unit' is not a",
        ),
        (
            "  local_id: ID",
            "  local_id: ID\n  live: {END: {after: now}}",
            "dose.yaml:8: source.live.END: the only time",
        ),
        ("entity: dose", "entity: dosis", "dose.yaml:1: entity: is 'dosis' but the file is named dose.yaml"),
    ],
)
def test_each_fault_is_one_line_with_file_line_and_field(tmp_path, old, new, message):
    write_catalogue(tmp_path, UNIT)
    (tmp_path / "dose.yaml").write_text(changed(DOSE, old, new), encoding="utf-8")
    with pytest.raises(CatalogueError) as caught:
        load_catalogue(tmp_path)
    found = str(caught.value).replace(f"{tmp_path}/", "")
    assert message in found
    assert "\n" not in found


def test_parents_in_a_cycle_are_named(tmp_path):
    unit = UNIT + "parent: {entity: form, column: FORM_ID}\n"
    form = changed(UNIT, "entity: unit", "entity: form") + "parent: {entity: unit, column: UNIT_ID}\n"
    message = fault(tmp_path, unit, form)
    assert message in (
        "form.yaml:8: parent: parents go round in a cycle: form → unit → form; break it",
        "unit.yaml:8: parent: parents go round in a cycle: unit → form → unit; break it",
    )


def test_keys_in_a_cycle_are_named(tmp_path):
    unit = changed(UNIT, "keys: [name]", "keys: [form]") + "  form: {column: FORM_ID, references: form}\n"
    form = changed(changed(UNIT, "entity: unit", "entity: form"), "keys: [name]", "keys: [[unit, name]]")
    form += "  unit: {column: UNIT_ID, references: unit}\n"
    message = fault(tmp_path, unit, form)
    assert message in (
        "form.yaml:5: keys: keys go round in a cycle: form → unit → form; break it",
        "unit.yaml:5: keys: keys go round in a cycle: unit → form → unit; break it",
    )


def test_a_key_of_its_own_type_is_a_cycle(tmp_path):
    unit = changed(UNIT, "keys: [name]", "keys: [[base, name]]") + "  base: {column: BASE_ID, references: unit}\n"
    assert fault(tmp_path, unit).startswith("unit.yaml:5: keys: keys go round in a cycle: unit → unit")


def test_what_a_signature_says_of_its_own_item_is_a_cycle(tmp_path):
    unit = changed(UNIT, "keys: [name]", "keys: [parts]\nsignatures: {parts: {entity: part, of: [of_unit]}}")
    part = changed(UNIT, "entity: unit", "entity: part") + (
        "  of_unit: {column: UNIT_ID, references: unit}\nparent: {entity: unit, column: UNIT_ID}\nrole: component\n"
    )
    assert "keys go round in a cycle" in fault(tmp_path, unit, part)


def test_what_is_not_yaml_is_refused_with_its_line(tmp_path):
    message = fault(tmp_path, UNIT + "keys: [\n")
    assert message.startswith("unit.yaml:")
    assert "not valid YAML" in message


@pytest.mark.parametrize("text", ["", "- a\n- b\n", "just words\n", "# nothing\n"])
def test_a_file_that_is_no_mapping_is_refused(tmp_path, text):
    write_catalogue(tmp_path, UNIT)
    (tmp_path / "dose.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(CatalogueError, match=r"dose\.yaml:1: a mapping of fields is expected"):
        load_catalogue(tmp_path)


def test_a_character_that_yaml_does_not_know_is_refused_in_one_line(tmp_path):
    assert "unit.yaml" in fault(tmp_path, UNIT + "description: \x07\n")


def test_a_key_that_is_a_list_is_refused_in_one_line(tmp_path):
    assert "unit.yaml" in fault(tmp_path, UNIT + "? [a, b]\n: 1\n")


def test_a_key_that_is_a_number_is_refused_in_one_line(tmp_path):
    assert "unit.yaml:8" in fault(tmp_path, UNIT + "1: 1\n")


def test_what_is_not_utf_8_is_refused(tmp_path):
    write_catalogue(tmp_path, UNIT)
    (tmp_path / "dose.yaml").write_bytes(DOSE.replace("Dose", "Mängd").encode("cp1252"))
    with pytest.raises(CatalogueError, match=r"dose\.yaml: not UTF-8 text \(byte \d+\); save it as UTF-8"):
        load_catalogue(tmp_path)


def test_a_folder_without_a_catalogue_names_the_built_in_ones(tmp_path):
    with pytest.raises(CatalogueError, match="no catalogue here"):
        load_catalogue(tmp_path / "nowhere")


def test_a_catalogue_without_entity_types_is_refused(tmp_path):
    assert "describes no entity type" in fault(tmp_path)


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        ("order: [unit]\n", "catalogue.yaml:12: order: unknown key; it is derived"),
        ("colour: red\n", "catalogue.yaml:12: colour: unknown key"),
        (
            "watch: [{name: w, title: W, entity: untt, attribute: name}]\n",
            "watch.0.entity: 'untt' is not an entity type",
        ),
        ("watch: [{name: w, title: W, entity: unit, attribute: nam}]\n", "watch.0.attribute: 'unit' has no attribute"),
        (
            "watch: [{name: w, title: W, entity: unit, attribute: name, key: k}]\n",
            "watch.0.key: 'unit' has no key named",
        ),
    ],
)
def test_a_fault_of_the_head_is_told_alike(tmp_path, extra, message):
    found = fault(tmp_path, UNIT, head=dedent(HEAD) + extra)
    assert message in found
    assert found.startswith("catalogue.yaml:12:")
