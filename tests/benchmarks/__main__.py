"""A pair of tables compared, a night by its steps, and landing alone, in one table (``make bench``)."""

from __future__ import annotations

import compare
import landing
import night
from click import echo
from report import HEADING

echo(HEADING)
for part in (compare, night, landing):
    for line in part.lines():
        echo(line)
