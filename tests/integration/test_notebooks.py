"""Every notebook runs from top to bottom on a published sample, says what the database says, and is kept unrun."""

from __future__ import annotations

import contextlib
import doctest
import json
import os
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from dashboards import face
from flows.night import run_nights
from tests.support.project import of_sample
from transforms import sample
from transforms.warehouse import open_published
from transforms.words.errors import UsageError

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted(ROOT.glob("notebooks/*.ipynb"))
FIRST_LOOK = ROOT / "notebooks" / "01_first_look.ipynb"
PAIR = "vgr~skane"

pytestmark = pytest.mark.integration

# What the notebook found, told by the kernel itself.
TELL = """
import json
print("FOUND " + json.dumps({
    "headline": headline[["numerator", "denominator", "value"]].astype(float).to_dict(),
    "trend": trend[trend.metric == "convergence"].value.tolist(),
    "areas": {a: None if pd.isna(c) else c for a, c in zip(areas.area, areas.convergence)},
    "types": types.entity_type.tolist(),
    "heaviest": heaviest.weight.tolist(),
    "causes": int(causes.explains.sum()),
    "identity": item.identity,
    "differing": sorted(differing.index),
    "columns": list(side_by_side.columns),
    "not_comparable": len(not_comparable),
}))
"""


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ``data/``: two published nights of a small sample."""
    folder = tmp_path_factory.mktemp("project")
    sample.generate(folder / "data", rows=5_000, nights=2)
    settings = of_sample(folder)
    assert len(run_nights(settings).nights) == 2
    return folder


def execute(notebook: nbformat.NotebookNode, folder: Path) -> nbformat.NotebookNode:
    """Run a notebook in a folder. Raises CellExecutionError for a cell that fails."""
    kept = {
        name: str(folder / ".jupyter" / name)
        for name in ("IPYTHONDIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR")
    }
    client = NotebookClient(notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(folder)}})
    # The kernel imports this checkout and writes nothing into the user's home.
    return client.execute(env={**os.environ, **kept, "PYTHONPATH": str(ROOT)})


@pytest.fixture(scope="session")
def first_look(project: Path) -> nbformat.NotebookNode:
    """The first notebook, run in a folder below the one with the data as it is in a checkout."""
    notebooks = project / "notebooks"
    notebooks.mkdir()
    notebook = nbformat.read(FIRST_LOOK, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell(TELL))
    return execute(notebook, notebooks)


def outputs(notebook: nbformat.NotebookNode) -> list[Any]:
    return [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]


def printed(notebook: nbformat.NotebookNode) -> str:
    return "".join(o.text for o in outputs(notebook) if o.output_type == "stream" and o.name == "stdout")


@pytest.fixture(scope="session")
def found(first_look: nbformat.NotebookNode) -> dict[str, Any]:
    line = next(line for line in printed(first_look).splitlines() if line.startswith("FOUND "))
    told: dict[str, Any] = json.loads(line.removeprefix("FOUND "))
    return told


def published(project: Path, sql: str) -> list[tuple[Any, ...]]:
    with contextlib.closing(open_published(project / "data", threads=1)) as con:
        return con.execute(sql).fetchall()


def test_the_headline_is_the_published_figure(
    project: Path, first_look: nbformat.NotebookNode, found: dict[str, Any]
) -> None:
    [(numerator, denominator, value)] = published(
        project,
        "SELECT numerator, denominator, value FROM measure WHERE night_id = 2 AND level = 'total' "
        f"AND metric = 'convergence' AND pair_id = '{PAIR}'",
    )
    assert 0 < value < 1
    assert found["headline"] == {"numerator": numerator, "denominator": denominator, "value": value}
    assert f"Convergence {value:.1%}: {numerator:.2f} of {denominator:g} area weights" in printed(first_look)
    assert "A is Västra Götalandsregionen, B is Region Skåne." in printed(first_look)


def test_the_trend_has_every_night(project: Path, found: dict[str, Any]) -> None:
    values = published(
        project,
        "SELECT value FROM measure WHERE level = 'total' AND metric = 'convergence' "
        f"AND pair_id = '{PAIR}' ORDER BY night_id",
    )
    assert found["trend"] == [v for (v,) in values]
    assert len(found["trend"]) == 2


def test_every_area_and_entity_type_is_told_of(project: Path, found: dict[str, Any]) -> None:
    assert list(found["areas"]) == [t for (t,) in published(project, "SELECT title_en FROM area ORDER BY ordinal")]
    measured = published(
        project,
        "SELECT a.title_en, m.value FROM area a LEFT JOIN measure m ON m.subject = a.area AND m.level = 'area' "
        f"AND m.metric = 'convergence' AND m.night_id = 2 AND m.pair_id = '{PAIR}'",
    )
    # An area where nothing could be compared is not measurable, which is not 0.
    assert found["areas"] == dict(measured)
    assert sorted(found["types"]) == sorted(t for (t,) in published(project, "SELECT title_en FROM entity_type"))


def test_the_heaviest_differences_come_first(project: Path, found: dict[str, Any]) -> None:
    [(heaviest,)] = published(
        project,
        "SELECT max(w) FROM (SELECT sum(weight) AS w FROM difference "
        f"WHERE pair_id = '{PAIR}' AND NOT expected_local GROUP BY root_entity, root_identity, root_label)",
    )
    assert found["heaviest"][0] == heaviest
    assert found["heaviest"] == sorted(found["heaviest"], reverse=True)
    assert found["causes"] > 0


def test_one_item_is_shown_side_by_side(project: Path, found: dict[str, Any]) -> None:
    assert found["columns"][:2] == ["vgr", "skane"]
    attributes = published(
        project,
        f"SELECT attribute FROM difference WHERE pair_id = '{PAIR}' AND identity = '{found['identity']}' ORDER BY 1",
    )
    assert found["differing"] == [a for (a,) in attributes]
    assert found["differing"]


def test_what_is_not_comparable_is_told(project: Path, found: dict[str, Any]) -> None:
    assert [(found["not_comparable"],)] == published(project, "SELECT count(*) FROM not_comparable")


def test_figures_are_data_that_no_network_is_needed_for(first_look: nbformat.NotebookNode) -> None:
    drawn = [o.data for o in outputs(first_look) if "data" in o and "application/vnd.plotly.v1+json" in o.data]
    assert len(drawn) >= 3
    for data in drawn:
        assert data["application/vnd.plotly.v1+json"]["config"]["showSendToCloud"] is False
        assert "text/html" not in data
    html = "".join(str(o.data.get("text/html", "")) for o in outputs(first_look) if "data" in o)
    assert html
    assert not re.search(r"<script|https?://", html)


def test_without_a_publication_it_says_what_to_do(tmp_path: Path) -> None:
    notebook = nbformat.read(FIRST_LOOK, as_version=4)
    # Up to the cell that opens the database; the folder has no data above it.
    notebook.cells = notebook.cells[:3]
    notebook.cells.append(nbformat.v4.new_code_cell(""))
    with pytest.raises(Exception, match="nothing is published yet: run `make run`"):
        execute(notebook, tmp_path)


@pytest.mark.parametrize("path", [p for p in NOTEBOOKS if p != FIRST_LOOK], ids=lambda p: p.name)
def test_the_other_notebooks_run_and_draw(project: Path, path: Path) -> None:
    folder = project / "more"
    folder.mkdir(exist_ok=True)
    notebook = nbformat.read(path, as_version=4)
    if path.name.startswith("04"):
        tell = 'print(f"TOLD {now:.9f} {everything:.9f} {steps.convergence.is_monotonic_increasing}")'
        notebook.cells.append(nbformat.v4.new_code_cell(tell))
    execute(notebook, folder)
    assert any("application/vnd.plotly.v1+json" in o.get("data", {}) for o in outputs(notebook))
    html = "".join(str(o.data.get("text/html", "")) for o in outputs(notebook) if "data" in o)
    assert html
    assert not re.search(r"<script|https?://", html)
    if path.name.startswith("04"):
        [(value,)] = published(
            project,
            "SELECT value FROM measure WHERE night_id = 2 AND level = 'total' AND metric = 'convergence' "
            f"AND pair_id = '{PAIR}'",
        )
        assert f"TOLD {value:.9f} 1.000000000 True" in printed(notebook)


def test_the_examples_of_the_python_face_hold(project: Path) -> None:
    found = doctest.testmod(face, extraglobs={"DATA": project / "data"})
    assert (found.attempted > 10, found.failed) == (True, 0)


def test_two_nights_side_by_side_are_what_the_history_says(project: Path) -> None:
    with face.open_night(project / "data") as later, face.open_night(project / "data", 1) as earlier:
        told = later.against(earlier).change.value_counts()
        history = later.ask(
            "SELECT count(*) FILTER (opened_night = 2) AS opened, count(*) FILTER (closed_night = 2) AS closed "
            "FROM difference_history"
        ).iloc[0]
        assert (told["opened"], told["closed"]) == (history.opened, history.closed)
        assert history.opened > 0


@pytest.mark.parametrize(
    ("ask", "told"),
    [
        (lambda n: n.view("nothing"), "has no view 'nothing'"),
        (lambda n: n.what_if("nosuch = 1"), "nosuch"),
        (lambda n: n.what_if("true); DROP TABLE x"), "one condition"),
        (lambda n: n.convergence(pair="a~b"), "has no pair 'a~b'"),
    ],
)
def test_what_the_face_cannot_answer_is_one_line(project: Path, ask: Any, told: str) -> None:
    with face.open_night(project / "data") as night, pytest.raises(UsageError, match=re.escape(told)) as fault:
        ask(night)
    assert "\n" not in str(fault.value)
    with pytest.raises(UsageError, match="night 9 is not kept"):
        face.open_night(project / "data", 9)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.name)
def test_a_notebook_is_kept_without_outputs(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert outputs(notebook) == []
    assert [c.execution_count for c in notebook.cells if c.cell_type == "code" and c.execution_count] == []
    assert set(notebook.metadata) == {"kernelspec", "language_info"}
    assert notebook.metadata.kernelspec == {"display_name": "Python 3", "language": "python", "name": "python3"}
    assert notebook.metadata.language_info == {"name": "python"}
