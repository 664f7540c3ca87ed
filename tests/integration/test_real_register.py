"""The register over six years of two real builds: what two rulings of 2023 make of the figures, and the forecasts' record."""

# ruff: noqa: E501
from __future__ import annotations

import contextlib
import tarfile
from pathlib import Path

import pytest

from flows.night import run_nights
from flows.settings import Settings, load_settings
from tests.support.shared import ROOT, shared
from transforms import forecast
from transforms.catalogue import load_catalogue
from transforms.register import load_register
from transforms.register.record import record
from transforms.warehouse import open_published

# Several minutes: every month of both sites is a night.
pytestmark = pytest.mark.slow

RULED = """
decisions:
  - id: L-1
    title: Doseringsform enligt lokal vokabulär
    forum: Styrgrupp
    date: 2023-06-30
    covers: {rule: {entity: drug, attribute: form}}
    ruling: keep_local
    reason: Vokabulären för form är lokal
    owner: Läkemedel
  - id: L-2
    title: Begreppskod enligt det nyare systemet
    forum: Styrgrupp
    date: 2023-06-30
    covers: {rule: {entity: drug, attribute: concept}}
    ruling: adopt
    adopt: sl
    reason: Det nyare kodsystemet
    owner: Läkemedel
"""


def deliver(settings: Settings, months: Path, after: str, before: str) -> None:
    for domain in settings.domain_names:
        incoming = settings.incoming / domain
        incoming.mkdir(parents=True, exist_ok=True)
        for month in sorted((months / domain).iterdir()):
            if after <= month.name < before:
                (incoming / month.name).symlink_to(month, target_is_directory=True)


def test_two_rulings_of_2023_tell_the_story_of_the_drugs(tmp_path: Path) -> None:
    with tarfile.open(shared("openmrs_builds/monthly_history_zl_sl.tar.xz")) as packed:
        packed.extractall(tmp_path / "months", filter="data")
    (tmp_path / "rules.yaml").write_text(
        "rules:\n  - {check: '*.rows_*', severity: info, threshold: 1, note: Months apart.}\n"
    )
    (tmp_path / "likare.toml").write_text(
        f'[likare]\ncatalogue = "{ROOT}/tests/catalogues/openmrs"\nrules = "rules.yaml"\n'
        '[[domain]]\nname = "zl"\n[[domain]]\nname = "sl"\n'
    )
    settings = load_settings({}, tmp_path)
    deliver(settings, tmp_path / "months", "0000", "2023-07")
    run_nights(settings)
    settings.decisions.mkdir()
    (settings.decisions / "lakemedel.yaml").write_text(RULED, encoding="utf-8")
    register = load_register(settings.decisions, load_catalogue(settings.catalogue), settings.domain_names)
    with contextlib.closing(open_published(settings.data)) as con:
        record(con, load_catalogue(settings.catalogue), register, register.decisions, by="Sekreterare", at="2023-06-30")
    deliver(settings, tmp_path / "months", "2023-07", "9999")
    run_nights(settings)
    with contextlib.closing(open_published(settings.data)) as con:

        def last(view: str, column: str, before: str, where: str) -> float:
            sql = f"SELECT {column} FROM {view} WHERE as_of < '{before}' AND {where} ORDER BY night_id DESC LIMIT 1"
            return float(con.execute(sql).fetchall()[0][0])

        drug = "subject = 'drug' AND level = 'entity'"
        ends = ("2025-01-01", "2026-01-01", "2026-07-01")
        adherence = [last("adherence", "value", end, f"{drug} AND domain = 'zl'") for end in ends]
        implemented = [last("measure", "value", end, f"{drug} AND metric = 'implemented'") for end in ends]
        raw, justified = (
            last("measure", "value", ends[-1], f"{drug} AND metric = '{m}'") for m in ("convergence", "justified")
        )
        assert adherence == sorted(adherence) and adherence[-1] > adherence[0]
        assert implemented == sorted(implemented) and implemented[-1] > implemented[0]
        assert justified > raw
        courses = forecast.courses(con.execute(forecast.query("published")).fetchall())
    past = next(p for key, p in courses.items() if key[1] == "total")
    tests = [t for t in forecast.back_test(past, (30, 90, 180)) if t.made_at.year in (2024, 2025)]
    assert len(tests) > 20
    share = sum(t.inside for t in tests) / len(tests)
    # It is to be 80 %. A year ahead it is far less: nobody foresaw that one site would change its codes in 2025.
    assert share > 0.5, f"{share:.0%} of {len(tests)} forecasts of 2024 and 2025 inside the 80 % interval"
