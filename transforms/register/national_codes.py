"""What the items say in the codes of national lists."""

from __future__ import annotations

from collections.abc import Mapping

from transforms.land.national import CodeList
from transforms.warehouse import Night


def run(night: Night, lists: Mapping[str, CodeList]) -> None:
    """Fill ``decided.national_item``, and this night's ``.national_code`` and ``.same_code``: national_codes.sql.j2."""
    used = {r[0] for r in night.rows("SELECT DISTINCT list FROM catalogue.national")}
    if not used:
        return
    present = [r[0] for r in night.rows("SELECT list FROM measured.reference_list WHERE state <> 'absent'")]
    declared = [one for name, one in lists.items() if name in used]
    night.run("national_codes.sql.j2", lists=declared, present=[name for name in present if name in lists])
