"""What the checks say, in Swedish. English is the text itself; every text of a built-in check has its row here."""

from __future__ import annotations

_SWEDISH = {
    # what is checked
    "The table is part of the delivery.": "Tabellen ingår i leveransen.",
    "A delivered table has live rows in scope.": "En levererad tabell har aktiva rader som ingår i jämförelsen.",
    "A table that had live rows the night before still has some.": (
        "En tabell som hade aktiva rader natten före har fortfarande några."
    ),
    "No more than half of the live rows vanish in a night; changes of fewer than 20 rows do not count.": (
        "Högst hälften av de aktiva raderna försvinner på en natt; ändringar om färre än 20 rader räknas inte."
    ),
    "The live rows do not more than double in a night; changes of fewer than 20 rows do not count.": (
        "De aktiva raderna blir inte mer än dubbelt så många på en natt; ändringar om färre än 20 rader räknas inte."
    ),
    "The live rows stay near their number of the last nights: within four and a half median deviations of their "
    "median, at least 10 % and at most 25 % of it.": (
        "Antalet aktiva rader ligger nära de senaste nätternas: inom fyra och en halv medianavvikelse från medianen, "
        "minst 10 % och högst 25 % av den."
    ),
    "No column that was compared or used in a key the night before is gone.": (
        "Ingen kolumn som jämfördes eller ingick i en nyckel natten före saknas."
    ),
    "The table has not gone back to the content of an older delivery; a table of fewer than 20 rows may.": (
        "Tabellen har inte gått tillbaka till innehållet i en äldre leverans; en tabell med färre än 20 rader får det."
    ),
    "Quarantined rows of the worst file of the source tables, as a share of its rows.": (
        "Undantagna rader i den sämsta av källtabellernas filer, som andel av dess rader."
    ),
    "Every item has a local id.": "Varje post har ett lokalt id.",
    "Items hardly ever share a local id; one row of each is kept. Many repeats mean a broken extract; "
    "fewer than 10 do not count.": (
        "Poster delar nästan aldrig lokalt id; en rad av varje behålls. Många upprepningar betyder ett trasigt uttag; "
        "färre än 10 räknas inte."
    ),
    "A component names the item that owns it.": "En komponent anger vilken post den tillhör.",
    "The catalogue declares a value as required.": "Katalogen anger att ett värde krävs.",
    "The catalogue lists the allowed values.": "Katalogen räknar upp de tillåtna värdena.",
    "Every value reads as a number.": "Varje värde går att läsa som ett tal.",
    "Every value reads as a date and time, or as open.": "Varje värde går att läsa som datum och tid, eller som öppet.",
    "Every value reads as yes or no.": "Varje värde går att läsa som ja eller nej.",
    "Items that repeat another's key cannot be matched by it; counted among items that have the whole key.": (
        "Poster med samma nyckel som en annan kan inte paras ihop genom den; räknat bland poster som har hela nyckeln."
    ),
    "The reference leads to a live item in scope.": "Referensen leder till en aktiv post som ingår i jämförelsen.",
    "The code belongs to the code set that the catalogue names.": "Koden hör till det kodverk som katalogen anger.",
    "The code is in its national list and valid.": "Koden finns i sin nationella lista och är giltig.",
    "The newest delivery is not the one before over again under a new time.": (
        "Den senaste leveransen är inte den föregående en gång till under en ny tid."
    ),
    "The domain has delivered within the days that the settings allow (max_age_days).": (
        "Domänen har levererat inom de dagar som inställningarna medger (max_age_days)."
    ),
    # why a check does not apply, or could not be run
    "required only where the catalogue's 'when' holds, which is not tested yet": (
        "krävs bara där katalogens villkor gäller, vilket inte prövas ännu"
    ),
    "the members of a set are not tested yet": "medlemmarna i en mängd prövas inte ännu",
    "the key holds a signature of components, which only matching builds": (
        "nyckeln innehåller komponenternas innehåll, som först matchningen tar fram"
    ),
    "parts of the key may be left open, which only matching builds": (
        "delar av nyckeln får vara tomma, vilket först matchningen tar fram"
    ),
    "items that repeat this key are told apart by their order": "poster med samma nyckel skiljs åt genom sin ordning",
    "the target has no attribute named code_set": "målet har inget attribut som heter code_set",
    "the table was not delivered": "tabellen levererades inte",
    "the column was not delivered": "kolumnen levererades inte",
    "there are no rows to check": "det finns inga rader att kontrollera",
    "the target was not delivered": "målet levererades inte",
    "the code set of the target was not delivered": "målets kodverk levererades inte",
    "the table had rows the night before; rows_kept tells whether it still has": (
        "tabellen hade rader natten före; rows_kept säger om den fortfarande har det"
    ),
    "no rows the night before to compare with": "inga rader natten före att jämföra med",
    "fewer than 4 nights to compare with": "färre än 4 nätter att jämföra med",
    "no night before to compare with": "ingen natt före att jämföra med",
    "the domain has ended": "domänen är avslutad",
    "the settings name no max_age_days": "inställningarna anger inget max_age_days",
    "the judge could not be run": "bedömningen kunde inte köras",
    "The list is not here: only the form of the code is tested.": "Listan finns inte här: bara kodens form prövas.",
}


def swedish(text: str) -> str:
    """The Swedish of what a check says; a text that is not known here comes back as it is."""
    known = _SWEDISH.get(text)
    if known is None and text.startswith("the check could not be run"):
        return text.replace("the check could not be run", "kontrollen kunde inte köras")
    return known or text
