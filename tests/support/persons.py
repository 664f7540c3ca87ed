"""Generated personal data and what only looks like it, each in a text as an extract holds it.

No number here is anybody's: dates and serials are drawn, check digits computed. The same seed gives the same cases.
"""

from __future__ import annotations

import random
import uuid
from calendar import monthrange
from collections.abc import Callable, Iterator
from typing import NamedTuple


class Case(NamedTuple):
    """A text, the family it is of, and the kind that must be found in it ('' = nothing may be found)."""

    family: str
    text: str
    kind: str


def check_digit(nine: str) -> str:
    """The tenth digit by modulus 10."""
    total = 0
    for place, digit in enumerate(map(int, nine)):
        product = digit * (1 if place % 2 else 2)
        total += product // 10 + product % 10
    return str(-total % 10)


def number(draw: random.Random, *, coordination: bool = False, years: tuple[int, int] = (1927, 2025)) -> str:
    """Twelve digits of a made-up person."""
    year, month = draw.randint(*years), draw.randint(1, 12)
    day = draw.randint(1, monthrange(year, month)[1]) + (60 if coordination else 0)
    nine = f"{year % 100:02}{month:02}{day:02}{draw.randint(1, 999):03}"
    return f"{year // 100}{nine}{check_digit(nine)}"


AROUND = (
    "{}",
    "Patient {} inkom akut.",
    "Se journal ({}) för dosering",
    "Ring anhörig till {}.",
    "pnr: {}",
    "Personnummer {}, ordinerat Alvedon 500 mg 1x3",
    "[{}]",
    '"{}"',
    "{}; uppföljning om 3 mån",
    "Testpatient={}",
    "Mallen skapad för Å. Ängström {}!",
    "Dos 2,5 ml {} vid 38,5 grader",
    "enligt <b>{}</b>",
    "Gäller {}?",
    "Uppgift om {}\nsaknas i registret",
    "rum 12 sal 3 {} 2 dygn",
    "{}.Se bilaga",
    "kontakt:{},se nedan",
    "20260101 {} kontroll",
    "id/{}",
    "\t{} ",
    "»{}«",
)


def _persons(draw: random.Random) -> Iterator[Case]:
    for coordination, name in ((False, "personnummer"), (True, "samordningsnummer")):
        for _ in range(60):
            for around in AROUND:
                full = number(draw, coordination=coordination)
                old = number(draw, coordination=coordination, years=(1850, 1925))
                dash = draw.choice("--------\u2010\u2011\u2013\u2212")
                gap = draw.choice(" \u00a0")
                shown = {
                    "separated, 10": (f"{full[2:8]}{dash}{full[8:]}", "separated"),
                    "separated, 12": (f"{full[:8]}{dash}{full[8:]}", "separated"),
                    "century sign": (f"{old[2:8]}+{old[8:]}", "separated"),
                    "blanks about the dash": (f"{full[:8]} {dash} {full[8:]}", "separated"),
                    "12 digits": (full, "12"),
                    "10 digits": (full[2:], "10"),
                    "blank, 12": (f"{full[:8]}{gap}{full[8:]}", "12"),
                    "blank, 10": (f"{full[2:8]} {full[8:]}", "10"),
                }
                for family, (text, form) in shown.items():
                    # A dash or a bare number that stands against other digits or a slash is a code's part by design.
                    if form != "separated" and ("id/" in around or family.startswith("blank") and "sal 3" in around):
                        continue
                    yield Case(f"{name}: {family}", around.format(text), f"{name}_{form}")
                yield Case(
                    f"{name}: two in a row",
                    around.format(f"{full[2:8]}-{full[8:]},{old[:8]}-{old[8:]}"),
                    f"{name}_separated",
                )


def _others(draw: random.Random) -> Iterator[Case]:
    letters = "ABCDEFGHJKLMNPRSTUVWXYZ"
    for _ in range(25):
        for around in AROUND:
            full = number(draw)
            last = list(f"{draw.randint(0, 999):03}")
            last.insert(draw.randint(0, 3), draw.choice(letters))
            tail = "".join(last)
            text = draw.choice([f"{full[:8]}-{tail}", f"{full[:8]}{tail}", f"{full[2:8]}-{tail}"])
            if "id/" not in around:
                yield Case("reserve number, Skåne", around.format(text), "reserve_number")
                yield Case("reserve number, Stockholm", around.format(f"99{full[2:8]}{full[8:]}"), "reserve_number")
            name = draw.choice(["anna.berg", "a_b", "lars-åke", "x+y", "info2"])
            host = draw.choice(["vardgivare.example", "mail.exempel.se", "a-b.nu"])
            yield Case("e-mail", around.format(f"{name}@{host}"), "email")
            d = [str(draw.randint(1, 9)) for _ in range(12)]
            mobile = draw.choice("02369")
            phones = [
                f"07{mobile}-{''.join(d[:3])} {''.join(d[3:5])} {''.join(d[5:7])}",
                f"07{mobile}{''.join(d[:7])}",
                f"07{mobile}-{''.join(d[:7])}",
                f"+467{mobile}{''.join(d[:7])}",
                f"+46 7{mobile} {''.join(d[:3])} {''.join(d[3:5])} {''.join(d[5:7])}",
                f"+46 (0)8 {''.join(d[:3])} {''.join(d[3:5])} {''.join(d[5:7])}",
                f"08-{''.join(d[:3])} {''.join(d[3:5])} {''.join(d[5:7])}",
                f"031-{''.join(d[:3])} {''.join(d[3:5])} {''.join(d[5:7])}",
                f"0451-{''.join(d[:3])} {''.join(d[3:5])}",
            ]
            yield Case("telephone", around.format(draw.choice(phones)), "phone")


def _digits(draw: random.Random, count: int) -> str:
    return "".join(draw.choice("0123456789") for _ in range(count))


def _organisation(draw: random.Random) -> str:
    nine = f"{draw.choice('2589')}{draw.randint(0, 9)}{draw.randint(2, 9)}{_digits(draw, 6)}"
    return nine + check_digit(nine)


def _wrong(draw: random.Random) -> str:
    full = number(draw)
    return f"{full[2:8]}-{full[8:11]}{(int(full[11]) + draw.randint(1, 9)) % 10}"


def _clock(draw: random.Random) -> str:
    return f"{draw.randint(0, 23):02}{draw.randint(0, 59):02}{draw.randint(0, 59):02}"


LOOKALIKES: dict[str, Callable[[random.Random], str]] = {
    "organisation number": lambda d: (n := _organisation(d))[:6] + "-" + n[6:],
    "organisation number, digits alone": _organisation,
    "organisation number, 16 first": lambda d: "16" + _organisation(d),
    "HSA-id": lambda d: f"SE{_organisation(d)}-{d.choice(['E', 'F', ''])}{_digits(d, 12)}",
    "HSA-id with a date's digits": lambda d: f"SE{number(d)[2:]}-{number(d)}",
    "decimal": lambda d: f"{number(d)[2:]}.00",
    "decimal of 12 digits": lambda d: f"{number(d)}.00",
    "decimal comma": lambda d: f"{number(d)[2:]},00",
    "timestamp of 14 digits": lambda d: f"{number(d)[:8]}{_clock(d)}",
    "timestamp, ISO": lambda d: f"2026-{d.randint(1, 12):02}-{d.randint(1, 28):02} {d.randint(0, 23):02}:08:00",
    "timestamp, ISO basic": lambda d: f"{number(d)[:8]}T{_clock(d)}",
    "date, Oracle": lambda d: f"{d.randint(1, 28):02}-DEC-2100 23:59:59.99",
    "order code": lambda d: f"{_digits(d, 2)}-{_digits(d, 5)}-{_digits(d, 2)}",
    "order code like a telephone": lambda d: f"{d.randint(100, 999)}-{_digits(d, 6)}",
    "order code of 6 and 3": lambda d: f"{_digits(d, 6)}-{_digits(d, 3)}",
    "order code with letters": lambda d: f"A{number(d)[2:]}",
    "UUID": lambda d: str(uuid.UUID(int=d.getrandbits(128), version=4)),
    "UUID, all digits": lambda d: f"{number(d)[2:10]}-{_digits(d, 4)}-{_digits(d, 4)}-{_digits(d, 4)}-{number(d)}",
    "vendor key": lambda d: f"CKI.CODEVALUE!{number(d)[2:]}",
    "vendor drug key": lambda d: f"MUL.ORD!d{_digits(d, 5)}",
    "LOINC": lambda d: f"{d.randint(1, 99999)}-{d.randint(0, 9)}",
    "NPU": lambda d: f"NPU{_digits(d, 5)}",
    "ICD-10-SE": lambda d: f"{d.choice('ABCEFGIJKLMN')}{_digits(d, 2)}.{_digits(d, 1)}{d.choice(['', 'A', 'X'])}",
    "KVÅ": lambda d: f"{d.choice('ADGQUX')}{d.choice('ABVS')}{_digits(d, 3)}",
    "ATC": lambda d: f"{d.choice('ABCN')}{_digits(d, 2)}{d.choice('ABC')}{d.choice('AEX')}{_digits(d, 2)}",
    "NPL-id": lambda d: f"{number(d)[:8]}{_digits(d, 6)}",
    "SNOMED CT, 9 digits": lambda d: str(d.randint(100000000, 999999999)),
    "EAN": lambda d: f"7{_digits(d, 12)}",
    "OID": lambda d: f"1.2.752.129.2.{d.randint(1, 9)}.{number(d)[2:]}",
    "dose": lambda d: f"{d.randint(1, 9)}-{d.randint(1, 9)} tabl {d.randint(1, 24):02}.00, högst 4 000 mg",
    "reference range": lambda d: f"{d.randint(1, 999)}-{d.randint(1000, 9999)} 10*9/L",
    "wrong check digit": _wrong,
    "thirteen digits": lambda d: number(d) + d.choice("0123456789"),
    "eleven digits": lambda d: number(d)[1:],
    "version": lambda d: f"v{d.randint(2018, 2026)}.{d.randint(1, 12):02}.{d.randint(1, 28):02}.{_digits(d, 4)}",
    "GTIN-12": lambda d: f"0{_digits(d, 11)}",
    "GTIN-14": lambda d: f"1{_digits(d, 13)}",
    "order number": lambda d: f"{d.choice(['ORD', 'PO', 'B'])}-{_digits(d, 8)}",
    "order number with a year": lambda d: f"{d.randint(2019, 2026)}/{_digits(d, 5)}",
    "date, Swedish": lambda d: f"{d.randint(1, 28)}/{d.randint(1, 12)} {d.randint(2019, 2026)}",
    "two dates": lambda d: f"{d.randint(2019, 2026)}-{d.randint(1, 12):02}-{d.randint(1, 28):02}--2026-12-31",
    "small decimal": lambda d: f"{d.randint(1, 99999)}.00",
    "year range": lambda d: f"{d.randint(1990, 2005)}-{d.randint(2006, 2026)}",
}


def found_cases(seed: int = 1) -> list[Case]:
    """Texts in which something must be found."""
    draw = random.Random(seed)
    return [*_persons(draw), *_others(draw)]


def stamp_columns(seed: int = 4, count: int = 200, rows: int = 50) -> list[tuple[list[str], list[str]]]:
    """Columns of dates and times that are written as a person's number is, and each with one person among them."""
    draw = random.Random(seed)
    made = []
    for place in range(count):
        form = ("{}-{}", "{} {}", "tagen {}-{}", "{:.0}{}-{}")[place % 4]

        def stamp(form: str = form) -> str:
            day = number(draw, years=(2010, 2025))[:8]
            time = f"{draw.randint(0, 23):02}{draw.randint(0, 59):02}"
            return form.format("", day[2:], time) if form.count("{") == 3 else form.format(day, time)

        stamps = [stamp() for _ in range(rows)]
        person = next(n for n in iter(lambda: number(draw), "") if n[8:10] > "23")
        among = [*stamps]
        among[draw.randrange(rows)] = f"{person[:8]}-{person[8:]}"
        made.append((stamps, among))
    return made


def lookalike_cases(seed: int = 2, each: int = 6) -> list[Case]:
    """Texts in which nothing may be found: ``each`` per family and sentence."""
    draw = random.Random(seed)
    return [
        Case(family, around.format(make(draw)), "")
        for family, make in LOOKALIKES.items()
        for around in AROUND
        for _ in range(each)
    ]


def chance_cases(seed: int = 3, count: int = 20_000) -> list[Case]:
    """Random numbers in a text: a share passes every test there is, and no screen can tell."""
    draw = random.Random(seed)
    return [
        Case(f"random {form}", f"nr {text} enl. lista", "")
        for _ in range(count)
        for form, text in (
            ("10 digits", _digits(draw, 10)),
            ("12 digits", _digits(draw, 12)),
            ("6-4 digits", f"{_digits(draw, 6)}-{_digits(draw, 4)}"),
            ("YYYYMMDDhhmm", f"{number(draw, years=(2018, 2025))[:8]}{draw.randint(0, 23):02}{draw.randint(0, 59):02}"),
        )
    ]
