"""Packed files and archives: each is what it holds, and one that is out to do harm is refused."""

import bz2
import contextlib
import gzip
import hashlib
import lzma
import stat
import tarfile
import zipfile

import pytest

from tests.support.dock import AT, PLAIN, ROWS, Dock
from tests.support.packed import extract, tarred, zipped, zstd
from transforms.land.landing import deliveries, time_of
from transforms.land.policy import LandingPolicy
from transforms.words.errors import ExtractError

TWO = [("UNIT.csv", PLAIN), ("OTHER.csv", PLAIN)]


@pytest.fixture
def dock(tmp_path):
    with contextlib.closing(Dock(tmp_path)) as made:
        yield made


@pytest.mark.parametrize(
    ("ending", "pack"),
    [(".gz", gzip.compress), (".xz", lzma.compress), (".bz2", bz2.compress), (".zst", zstd)],
)
def test_a_compressed_file_is_the_file(dock, ending, pack):
    dock.put(f"UNIT.csv{ending}", pack(PLAIN))
    assert dock.land().undescribed == ()
    assert dock.unit() == ROWS
    assert dock.file("file_name, sha256") == [("UNIT.csv", hashlib.sha256(PLAIN).hexdigest())]
    assert dock.leftovers() == []


def test_the_same_content_packed_anew_is_not_read_again(dock):
    path = dock.put("UNIT.csv.gz", gzip.compress(PLAIN, mtime=1))
    dock.land()
    path.write_bytes(gzip.compress(PLAIN, mtime=2))
    assert dock.land().new_files == 0
    assert dock.unit() == ROWS


def test_a_zip_in_a_folder_is_its_files(dock):
    dock.put("UNIT.zip", zipped(("UNIT.csv", PLAIN)))
    dock.put("more.zip", zipped(("ONE.csv", "A\n1\n"), ("TWO.csv", "A\n1\n")))
    landed = dock.land()
    assert (landed.files, landed.undescribed) == (3, ("ONE", "TWO"))
    assert dock.unit() == ROWS


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("2026-03-01.zip", zipped(*TWO)),
        ("2026-03-01.tar", tarred(*TWO)),
        ("2026-03-01.tar.gz", tarred(*TWO, mode="w:gz")),
        ("2026-03-01.tar.xz", tarred(*TWO, mode="w:xz")),
        ("2026-03-01.tar.zst", zstd(tarred(*TWO))),
    ],
)
def test_an_archive_may_be_the_delivery(dock, tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    assert time_of(path) == AT
    landed = dock.land(path)
    assert (landed.files, landed.undescribed) == (2, ("OTHER",))
    assert dock.unit() == ROWS
    assert dock.leftovers() == []


def test_archives_under_incoming_are_deliveries(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "2026-03-01.zip").write_bytes(zipped(("UNIT.csv", PLAIN)))
    (tmp_path / "a" / "notes.txt").write_text("no delivery")
    assert [d.delivered_at for d in deliveries(tmp_path, ("a",))] == [AT]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("UNIT.csv.gz", gzip.compress(PLAIN * 50)[:-12]),
        ("UNIT.csv.xz", lzma.compress(PLAIN * 50)[:-12]),
        ("UNIT.csv.zst", zstd(PLAIN * 50)[:-12]),
        ("UNIT.tar.gz", tarred(("UNIT.csv", PLAIN * 900), mode="w:gz")[:-60]),
    ],
    # Not by their content, which holds the time: tests on several processes go by equal names.
    ids=["gz", "xz", "zst", "tar.gz"],
)
def test_a_broken_archive_is_refused(dock, name, content):
    dock.put(name, content)
    dock.refused(name)


def test_a_member_cannot_leave_its_folder(dock, tmp_path):
    dock.put("UNIT.csv", PLAIN)
    dock.put("x.tar", tarred(("../../escaped.csv", PLAIN)))
    dock.refused("x.tar", "outside of the archive")
    assert not list(tmp_path.rglob("escaped*"))


# --- out to do harm, or only oddly packed ---

BOMB = b"ID,NAME\n" + b"1,x\n" * (20 << 20)


@pytest.mark.parametrize(
    ("name", "pack"),
    [
        ("UNIT.csv.gz", lambda: gzip.compress(BOMB)),
        ("UNIT.zip", lambda: zipped(("UNIT.csv", BOMB))),
        ("UNIT.csv.zst", lambda: zstd(BOMB)),
    ],
)
def test_a_bomb_is_refused_before_it_is_unpacked_whole(dock, name, pack):
    with pytest.raises(ExtractError, match=r"unpacks to more than 300 times its size.*landing.max_ratio"):
        dock.deliver(name, pack())
    assert dock.leftovers() == []


def test_a_delivery_may_unpack_to_so_much_in_all(dock):
    policy = LandingPolicy(max_unpacked="1KB")
    with pytest.raises(ExtractError, match=r"more than 1e-06 GB.*landing.max_unpacked"):
        dock.deliver("UNIT.zip", zipped(("UNIT.csv", b"ID,NAME\n" + b"1,x\n" * 500)), policy=policy)
    assert dock.deliver("UNIT.zip", zipped(("UNIT.csv", b"ID,NAME\n1,x\n")), policy=policy).rows_accepted == 1


@pytest.mark.parametrize("name", ["../UNIT.csv", "/etc/UNIT.csv", "a/../../UNIT.csv", "..\\UNIT.csv", "C:/UNIT.csv"])
def test_a_member_outside_of_its_archive_is_refused(dock, tmp_path, name):
    with pytest.raises(ExtractError, match="outside of the archive"):
        dock.deliver("UNIT.zip", zipped((name, "ID,NAME\n1,x\n")))
    assert not list(tmp_path.parent.glob("UNIT.csv"))


def test_links_in_an_archive_are_no_tables(dock, tmp_path):
    (tmp_path / "secret.csv").write_text("ID,NAME\n1,secret\n")
    link = tarfile.TarInfo("LINK.csv")
    link.type, link.linkname = tarfile.SYMTYPE, str(tmp_path / "secret.csv")
    content = tarred((link, b""), ("UNIT.csv", b"ID,NAME\n1,x\n"))
    assert [w.table for w in dock.deliver("UNIT.tar", content).written] == ["UNIT"]


def test_a_link_in_a_zip_is_no_table(dock):
    link = zipfile.ZipInfo("LINK.csv")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    content = zipped((link, "/etc/passwd"), ("UNIT.csv", "ID,NAME\n1,x\n"))
    assert [w.table for w in dock.deliver("UNIT.zip", content).written] == ["UNIT"]


def test_an_encrypted_zip_is_refused(dock):
    content = bytearray(zipped(("UNIT.csv", "ID,NAME\n1,x\n"), mode=zipfile.ZIP_STORED))
    # The flag of encryption, in the member's own head and in the directory.
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(ExtractError, match="is encrypted; deliver it without a password"):
        dock.deliver("UNIT.zip", bytes(content))


@pytest.mark.parametrize(("deep", "lands"), [(2, True), (5, False)])
def test_archives_in_archives_are_unpacked_so_far(dock, deep, lands):
    content, name = b"ID,NAME\n1,x\n", "UNIT.csv"
    for _ in range(deep):
        content, name = zipped((name, content)), "UNIT.zip"
    if lands:
        assert dock.deliver(name, content).rows_accepted == 1
    else:
        with pytest.raises(ExtractError, match="packed more than 3 times"):
            dock.deliver(name, content)


def test_compressed_files_of_several_members_are_read_to_the_end(dock):
    halves = (b"ID,NAME\n1,x\n", b"2,y\n")
    dock.deliver("UNIT.csv.gz", b"".join(map(gzip.compress, halves)))
    assert dock.unit() == ROWS


def test_zstd_of_several_frames_is_read_to_the_end(dock):
    frames = zstd(b"ID,NAME\n1,x\n") + zstd(b"2,y\n")
    dock.deliver("UNIT.csv.zst", frames)
    assert dock.unit() == ROWS


def test_the_tests_own_unpacking_leaves_links_out_and_stays_in_its_folder(tmp_path):
    link = tarfile.TarInfo("link.csv")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    (tmp_path / "a.tar").write_bytes(tarred(("in/UNIT.csv", PLAIN), (link, b"")))
    extract(tmp_path / "a.tar", tmp_path / "out")
    assert [p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*.csv")] == ["out/in/UNIT.csv"]
    (tmp_path / "b.tar").write_bytes(tarred(("../UNIT.csv", PLAIN)))
    with pytest.raises(AssertionError, match="UNIT"):
        extract(tmp_path / "b.tar", tmp_path / "out")
