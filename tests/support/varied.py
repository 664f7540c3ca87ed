"""Pairs of tables of many kinds with their true pairs: what ``likare match`` is to cope with though nobody tuned it so.

Every set is drawn from a seed: things, places and texts, never people. ``SETS`` maps a name to its drawing.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from tests.support import pairs as medicine

_SYLLABLES = (
    "ba be bi bo da de di do fa fe fi ga go ha he ka ke ki la le li lo ma me mi mo na ne no pa pe ra re ri ro sa se "
    "si so ta te ti to va ve vi vo"
).split()
_STREETS = "main oak elm park river church mill market station garden castle bridge harbour forest college".split()
_CITIES = "northam easton southby weston riverton lakeside hillcrest brookfield ashford kingsport".split()
_KITCHENS = "italian french american thai chinese indian seafood steakhouse cafe vegetarian".split()
_TOPICS = (
    "query index join stream graph cache storage transaction schema view cluster sampling ranking replication "
    "consistency recovery mining integration provenance privacy workflow parallel spatial temporal semantic "
    "adaptive incremental approximate distributed efficient scalable online secure robust optimal declarative "
    "relational"
).split()
_FEATURES = (
    "wireless portable digital compact stereo black silver white remote usb bluetooth rechargeable waterproof dual "
    "touch screen optical zoom noise cancelling headset speaker camera printer router monitor keyboard battery "
    "charger adapter cable"
).split()
_ANALYTES = (
    "natrium kalium kreatinin glukos albumin kalcium bilirubin ferritin folat laktat magnesium fosfat urat urea "
    "kolesterol triglycerid tyreotropin kortisol prolaktin testosteron insulin transferrin haptoglobin troponin "
    "myoglobin lipas amylas kobalamin zink koppar"
).split()
_WARDS = (
    "medicin kirurgi ortopedi barn hjärt lung njur neuro onkologi infektion geriatrik psykiatri urologi gynekologi "
    "öron ögon hud reumatologi hematologi intensivvård"
).split()
_FORMS = [
    ("tabletter", "tablets"), ("kapsler, hårde", "capsules, hard"), ("creme", "cream"), ("øjendråber", "eye drops"),
    ("injektionsvæske, opløsning", "solution for injection"), ("oral suspension", "oral suspension"),
    ("depottabletter", "prolonged-release tablets"), ("pulver til infusionsvæske", "powder for infusion"),
]  # fmt: skip
_ORGANS = "njur lever hjärt lung hud tarm mag hals öron ögon led muskel ben blod nerv".split()
_ORGAN = "njure lever hjärta lunga hud tarm mage hals öra öga led muskel ben blod nerv".split()
_ORGAN_WORD = dict(zip(_ORGANS, _ORGAN, strict=True))
_AILMENTS = "inflammation sten svikt smärta sjukdom infektion tumör skada blödning kramp svullnad sår".split()


@dataclass(frozen=True)
class Pair:
    """Two tables, each with its first column as id, and the true pairs (empty: none)."""

    header_a: tuple[str, ...]
    rows_a: list[tuple[str, ...]]
    header_b: tuple[str, ...]
    rows_b: list[tuple[str, ...]]
    truth: set[tuple[str, str]]


def _word(draw: random.Random, least: int = 2, most: int = 4) -> str:
    return "".join(draw.choice(_SYLLABLES) for _ in range(draw.randint(least, most)))


def _slip(text: str, draw: random.Random, chance: float = 0.15) -> str:
    """Now and then a letter lost, doubled or exchanged."""
    if draw.random() >= chance or len(text) < 6:
        return text
    at = draw.randrange(1, len(text) - 1)
    return text[:at] + draw.choice(["", text[at] * 2, draw.choice("aeinrst")]) + text[at + 1 :]


Row = tuple[str, ...]


def _split(things: list[tuple[Row, Row]], draw: random.Random, headers: tuple[Row, Row], lone: float = 0.25) -> Pair:
    """Rows of both sides for things said in two ways; a share of them stands on one side only."""
    rows_a, rows_b, truth = [], [], set()
    for n, (one, two) in enumerate(things):
        where = draw.random()
        if where > lone / 2:
            rows_a.append((f"a{n}", *one))
        if where <= lone / 2 or where > lone:
            rows_b.append((f"{n + 5000}", *two))
        if where > lone:
            truth.add((f"a{n}", f"{n + 5000}"))
    draw.shuffle(rows_a)
    draw.shuffle(rows_b)
    return Pair(("id", *headers[0]), rows_a, ("id", *headers[1]), rows_b, truth)


def restaurants(draw: random.Random) -> Pair:
    """Name, street, town, telephone, kitchen; chains of one name at several places."""
    things: list[tuple[Row, Row]] = []
    chains = [_word(draw) for _ in range(25)]
    for _ in range(400):
        own = f"{_word(draw)} {draw.choice(['grill', 'house', 'bar', 'kitchen'])}"
        name = draw.choice(chains) if draw.random() < 0.3 else own
        no, street, town = draw.randint(1, 900), draw.choice(_STREETS), draw.choice(_CITIES)
        phone = f"{draw.randint(200, 900)}{draw.randint(1000000, 9999999)}"
        kitchen = draw.choice(_KITCHENS)
        one = (name, f"{no} {street} street", town, f"{phone[:3]}-{phone[3:6]}-{phone[6:]}", kitchen)
        two = (
            _slip(name, draw),
            f"{no} {street} st." if draw.random() < 0.8 else f"{street} st.",
            _slip(town, draw, 0.05),
            f"{phone[:3]}/{phone[3:6]}-{phone[6:]}" if draw.random() < 0.7 else "",
            kitchen if draw.random() < 0.7 else draw.choice(_KITCHENS),
        )  # fmt: skip
        things.append((one, two))
    columns = ("name", "addr", "city", "phone", "type")
    return _split(things, draw, (columns, columns))


def hardware(draw: random.Random) -> Pair:
    """Title, maker, description and price against one title with all; model numbers, neighbours of one series."""
    makers = [_word(draw, 2, 3) for _ in range(20)]
    things: list[tuple[Row, Row]] = []
    for _ in range(350):
        maker, series = draw.choice(makers), "".join(draw.choice("ABDEKLMPRSTX") for _ in range(2))
        base = draw.randint(10, 99)
        for step in range(draw.choice([1, 1, 2, 3])):
            model = f"{series}{base}{step}0"
            what = draw.sample(_FEATURES, 5)
            price = draw.randint(10, 900)
            told = " ".join([*what, *draw.sample(_FEATURES, 6)])
            one = (f"{maker} {what[0]} {what[1]} {model}", maker, told, f"{price}.{draw.randint(0, 99):02d}")
            shown = model if draw.random() < 0.7 else f"{model[:2]}-{model[2:]}" if draw.random() < 0.6 else ""
            asked = f"${price * draw.uniform(0.85, 1.1):.2f}" if draw.random() < 0.6 else ""
            two = (f"{maker} {shown} {what[1]} {what[0]} {what[2]}".title(), asked)
            things.append((one, two))
    return _split(things, draw, (("title", "manufacturer", "description", "price"), ("product", "list price")))


def papers(draw: random.Random) -> Pair:
    """Few clean against many dirty ones: titles cut short, initials, venues left out. One to one."""
    things: list[tuple[Row, Row]] = []
    groups = [_word(draw).title() for _ in range(150)]
    for _ in range(600):
        title = " ".join(draw.sample(_TOPICS, draw.randint(4, 7)))
        authors = draw.sample(groups, draw.randint(1, 4))
        venue = draw.choice(["proceedings of data", "journal of databases", "conference on systems", "data record"])
        year = draw.randint(1994, 2004)
        one = (title.capitalize(), ", ".join(authors), venue, str(year))
        cut = " ".join(title.split()[:-1]) if draw.random() < 0.1 else title
        two = (
            _slip(cut, draw), ", ".join(f"{draw.choice('ABCD')} {a}" for a in authors),
            "" if draw.random() < 0.5 else "".join(w[0] for w in venue.split()).upper(),
            "" if draw.random() < 0.4 else str(year),
        )  # fmt: skip
        things.append((one, two))
    columns = ("title", "authors", "venue", "year")
    made = _split(things, draw, (columns, columns))
    for n in range(2500):
        title = _slip(" ".join(draw.sample(_TOPICS, draw.randint(4, 7))), draw)
        made.rows_b.append((f"x{n}", title, ", ".join(draw.sample(groups, 2)), "", str(draw.randint(1990, 2008))))
    return made


def copies(draw: random.Random) -> Pair:
    """Each of a stands in b up to four times (dirty copies): one to many."""
    one = papers(draw)
    rows_b, truth = [], set()
    partner = {b: a for a, b in one.truth}
    for row in one.rows_b:
        for n in range(draw.choice([1, 2, 2, 3, 4]) if row[0] in partner else 1):
            key = f"{row[0]}-{n}"
            rows_b.append((key, _slip(row[1], draw, 0.6 if n else 0.0), *row[2:]))
            if row[0] in partner:
                truth.add((partner[row[0]], key))
    return Pair(one.header_a, one.rows_a, one.header_b, rows_b, truth)


def albums(draw: random.Random) -> Pair:
    """Letters of many alphabets; remasters and live versions are other albums."""
    bands = ["Sigur Rós", "Björk", "Кино", "Аквариум", "Ólafur Ågren", "Mötley Øst", "Żółw", "Νίκος", "Ärlig Ö"]
    bands += [f"{_word(draw).title()} {_word(draw).title()}" for _ in range(60)]
    things: list[tuple[Row, Row]] = []
    for _ in range(400):
        band, album = draw.choice(bands), " ".join(_word(draw, 1, 3) for _ in range(draw.randint(1, 4))).title()
        year, tracks = draw.randint(1965, 2020), draw.randint(7, 18)
        for kind in draw.choice([("",), ("",), ("", " (Live)"), ("", " (Remastered)")]):
            one = (band, album + kind, str(year), str(tracks))
            other = band.upper() if draw.random() < 0.3 else band.replace(" ", "  ")
            two = (f"{other} – {_slip(album, draw)}{kind.lower()}", str(year + draw.choice([0, 0, 0, 1])))
            things.append((one, two))
    return _split(things, draw, (("artist", "album", "released", "tracks"), ("title", "year")))


def wards(draw: random.Random) -> Pair:
    """Wards and clinics of hospitals: numbers tell them apart, one side abbreviates."""
    things: list[tuple[Row, Row]] = []
    for house in ("Norra sjukhuset", "Södra sjukhuset", "Östra lasarettet"):
        for n in range(60):
            what, no = draw.choice(_WARDS), 10 + n
            floor = str(draw.randint(1, 9))
            one = (f"Avdelning {no} {what}", house, floor)
            two = (
                f"{_slip(what, draw).capitalize()} avd {no}" if draw.random() < 0.8 else f"Avd. {no}",
                house.split()[0] + (" sjh" if "sjuk" in house else " las."), floor if draw.random() < 0.8 else "",
            )  # fmt: skip
            things.append((one, two))
    return _split(things, draw, (("benämning", "sjukhus", "våning"), ("Enhet", "Ort", "Plan")))


def lab_tests(draw: random.Random) -> Pair:
    """Specimen and analyte with an NPU code on some rows; the same analyte in other specimens is another test."""
    things: list[tuple[Row, Row]] = []
    code = 1000
    for analyte in _ANALYTES:
        for system in draw.sample(["P", "S", "U", "Csv", "B"], draw.randint(2, 4)):
            for kind in draw.choice([("substanskoncentration",), ("substanskoncentration", "masskoncentration")]):
                code += draw.randint(1, 30)
                unit = {"s": "mmol/L", "m": "mg/L"}[kind[0]]
                one = (f"{system}-{analyte.capitalize()}", kind, unit, f"NPU{code:05d}" if draw.random() < 0.5 else "")
                short = {"s": "subst.konc.", "m": "masskonc."}[kind[0]]
                said = f"{system}-{_slip(analyte, draw)}; {short}"
                two = (
                    said.upper() if draw.random() < 0.3 else said,
                    unit.lower() if draw.random() < 0.5 else unit,
                    f"NPU{code:05d}" if draw.random() < 0.5 else "",
                )
                things.append((one, two))
    return _split(things, draw, (("kortnamn", "egenskap", "enhet", "npu"), ("analys", "unit", "kod")))


def drugs_two_languages(draw: random.Random) -> Pair:
    """Danish against English forms, decimal comma against point; strengths tell neighbours apart."""
    things: list[tuple[Row, Row]] = []
    for _ in range(120):
        name = _word(draw, 3, 4)
        for form, english in draw.sample(_FORMS, draw.randint(1, 2)):
            for amount in draw.sample([0.5, 1.0, 2.5, 5.0, 10.0, 25.0, 50.0, 100.0], draw.randint(1, 3)):
                danish = f"{amount:g}".replace(".", ",")
                one = (name.capitalize(), form, f"{danish} mg")
                two = (f"{name}{'e' if draw.random() < 0.3 else ''} {amount:g} mg {english}",)
                things.append((one, two))
    return _split(things, draw, (("navn", "form", "styrke"), ("description",)))


def compounds(draw: random.Random) -> Pair:
    """Swedish compounds against their parts in other order: njursten, sten i njure."""
    things: list[tuple[Row, Row]] = []
    for organ in _ORGANS:
        for ailment in _AILMENTS:
            how = draw.choice(["", "akut ", "kronisk "])
            other = f"{ailment} i {_ORGAN_WORD[organ]}{', ' if how else ''}{how.strip()}"
            things.append(((f"{how}{organ}{ailment}".capitalize(),), (other.capitalize(),)))
    return _split(things, draw, (("namn",), ("term",)))


def measures(draw: random.Random) -> Pair:
    """Nothing but numbers, the second side measured a little otherwise."""
    things: list[tuple[Row, Row]] = []
    for _ in range(300):
        size = [draw.uniform(10, 1000) for _ in range(4)]
        one = tuple(f"{s:.1f}" for s in size)
        two = tuple(f"{s * draw.uniform(0.999, 1.001):.1f}" for s in size)
        things.append((one, two))
    return _split(things, draw, (("length", "width", "weight", "depth"), ("length", "width", "weight", "depth")))


def counts(draw: random.Random) -> Pair:
    """Whole numbers of few values, equal on both sides: only together do they tell rows apart."""
    things: list[tuple[Row, Row]] = []
    for _ in range(200):
        one = tuple(str(draw.randint(1, 12)) for _ in range(6))
        things.append((one, one))
    names = tuple(f"q{i}" for i in range(6))
    return _split(things, draw, (names, names))


def gaps(draw: random.Random) -> Pair:
    """Six columns of equipment, more than half of the cells empty."""
    things: list[tuple[Row, Row]] = []

    def holes(row: Row) -> Row:
        return tuple(v if draw.random() < 0.45 else "" for v in row)

    makers = [_word(draw).title() for _ in range(12)]
    for n in range(400):
        maker, model = draw.choice(makers), f"{draw.choice('ABC')}{draw.randint(100, 999)}"
        row = (
            f"{draw.choice(['Pump', 'Monitor', 'Säng', 'Ventilator'])} {_word(draw)}", maker, model,
            f"SN{draw.randint(10**6, 10**7)}", draw.choice(_CITIES), str(draw.randint(2001, 2024)),
        )  # fmt: skip
        things.append((holes(row), holes((_slip(row[0], draw), *row[1:]))))
        del n
    names = ("namn", "fabrikat", "modell", "serienummer", "plats", "år")
    return _split(things, draw, (names, names))


def one_text(draw: random.Random) -> Pair:
    """Names of medicines, nothing else."""
    a, b, found = medicine.medicines(600, seed=draw.randint(1, 99))
    return Pair(
        ("nr", "namn"), [(f"A{i}", n) for i, n in enumerate(a)],
        ("id", "text"), [(f"B{i}", n) for i, n in enumerate(b)], {(f"A{i}", f"B{j}") for i, j in found},
    )  # fmt: skip


def variants(draw: random.Random) -> Pair:
    """Up to five spellings in a of each term in b: many to one."""
    rows_a, rows_b, truth = [], [], set()
    for n in range(250):
        term = f"{_word(draw)} {_word(draw)} {draw.choice(_TOPICS)}"
        rows_b.append((f"b{n}", term.capitalize()))
        for k in range(draw.randint(0, 5)):
            words = term.split()
            said = draw.choice(
                [_slip(term, draw, 1.0), " ".join(words[::-1]), f"{words[0]} {words[1][:4]}. {words[2]}"]
            )
            rows_a.append((f"a{n}.{k}", said))
            truth.add((f"a{n}.{k}", f"b{n}"))
    draw.shuffle(rows_a)
    return Pair(("id", "said"), rows_a, ("id", "term"), rows_b, truth)


def tiny(draw: random.Random) -> Pair:
    """Ten rows."""
    one = restaurants(draw)
    kept = one.rows_a[:10]
    partner = dict(one.truth)
    wanted = {partner[r[0]] for r in kept if r[0] in partner}
    rows_b = [r for r in one.rows_b if r[0] in wanted] + [r for r in one.rows_b if r[0] not in wanted][:3]
    return Pair(one.header_a, kept, one.header_b, rows_b, {(a, b) for a, b in one.truth if b in wanted})


def apart(draw: random.Random) -> Pair:
    """No row of one is any of the other, though they are of one kind."""
    one = restaurants(draw)
    half = {a for a, _ in one.truth}
    rows_b = [r for r in one.rows_b if r[0] not in {b for _, b in one.truth}]
    more = restaurants(random.Random(draw.random())).rows_a
    rows_b += [(f"z{r[0]}", *r[1:]) for r in more]
    return Pair(one.header_a, [r for r in one.rows_a if r[0] in half], one.header_b, rows_b, set())


def same(draw: random.Random) -> Pair:
    """The same table twice in another order, some rows of it equal in all but their id."""
    one = hardware(draw).rows_a
    rows_b = [(f"b{r[0]}", *r[1:]) for r in one]
    draw.shuffle(rows_b)
    header = ("sku", "title", "maker", "description", "price")
    return Pair(header, one, header, rows_b, {(r[0], f"b{r[0]}") for r in one})


def long_texts(draw: random.Random) -> Pair:
    """Descriptions of fifty words, of which the other side has two thirds and ten of its own."""
    things: list[tuple[Row, Row]] = []
    words = [_word(draw) for _ in range(1500)] + _TOPICS + _FEATURES
    for _ in range(300):
        text = draw.choices(words, k=50)
        other = [w for w in text if draw.random() < 0.66] + draw.choices(words, k=10)
        things.append(((" ".join(text) + ".",), (" ".join(other),)))
    return _split(things, draw, (("description",), ("beschreibung",)))


def no_blanks(draw: random.Random) -> Pair:
    """A script without blanks between words."""
    signs = "東京大阪京都病院内科外科小児救急検査薬剤部門病棟外来手術放射線科看護室"
    signs += "長期療養第一二三四五六七八九十北南西中央総合医療"
    things: list[tuple[Row, Row]] = []
    for _ in range(250):
        name = "".join(draw.choice(signs) for _ in range(draw.randint(6, 11)))
        at = draw.randrange(len(name))
        other = name[:at] + draw.choice(signs) + name[at + 1 :] if draw.random() < 0.3 else name
        things.append(((name,), (other,)))
    return _split(things, draw, (("名称",), ("名前",)))


SETS: dict[str, Callable[[random.Random], Pair]] = {
    f.__name__: f
    for f in (
        restaurants, hardware, papers, copies, albums, wards, lab_tests, drugs_two_languages, compounds, measures,
        counts, gaps, one_text, variants, tiny, apart, same, long_texts, no_blanks,
    )
}  # fmt: skip


def drawn(name: str, seed: int = 1) -> Pair:
    """One set."""
    return SETS[name](random.Random(seed))
