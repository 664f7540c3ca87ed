"""Entity types for delivered tables that no file of the catalogue describes.

What a table's columns are is told by the domains' own metadata where it is delivered, else by naming conventions that
the data confirms: every value of a reference lies among the ids of its target, a set of columns that is unique in every
domain, overlaps between them and pairs rows that agree otherwise too is a key. A derived type is compared and reported,
never scored, until a person has looked it over and kept it as a file of the catalogue (``likare catalogue draft``).
"""

from transforms.land.derive.attributes import Evidence
from transforms.land.derive.build import Derived, derive, extended
from transforms.land.derive.draft import draft, needed
from transforms.land.derive.kept import kept, known
from transforms.land.derive.remembered import as_built, remember

__all__ = ["Derived", "Evidence", "as_built", "derive", "draft", "extended", "kept", "known", "needed", "remember"]
