"""The sample: two domains' extracts as CCL would write them, from a seed, with the truth about them.

Both builds, their deviations over the nights and the truth are derived from the same master tables, so that the truth
is complete by construction. The work is SQL in DuckDB; nothing depends on the clock or on a random source.
"""

from transforms.sample.making import SampleReport, generate, rows_of_scale
from transforms.sample.plan import SCALES

__all__ = ["SCALES", "SampleReport", "generate", "rows_of_scale"]
