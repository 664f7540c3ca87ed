"""likare.toml and the environment: read strictly, once, and nowhere else."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from flows import environment
from flows.settings import load_settings
from tests.support.shared import ROOT
from transforms.build.match import pairs_of
from transforms.words.errors import SettingsError

TWO = '[[domain]]\nname = "vgr"\n[[domain]]\nname = "skane"\n'


def written(folder: Path, text: str) -> Path:
    path = folder / "likare.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_projects_own_file_is_read() -> None:
    settings = load_settings({}, ROOT)
    assert settings.domain_names == ("vgr", "skane")
    assert [p.pair_id for p in pairs_of(settings.domain_names)] == ["vgr~skane"]
    assert (settings.catalogue, settings.data) == ("millennium", ROOT / "data")


def test_paths_are_relative_to_the_file_not_to_where_one_stands(tmp_path: Path) -> None:
    written(tmp_path, '[likare]\ncatalogue = "mine"\ndata = "there"\n' + TWO)
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    settings = load_settings({}, below)
    assert (settings.catalogue, settings.data) == (str(tmp_path / "mine"), tmp_path / "there")


def test_the_environment_names_another_file_and_another_data_folder(tmp_path: Path) -> None:
    path = written(tmp_path, TWO)
    settings = load_settings({"LIKARE_CONFIG": str(path), "LIKARE_DATA": "elsewhere"}, tmp_path / "x")
    assert settings.file == path
    assert settings.data == tmp_path / "x" / "elsewhere"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[likare\n", "not valid TOML"),
        ('[likare]\ncatalog = "x"\n' + TWO, ":2: catalog: unknown key; did you mean 'catalogue'?"),
        ("[domains]\n", ":1: domains: unknown key; did you mean 'domain'?"),
        (TWO + 'titel = "x"\n', ":5: domain.1.titel: unknown key; did you mean 'title'?"),
        ('[[domain]]\ntitle = "x"\n' + TWO, ":1: domain.0.name: is missing"),
        ('[[domain]]\nname = "../etc"\n' + TWO, ":2: domain.0.name: is also a folder"),
        ('[[domain]]\nname = "vgr"\n', ":1: domain: name at least two"),
        (TWO + '[[domain]]\nname = "vgr"\n', "domain: 'vgr' is named twice"),
        ("[likare]\ndata = 3\n" + TWO, ":2: data: is a text in quotes"),
        ("[likare]\nthreads = 0\n" + TWO, ":2: threads: "),
        ('[likare]\nmemory_limit = "lots"\n' + TWO, ":2: memory_limit: "),
        ("likare = 3\n", ":1: likare: is a table"),
    ],
)
def test_a_fault_is_one_line_with_file_line_and_field(tmp_path: Path, text: str, says: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(SettingsError) as caught:
        load_settings({}, tmp_path)
    message = str(caught.value)
    assert message.startswith(str(path)), message
    assert says in message
    assert "\n" not in message


def test_a_file_that_is_not_there_or_not_text_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"nowhere\.toml: no such settings file"):
        load_settings({"LIKARE_CONFIG": str(tmp_path / "nowhere.toml")}, tmp_path)
    (tmp_path / "likare.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match="not UTF-8"):
        load_settings({}, tmp_path)


def test_a_misspelt_variable_is_refused() -> None:
    with pytest.raises(SettingsError, match="LIKARE_CONFG: .* did you mean 'LIKARE_CONFIG'"):
        load_settings({"LIKARE_CONFG": "x"}, ROOT)


def python_files() -> list[Path]:
    return [
        p for package in ("flows", "transforms", "expectations", "dashboards") for p in (ROOT / package).rglob("*.py")
    ]


def uses(path: Path, module: str, names: set[str]) -> bool:
    """Whether the file names one of the module's attributes, by ``module.name`` or ``from module import name``."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if node.value.id == module and node.attr in names:
                return True
        if isinstance(node, ast.ImportFrom) and node.module == module and names & {a.name for a in node.names}:
            return True
    return False


def test_only_settings_and_environment_touch_the_environment() -> None:
    found = {p.relative_to(ROOT).as_posix() for p in python_files() if uses(p, "os", {"environ", "getenv", "putenv"})}
    assert found - TELEMETRY == {"flows/settings.py", "flows/environment.py"}


# Great Expectations reads its own switch when it is imported, so the adapter that imports it may set that.
TELEMETRY = {"expectations/judge.py"}


def test_only_the_warehouse_opens_duckdb() -> None:
    found = {p.relative_to(ROOT).as_posix() for p in python_files() if uses(p, "duckdb", {"connect"})}
    assert found == {"transforms/warehouse/session.py"}


def test_telemetry_is_off_before_prefect_is_imported_whatever_the_caller_says() -> None:
    code = (
        "import flows, sys, os; assert 'prefect' not in sys.modules; import prefect.settings as s; "
        "from prefect._internal.analytics import is_telemetry_enabled; "
        "server = s.get_current_settings().server; "
        "print(is_telemetry_enabled(), server.analytics_enabled, os.environ['GX_ANALYTICS_ENABLED'])"
    )
    loud = {**os.environ, "DO_NOT_TRACK": "0", "PREFECT_SERVER_ANALYTICS_ENABLED": "true", "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], env=loud, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False", "false"]


def test_a_server_of_ours_is_quiet_and_lives_in_the_data_folder(tmp_path: Path) -> None:
    settings = load_settings({"LIKARE_DATA": str(tmp_path)}, ROOT)
    given = environment.for_server(settings)
    assert given["PREFECT_HOME"] == str(tmp_path / ".prefect")
    assert {name: given[name] for name in environment.QUIET} == environment.QUIET
