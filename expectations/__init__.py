"""Quality checks: derived from the catalogue, measured in SQL, judged by Great Expectations.

``suites`` derives what is checked, ``rules`` reads what cannot be derived, ``checks`` measures inside DuckDB and
``judge`` is the adapter to Great Expectations, imported only when checks are run (its import takes seconds).
"""
