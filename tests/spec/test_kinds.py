"""Canonical text: which ways of writing a value are the same value, per kind of comparison."""

import pytest

from tests.support.builds import UNIT, house
from transforms.land.canonical import define_units, prepare
from transforms.warehouse import Session, scratch


@pytest.fixture(scope="module")
def canon(tmp_path_factory):
    session = Session(scratch())
    prepare(session, house(tmp_path_factory.mktemp("kinds"), UNIT).catalogue)
    define_units(session)

    def canonical(kind, text, *more):
        marks = ", ".join("?" for _ in (text, *more))
        return session.value(f"SELECT canon_{kind}({marks})", [text, *more])

    yield canonical
    session.con.close()


@pytest.mark.parametrize(
    ("kind", "written", "means"),
    [
        # A number is compared as a number, with comma or point, however it is padded.
        ("number", "0,5", "0.5"),
        ("number", ".5", "0.5"),
        ("number", ",5", "0.5"),
        ("number", "0.50", "0.5"),
        ("number", "  0.500 ", "0.5"),
        ("number", "+0.5", "0.5"),
        ("number", "000.5", "0.5"),
        ("number", "-.50", "-0.5"),
        ("number", "5.", "5"),
        ("number", "5.00", "5"),
        ("number", "500", "500"),
        ("number", "-0", "0"),
        ("number", "-0,0", "0"),
        ("number", "0.0", "0"),
        ("number", ".0", "0"),
        ("number", "", None),
        ("number", "   ", None),
        ("number", None, None),
        ("number", "1-2", "1-2"),
        ("number", "1 000", "1000"),
        ("number", ".", "."),
        ("number", "-", "-"),
        ("number", "12345678901234567890.10", "12345678901234567890.1"),
        # An identifier printed as a float is the whole number; text that only looks like it is left alone.
        ("id", "124907663.00", "124907663"),
        ("id", "     124907663.00", "124907663"),
        ("id", "7.0", "7"),
        ("id", "-7.000", "-7"),
        ("id", "7.10", "7.10"),
        ("id", "007", "007"),
        ("id", "100", "100"),
        ("id", "MUL.ORD!d03182", "MUL.ORD!d03182"),
        ("id", "v2.00", "v2.00"),
        ("id", "1.2.00", "1.2.00"),
        ("id", "  ", None),
        # Text: NFC and blanks, nothing else. Letters are never folded.
        ("text", "  får   korv ", "får korv"),
        ("text", "fa\u030ar", "får"),
        ("text", "500\u00a0mg", "500 mg"),
        ("text", "a\t\r\n b", "a b"),
        ("text", "far", "far"),
        ("text", "ÅÄÖ", "ÅÄÖ"),
        ("text", "Ab", "Ab"),
        ("text", "\u00a0 ", None),
        ("text", "", None),
        # A flag by any of its names; anything else as it stands.
        ("flag", "1", "1"),
        ("flag", "1.00", "1"),
        ("flag", "Ja", "1"),
        ("flag", "sant", "1"),
        ("flag", "Falskt", "0"),
        ("flag", "true", "1"),
        ("flag", "Y", "1"),
        ("flag", "0", "0"),
        ("flag", "nej", "0"),
        ("flag", "FALSE", "0"),
        ("flag", "2", "2"),
        ("flag", "", None),
        # A date in any of the catalogue's pictures; in or after 2100 it is open.
        ("date", "31-DEC-2100 00:00:00", "open"),
        ("date", "31-DEC-2100", "open"),
        ("date", "2100-01-01", "open"),
        ("date", "31-DEC-2099", "2099-12-31 00:00:00"),
        ("date", "01-MAR-2026", "2026-03-01 00:00:00"),
        ("date", "2026-03-01", "2026-03-01 00:00:00"),
        ("date", "2026-03-01 14:05:06", "2026-03-01 14:05:06"),
        ("date", "snart", "snart"),
        ("date", "31-FEB-2026", "31-FEB-2026"),
        ("date", " ", None),
    ],
)
def test_canonical_text(canon, kind, written, means):
    assert canon(kind, written) == means


@pytest.mark.parametrize(
    ("written", "separator", "means"),
    [
        ("b; a;b ;;", ";", "a; b"),
        ("a;b", ";", "a; b"),
        ("å|a\u0301", "|", "á; å"),
        (" ; ", ";", None),
        (None, ";", None),
    ],
)
def test_a_set_has_no_order_and_no_repeats(canon, written, separator, means):
    assert canon("set", written, separator) == means


def test_two_ways_of_writing_are_no_difference_and_two_values_are(tmp_path):
    h = house(
        tmp_path,
        """
        entity: dose
        title: Dose
        area: one
        source: {table: DOSE, local_id: ID}
        keys: [name]
        attributes:
          name: {column: NAME, compare: text, weight: 0}
          amount: {column: AMOUNT, compare: number}
          shown: {column: SHOWN, compare: flag}
          until: {column: UNTIL, compare: date}
          routes: {column: ROUTES, compare: set}
          note: {column: NOTE, compare: text}
          code: {column: CODE}
        """,
    )
    night = h.night(
        a={
            "DOSE": """
            ID  | NAME     | AMOUNT | SHOWN | UNTIL       | ROUTES    | NOTE   | CODE
            1   | the same | 0,5    | 1     | 31-DEC-2100 | iv; po    | a   b  | 17.00
            2   | another  | 0,5    | 1     | 01-JAN-2026 | iv; po    | får    | 17
            3   | missing  |        | 0     |             | ;         |        |
            """
        },
        b={
            "DOSE": """
            ID  | NAME     | AMOUNT | SHOWN | UNTIL       | ROUTES    | NOTE   | CODE
            71  | the same | .50    | Ja    | 2199-01-01  | po;iv;po  | a b    | 17
            72  | another  | 5      | nej   | 2026-01-02  | iv        | far    | 017
            73  | missing  | 0      |       | 31-DEC-2100 | po        | x      | 0
            """
        },
    )
    night.shows(
        "difference",
        """
        label   | kind    | attribute | value_a             | value_b
        another | changed | amount    | 0.5                 | 5
        another | changed | shown     | 1                   | 0
        another | changed | until     | 2026-01-01 00:00:00 | 2026-01-02 00:00:00
        another | changed | routes    | iv; po              | iv
        another | changed | note      | får                 | far
        another | changed | code      | 17                  | 017
        missing | changed | amount    |                     | 0
        missing | changed | shown     | 0                   |
        missing | changed | until     |                     | open
        missing | changed | routes    |                     | po
        missing | changed | note      |                     | x
        missing | changed | code      |                     | 0
        """,
    )
    h.close()
