"""Words that the sample's names are composed of, and the code sets with their values.

Written for this project: generic substance names, analyses, examinations and invented places. Nobody is named.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CodeSet:
    """A code set that other types refer to. ``values`` are (display, meaning, description), '' for none."""

    number: int
    display: str
    values: tuple[tuple[str, str, str], ...]


def _set(number: int, display: str, *values: str) -> CodeSet:
    """Values are written ``display``, ``display|MEANING`` or ``display|MEANING|description``."""
    parts = [(*v.split("|"), "", "")[:3] for v in values]
    return CodeSet(number, display, tuple((d, m, s or d) for d, m, s in parts))


# fmt: off
# The first are used in doses; time units stand last. Positions matter to transforms.sample.plan.
UNITS = _set(
    54, "Enhet", "mg||milligram", "mikrogram", "g||gram", "ml||milliliter", "E||enheter", "tablett(er)",
    "kapsel/kapslar", "droppar", "puff(ar)", "mmol||millimol", "mg/kg", "mikrogram/kg/min", "E/tim", "ml/tim",
    "dos(er)", "mmol/L", "µmol/L", "nmol/L", "pmol/L", "g/L", "mg/L", "10*9/L", "10*12/L", "µkat/L", "mE/L",
    "%||procent", "s||sekund", "INR", "kPa", "mm/h", "mmHg", "kg||kilogram", "cm||centimeter", "°C||grader Celsius",
    "minut(er)|MINUTES", "timme(-ar)|HOURS", "dag(ar)|DAYS", "vecka(-or)|WEEKS", "månad(er)|MONTHS",
)
DOSE_UNITS, FIRST_RESULT_UNIT, RESULT_UNITS, FIRST_TIME_UNIT, TIME_UNITS = 15, 15, 19, 34, 5

ROUTES = _set(
    4001, "Administreringssätt", "peroral", "intravenös", "subkutan", "intramuskulär", "inhalation", "nebulisering",
    "rektal", "kutan", "i ögat", "i örat", "nasal", "sublingual", "buckal", "epidural", "via sond", "vaginal",
)

FREQUENCIES = _set(
    4003, "Frekvens", "1 gång dagligen", "2 gånger dagligen", "3 gånger dagligen", "4 gånger dagligen", "vid behov",
    "till natten", "på morgonen", "var 4:e timme", "var 6:e timme", "var 8:e timme", "var 12:e timme", "engångsdos",
    "varannan dag", "1 gång per vecka", "2 gånger per vecka", "kontinuerligt", "före måltid", "efter måltid",
    "var 3:e månad", "vid operation", "enligt schema", "var 48:e timme", "1 gång per månad", "till frukost",
)

CODE_SETS = (
    UNITS,
    ROUTES,
    FREQUENCIES,
    _set(57, "Kön", "Man|MALE", "Kvinna|FEMALE", "Okänt|UNKNOWN"),
    _set(6000, "Katalogtyp", "Läkemedel|PHARMACY", "Laboratorium|GENERAL LAB", "Röntgen|RADIOLOGY",
         "Omvårdnad|PATIENT CARE", "Konsultation|CONSULTS", "Fysiologi|CARDIOVASCUL"),
    _set(106, "Verksamhetstyp", "Läkemedel|PHARMACY", "Klinisk kemi|GLB", "Radiologi|RADIOLOGY", "Omvårdnad|PATCARE",
         "Konsult|CONSULT", "Klinisk fysiologi|CARDIO", "Mikrobiologi|MICROBIOLOGY", "Transfusion|BB"),
    _set(5801, "Verksamhetens undertyp", "Allmän kemi", "Hematologi", "Koagulation", "Immunologi", "Hormoner",
         "Datortomografi", "Magnetkamera", "Ultraljud", "Slätröntgen", "Skötsel", "Mobilisering", "Nutrition"),
    _set(6003, "Åtgärd på ordination", "Beställ|ORDER", "Ändra|MODIFY", "Avbryt|CANCEL", "Sätt ut|DISCONTINUE"),
    _set(6011, "Synonymtyp", "Primär|PRIMARY", "Direktvård|DCP", "Sidonamn|ANCILLARY", "Recept|RXMNEMONIC"),
    _set(6026, "Aktivitetstyp", "Läkemedel|MED", "Omvårdnad|PATCARE", "Provtagning|LABCOLLECT", "Bedömning|ASSESS",
         "Utbildning|EDUCATION"),
    _set(16389, "Klinisk kategori", "Läkemedel|MEDICATIONS", "Laboratorium|LABORATORY", "Bilddiagnostik|DIAGTESTS",
         "Omvårdnad|PATIENTCARE", "Vitala parametrar|VITALS", "Aktivitet|ACTIVITY", "Nutrition|DIET",
         "Övrigt|OTHER"),
    _set(53, "Händelseklass", "Numeriskt|NUM", "Text|TXT", "Dokument|DOC", "Datum|DATE", "Alfa|ALPHA"),
    _set(289, "Resultattyp", "Numeriskt|3", "Alfa|2", "Fritext|7", "Beräknat|8", "Datum|6"),
    _set(222, "Platstyp", "Sjukhus|FACILITY", "Byggnad|BUILDING", "Vårdavdelning|NURSEUNIT", "Mottagning|AMBULATORY",
         "Rum|ROOM"),
    _set(4009, "Stopptyp", "Mjukt stopp|SOFT", "Hårt stopp|HARD", "Läkarstopp|DRSTOP"),
    _set(30183, "Plantyp", "Medicin|MEDICAL", "Kirurgi|SURGICAL", "Akut|ED", "Onkologi|ONCOLOGY", "Pediatrik|PEDS"),
    _set(2052, "Provtyp", "Serum", "Plasma", "Helblod", "Urin", "Likvor", "Saliv", "Feces", "Ledvätska"),
    _set(36, "Språk", "Svenska|SV", "Engelska|EN", "Finska|FI"),
    _set(71, "Vårdkontaktstyp", "Slutenvård|INPATIENT", "Öppenvård|OUTPATIENT"),
    _set(73, "Avsändare", "NPÖ", "1177", "Laboratoriesystem", "Röntgensystem"),
    _set(223, "Typ av utförande enhet", "Laboratorium|INSTITUTION", "Sektion|SECTION", "Bänk|BENCH"),
    _set(331, "Patientrelation", "Behandlande läkare|ATTENDDOC", "Ansvarig sjuksköterska|NURSE"),
    _set(334, "Typ av organisationens id", "HSA-id|HSA", "Organisationsnummer|ORGNR"),
    _set(400, "Vokabulär", "SNOMED CT|SNMCT", "ICD-10-SE|ICD10SE", "Patientvård|PTCARE"),
    _set(401, "Termens slag", "Diagnos|DIAG", "Svar|ALPHA RESPON", "Fynd|FINDING"),
    _set(4002, "Läkemedelsform", "tablett", "kapsel", "injektionsvätska", "oral lösning", "kräm", "plåster"),
    _set(4500, "Apotekstyp", "Slutenvård|INPATIENT", "Öppenvård|RETAIL"),
    _set(6015, "Typ av undantag", "Beställning|ORDERABLES", "Händelsekod|EVENTCODES", "Händelsemängd|EVENTSETS"),
    _set(6016, "Behörighet", "Ordinera|ORDER", "Signera|SIGN", "Läsa anteckning|VIEWNOTE", "Ändra resultat|MODRESULT"),
    _set(6017, "Behörighetens värde", "Ja|YES", "Nej|NO", "Utom|EXCLUDE", "Endast|INCLUDE"),
    # The meaning of the first tells where a formulary item's name stands.
    _set(11000, "Läkemedelsproduktens id", "Benämning|DESC", "NPL-id|NPLID", "Varunummer|VNR"),
    _set(34, "Medicinsk inriktning", "Kirurgi", "Internmedicin", "Ortopedi", "Pediatrik", "Geriatrik", "Onkologi",
         "Kardiologi", "Neurologi", "Psykiatri", "Infektion", "Gynekologi", "Urologi", "Hud", "Ögon", "Öron-näsa-hals"),
)

LOCAL_SETS = (
    "Transportsätt", "Sårtyp", "Förbandsmaterial", "Hudstatus", "Smärtkaraktär", "Katetertyp", "Infart, placering",
    "Kostform", "Hjälpmedel", "Rehabilitering, mål", "Vårdplan, orsak", "Remissorsak", "Smittrisk",
    "Förlossningssätt", "Amningsstatus", "Tandstatus", "Anestesimetod", "Operationsläge", "Utskrivning till",
    "Tolkbehov",
)

# (description, field type, code set or 0, OE field meaning or 0). The first seven make up an order sentence.
FIELDS = (
    ("Dos", 2, 0, 2056), ("Dosenhet", 6, 54, 2057), ("Administreringssätt", 6, 4001, 2050),
    ("Frekvens", 6, 4003, 2011), ("Indikation", 0, 0, 0), ("Behandlingstid", 1, 0, 2061),
    ("Behandlingstid, enhet", 6, 54, 2062), ("Beställd starttid", 5, 0, 51), ("Stopptid", 5, 0, 73),
    ("Prioritet", 12, 0, 127), ("Volymdos", 2, 0, 2058), ("Volymdos, enhet", 6, 54, 2059),
    ("Infusionshastighet", 2, 0, 2043), ("Infusionshastighet, enhet", 6, 54, 2044), ("Vid behov", 7, 0, 2037),
    ("Orsak vid behov", 0, 0, 142), ("Särskilda anvisningar", 0, 0, 1103), ("Provtagning utförs av", 12, 0, 0),
    ("Provtagningstid", 5, 0, 0), ("Provtyp", 6, 2052, 9), ("Frågeställning", 0, 0, 0), ("Anamnes", 0, 0, 0),
    ("Överkänslighet mot kontrastmedel", 7, 0, 0), ("Graviditet", 7, 0, 0), ("Kreatinin känt", 7, 0, 0),
    ("Transportsätt till röntgen", 12, 0, 0), ("Isolering", 12, 0, 0), ("Sida", 12, 0, 0), ("Kroppsdel", 12, 0, 0),
    ("Önskad utförare", 8, 0, 0), ("Svar skickas även till", 8, 0, 0), ("Betalande enhet", 9, 0, 0),
    ("Rekvisitionsskrivare", 11, 0, 0), ("Antal doser", 1, 0, 2068), ("Antal uttag", 1, 0, 2069),
    ("Förskriven mängd", 2, 0, 2070), ("Utbytbart läkemedel", 7, 0, 0), ("Licensläkemedel", 7, 0, 0),
    ("Studieläkemedel", 7, 0, 0), ("Kostform", 12, 0, 0), ("Vätskerestriktion", 2, 0, 0),
    ("Mobiliseringsgrad", 12, 0, 0), ("Vårdnivå", 12, 0, 0), ("Remissmottagare", 9, 0, 0),
    ("Kommentar till utförare", 0, 0, 0),
)

FORMATS = (
    "Läkemedel, tablett", "Läkemedel, injektion", "Läkemedel, övrigt", "Läkemedel, infusion", "Klinisk kemi, standard",
    "Mikrobiologi, odling", "Transfusion", "Röntgen, standard", "Datortomografi", "Magnetkamera", "Ultraljud",
    "Omvårdnad, åtgärd", "Kost", "Konsultremiss", "Fysioterapi", "Fysiologi", "Dialys", "Cytostatika", "Recept",
    "Provtagning, egen", "Patologi", "Hjälpmedel", "Sårvård", "Isolering",
)

WORDS: dict[str, tuple[str, ...]] = {
    "substance": (
        "paracetamol", "ibuprofen", "morfin", "oxikodon", "tramadol", "ketobemidon", "fentanyl", "naproxen",
        "diklofenak", "celecoxib", "acetylsalicylsyra", "klopidogrel", "ticagrelor", "warfarin", "apixaban",
        "rivaroxaban", "dabigatran", "dalteparin", "enoxaparin", "heparin", "metoprolol", "bisoprolol", "atenolol",
        "propranolol", "enalapril", "ramipril", "losartan", "kandesartan", "amlodipin", "felodipin", "furosemid",
        "spironolakton", "hydroklortiazid", "digoxin", "amiodaron", "simvastatin", "atorvastatin", "rosuvastatin",
        "metformin", "glipizid", "insulin glargin", "insulin aspart", "insulin lispro", "empagliflozin", "sitagliptin",
        "liraglutid", "levotyroxin", "tiamazol", "prednisolon", "betametason", "hydrokortison", "dexametason",
        "salbutamol", "terbutalin", "formoterol", "budesonid", "flutikason", "tiotropium", "ipratropium",
        "montelukast", "bensylpenicillin", "fenoximetylpenicillin", "amoxicillin", "piperacillin", "cefotaxim",
        "ceftriaxon", "cefuroxim", "meropenem", "ciprofloxacin", "levofloxacin", "doxycyklin", "erytromycin",
        "azitromycin", "klindamycin", "metronidazol", "vankomycin", "gentamicin", "flukonazol", "aciklovir",
        "oseltamivir", "omeprazol", "pantoprazol", "esomeprazol", "ondansetron", "metoklopramid", "laktulos",
        "makrogol", "loperamid", "sertralin", "citalopram", "escitalopram", "venlafaxin", "mirtazapin", "amitriptylin",
        "litium", "haloperidol", "olanzapin", "quetiapin", "risperidon", "klozapin", "diazepam", "oxazepam",
        "zopiklon", "melatonin", "karbamazepin", "lamotrigin", "valproinsyra", "levetiracetam", "gabapentin",
        "pregabalin", "levodopa", "metotrexat", "azatioprin", "adalimumab", "rituximab", "cisplatin", "karboplatin",
        "paklitaxel", "doxorubicin", "tamoxifen", "letrozol", "alendronsyra", "kalciumkarbonat", "folsyra",
        "cyanokobalamin", "järnsulfat", "kaliumklorid", "natriumklorid", "glukos", "albumin", "adrenalin",
        "noradrenalin", "propofol",
    ),
    "form": (
        "tablett", "depottablett", "munsönderfallande tablett", "kapsel", "oral lösning", "injektionsvätska",
        "infusionsvätska", "suppositorium", "depotplåster", "kräm", "salva", "ögondroppar", "inhalationspulver",
        "nässpray", "brustablett", "granulat i dospåse",
    ),
    "strength": (
        "500 mg", "5 mg", "10 mg", "25 mg", "50 mg", "100 mg", "250 mg", "1 g", "20 mg", "40 mg", "0,5 mg", "2,5 mg",
        "75 mg", "1 mg/ml", "10 mg/ml", "50 mikrogram", "100 E/ml", "200 mg",
    ),
    "system": (
        "S", "P", "B", "U", "fP", "Csv", "F", "Pt", "Lkc(B)", "Erc(B)",
    ),
    "analyte": (
        "Natrium", "Kalium", "Kreatinin", "Urea", "Klorid", "Kalcium", "Kalciumjon, fri", "Magnesium", "Fosfat",
        "Glukos", "HbA1c", "Laktat", "Albumin", "Protein", "Bilirubin", "Bilirubin, konjugerat", "ASAT", "ALAT", "ALP",
        "GT", "LD", "Amylas", "Lipas", "CK", "CK-MB", "Troponin T", "Troponin I", "NT-proBNP", "CRP", "Prokalcitonin",
        "SR", "Hemoglobin", "Leukocyter", "Trombocyter", "Erytrocyter", "EVF", "MCV", "MCH", "Neutrofila",
        "Lymfocyter", "Monocyter", "Eosinofila", "Basofila", "Retikulocyter", "PK(INR)", "APT-tid", "Fibrinogen",
        "D-dimer", "Antitrombin", "Järn", "Ferritin", "Transferrin", "Folat", "Kobalamin", "TSH", "T4, fritt",
        "T3, fritt", "Kortisol", "Prolaktin", "FSH", "LH", "Östradiol", "Progesteron", "Testosteron", "PSA",
        "25-OH-vitamin D", "PTH", "Urat", "Kolesterol", "HDL-kolesterol", "LDL-kolesterol", "Triglycerid", "IgA",
        "IgG", "IgM", "IgE", "RF", "Anti-CCP", "ANA", "ANCA", "Transglutaminas-ak", "Digoxin", "Litium", "Vankomycin",
        "Gentamicin", "Karbamazepin", "Valproat", "Metotrexat", "Ciklosporin", "Takrolimus", "Etanol", "Osmolalitet",
        "pH", "pCO2", "pO2", "Basöverskott", "Bikarbonat", "Myoglobin", "Haptoglobin", "Beta-2-mikroglobulin",
    ),
    "lab_detail": (
        "", "akut", "kontroll", "fraktion", "24 h", "immunkemisk", "patientnära", "kapillär", "före dos", "index",
    ),
    "modality": (
        "DT", "MR", "Ultraljud", "Slätröntgen", "Genomlysning", "Angiografi", "Skintigrafi", "PET-DT", "Punktion",
        "Skopi", "Fysioterapi", "Omläggning",
    ),
    "region": (
        "buk", "thorax", "hjärna", "halsrygg", "bröstrygg", "ländrygg", "bäcken", "höft", "knä", "fotled", "fot",
        "axel", "armbåge", "handled", "hand", "hals", "sinus", "ansikte", "lever", "njurar", "urinblåsa", "hjärta",
        "aorta", "karotis", "underben", "lårben", "överarm", "tyreoidea", "bröst", "prostata", "lungor", "tandkäke",
    ),
    "proc_detail": (
        "", "med kontrast", "utan kontrast", "höger", "vänster", "bilateralt", "akut", "uppföljning", "barn",
        "på avdelning",
    ),
    "assessment": (
        "Blood pressure systolic", "Blood pressure diastolic", "Heart rate", "Respiratory rate", "Oxygen saturation",
        "Temperature axillary", "Temperature tympanic", "Pain score VAS", "Glasgow Coma Score", "Urine output",
        "Andningsmönster", "Hudfärg", "Sårsekretion", "Ödem, lokalisation", "Vakenhetsgrad", "Aptit", "Illamående",
        "Mobilisering", "Fallrisk", "Trycksårsrisk", "Oral hälsa", "Sömnkvalitet", "Oro", "Avföring, konsistens",
    ),
    "assessment_detail": (
        "", "vid ankomst", "efter åtgärd", "nattetid", "vid utskrivning", "före operation", "efter operation",
        "i hemmet",
    ),
    "document": (
        "Epikris", "Inskrivningsanteckning", "Daganteckning", "Operationsberättelse", "Anestesijournal", "Remissvar",
        "Mottagningsanteckning", "Telefonanteckning", "Läkemedelsgenomgång", "Vårdplan", "Utskrivningsmeddelande",
        "Rondanteckning", "Konsultutlåtande", "Förlossningsjournal", "Arbetsterapibedömning", "Nutritionsbedömning",
    ),
    "speciality": (
        "kirurgi", "medicin", "ortopedi", "barn och ungdom", "geriatrik", "onkologi", "kardiologi", "neurologi",
        "psykiatri", "infektion", "kvinnosjukvård", "urologi", "hud", "ögon", "öron-näsa-hals", "lung", "njurmedicin",
        "reumatologi", "handkirurgi", "thorax", "intensivvård", "akut", "rehabilitering", "smärta", "hematologi",
        "endokrinologi", "gastroenterologi", "kärlkirurgi", "plastikkirurgi", "käkkirurgi",
    ),
    "place": (
        "Björkånger", "Västerhamn", "Ljungalid", "Åkersborg", "Ängshult", "Öfvelunda", "Klippskär", "Strömnäs",
        "Granefors", "Sjövalla", "Hedtorp", "Almdala", "Rönnebro", "Tallåsen", "Kvarnviken", "Lindeskog", "Norrstrand",
        "Söderäng", "Hasselby kvarn", "Fjärdala", "Mossberga", "Vintervik", "Aspnäset", "Ekhamra",
    ),
    "role": (
        "Läkare", "AT-läkare", "ST-läkare", "Specialistläkare", "Överläkare", "Sjuksköterska",
        "Specialistsjuksköterska", "Undersköterska", "Barnmorska", "Fysioterapeut", "Arbetsterapeut", "Dietist",
        "Kurator", "Psykolog", "Logoped", "Biomedicinsk analytiker", "Röntgensjuksköterska", "Apotekare", "Receptarie",
        "Medicinsk sekreterare", "Vårdenhetschef", "Systemförvaltare", "Läkarstudent", "Sjuksköterskestudent",
    ),
    "verb": (
        "Ge", "Kontrollera", "Ta", "Byt", "Bedöm", "Dokumentera", "Följ upp", "Förbered", "Avsluta", "Mät",
        "Rapportera", "Lägg om",
    ),
    "object": (
        "läkemedel", "blodtryck", "prov", "förband", "smärta", "vätskebalans", "perifer venkateter", "urinkateter",
        "dropp", "mobilisering", "vikt", "puls", "saturation", "nutrition", "sårstatus", "fallrisk", "trycksår",
        "andning", "vakenhet", "blodglukos", "drän", "sond", "syrgas", "isolering",
    ),
    "condition": (
        "Pneumoni", "Höftfraktur", "Stroke", "Hjärtsvikt", "Förmaksflimmer", "Akut koronart syndrom", "Sepsis",
        "Diabetes typ 1", "Diabetes typ 2", "Diabetesketoacidos", "KOL-exacerbation", "Astma", "Lungemboli", "DVT",
        "Pankreatit", "Appendicit", "Kolecystit", "Ileus", "GI-blödning", "Njursvikt", "Pyelonefrit", "Meningit",
        "Krampanfall", "Delirium", "Förlossning", "Kejsarsnitt", "Preeklampsi", "Neonatal ikterus", "Barn med feber",
        "Tonsillektomi", "Knäprotes", "Höftprotes", "Ryggkirurgi", "Kärlkirurgi", "Bypassoperation", "Pacemaker",
        "Bröstcancer", "Kolorektalcancer", "Prostatacancer", "Lymfom", "Leukemi", "Palliativ vård", "Anemi",
        "Förgiftning", "Anafylaxi", "Brännskada", "Multitrauma", "Skallskada",
    ),
    "context": (
        "vårdplan", "inläggning", "akutomhändertagande", "utskrivning", "uppföljning", "dag 0–2", "postoperativt",
        "preoperativt",
    ),
    "phase": (
        "Initial behandling", "Fortsatt behandling", "Observation", "Utskrivning",
    ),
    "indication": (
        "mot smärta", "mot feber", "mot illamående", "mot högt blodtryck", "mot infektion", "mot oro",
        "blodförtunnande", "vid andnöd", "mot förstoppning", "för sömn",
    ),
    "adjective": (
        "lätt", "måttlig", "uttalad", "höger sida", "vänster sida", "båda sidor", "nytillkommen", "kvarstående",
        "avslutad", "okänd", "enligt anhörig", "enligt remiss", "självständig", "med hjälp av en", "med hjälp av två",
        "ej bedömbar", "särskilt skäl", "på egen begäran", "efter ordination", "i väntan på bedömning",
    ),
    "noun": (
        "rullstol", "bår", "gående", "tryckskada", "skärsår", "brännsår", "skumförband", "gasbinda", "rodnad",
        "svullnad", "molande", "skärande", "armveck", "handrygg", "halsven", "mjuk kost", "flytande kost", "rollator",
        "kryckor", "ortos", "gångträning", "fallprevention", "läkemedelsfråga", "andra bedömning", "kontaktsmitta",
        "droppsmitta", "sugklocka", "helamning", "protes", "spinal", "ryggläge", "sidoläge", "korttidsboende",
        "eget hem", "teckentolk",
    ),
    # Compounds that agree in their first 40 letters, and (from the fourth on) in their first 60.
    "long": (
        "Sjukgymnastisk funktionsbedömning efter ", "Läkemedelsgenomgång och uppföljningssamtal ",
        "Specialistsjuksköterskebedömning av sår på ",
        "Rehabiliteringsmedicinsk uppföljning av funktionsnedsättning efter ",
        "Multidisciplinär behandlingskonferens med patientmedverkan inför ",
    ),
    "ending": (
        "höger", "vänster",
    ),
}
# fmt: on
