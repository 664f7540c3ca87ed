"""What landing costs in statements: so many a new file, so many a delivery, whatever it holds. It may only fall."""

import contextlib
import shutil

from transforms.catalogue import load_catalogue
from transforms.land.landing import deliveries, land
from transforms.sample import generate
from transforms.warehouse import Session, scratch

# A file that begins a series is read and stored; one that follows another is also held against it.
NEW_SERIES, NEW_FILE, DELIVERY, UNCHANGED = 2, 3, 60, 25


class Counted(Session):
    """A session that knows how many statements it has executed."""

    statements = 0

    def execute(self, sql, params=None):
        self.statements += len(self.con.extract_statements(sql))
        return super().execute(sql, params)


def test_a_delivery_costs_few_statements_a_new_file_and_none_a_known_one(tmp_path):
    generate(tmp_path, rows=5_000, nights=2)
    incoming, catalogue = tmp_path / "incoming", load_catalogue("millennium")
    found = deliveries(incoming, ("vgr", "skane"))
    with contextlib.closing(scratch(temp_directory=str(tmp_path / "tmp"))) as con:
        session = Counted(con)
        session.run("archive.sql.j2")
        begun = set()
        for delivery in found:
            before = session.statements
            landed = land(session, catalogue, delivery)
            budget = DELIVERY + (NEW_FILE if delivery.domain in begun else NEW_SERIES) * landed.new_files
            assert landed.new_files == landed.files if delivery.domain not in begun else 0 < landed.new_files
            assert session.statements - before <= budget
            begun.add(delivery.domain)
        again = found[-1].path.with_name("2099-01-01")
        shutil.copytree(found[-1].path, again)
        before = session.statements
        landed = land(session, catalogue, deliveries(incoming, (found[-1].domain,))[-1])
        assert landed.new_files == 0
        assert session.statements - before <= UNCHANGED
