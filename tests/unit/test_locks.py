"""The two locks: whole, without addresses, of one mind, and all that running imports is in the first."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions

import pytest

from tests.support.shared import ROOT

RUN, DEV = "requirements.lock", "requirements-dev.lock"
PACKAGES = ("flows", "transforms", "expectations", "dashboards")


def versions(lock: str) -> dict[str, str]:
    found = re.findall(r"^([a-z0-9._-]+)==([^ ]+)", (ROOT / lock).read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[._]", "-", name): version for name, version in found}


@pytest.mark.parametrize("lock", [RUN, DEV])
def test_every_package_has_a_hash_and_none_an_address(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    packages = re.findall(r"^[a-z0-9._-]+==.*$", text, flags=re.MULTILINE)
    hashed = re.findall(r"^([a-z0-9._-]+==.*)\n    --hash=sha256:[0-9a-f]{64}", text, flags=re.MULTILINE)
    assert packages == hashed != []
    assert re.findall(r"[a-z]+://|^-", text, flags=re.MULTILINE) == []


def test_a_package_in_both_locks_has_one_version() -> None:
    run, dev = versions(RUN), versions(DEV)
    assert {name: dev[name] for name in run.keys() & dev.keys()} == {
        name: run[name] for name in run.keys() & dev.keys()
    }


def test_the_first_lock_holds_what_the_product_imports_and_nothing_that_only_tests_need() -> None:
    run, known = versions(RUN), packages_distributions()
    imported: set[str] = set()
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    imported |= {alias.name.split(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module:
                    imported.add(node.module.split(".")[0])
    others = imported - set(sys.stdlib_module_names) - set(PACKAGES)
    assert "duckdb" in others
    locked = {name for name in others if {re.sub(r"[._]", "-", d.lower()) for d in known.get(name, ())} & run.keys()}
    assert others - locked == set()
    assert not {"pytest", "ruff", "mypy", "playwright", "ipykernel"} & run.keys()


def test_the_locked_uv_builds_the_project_itself() -> None:
    """Another version would have to fetch the builder that pyproject.toml asks for."""
    build = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["build-system"]
    uv = ".".join(versions(RUN)["uv"].split(".")[:2])
    assert build["requires"] == [f"uv_build>={uv},<0.{int(uv.split('.')[1]) + 1}"]
