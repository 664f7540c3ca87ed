-- One row per night, pair and watched figure: one attribute's agreement followed by itself, as the catalogue asks.
-- night_id: the night
-- as_of: the night's time
-- pair_id: the pair of domains
-- watch: short name of the figure
-- title_sv: title in Swedish
-- title_en: title in English
-- numerator: matches in which the attribute is equal
-- denominator: matches looked at
-- value: numerator / denominator; NULL means not measurable
SELECT w.night_id, n.as_of, w.pair_id, w.watch, w.title_sv, w.title_en, w.numerator, w.denominator, w.value
FROM measured.watched w JOIN measured.night n USING (night_id)
