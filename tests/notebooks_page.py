"""Write docs/notebooks.md: the notebooks as they look when run on a sample, with their tables and figures.

``make notebooks`` (``.venv/bin/python tests/notebooks_page.py``) makes a small sample with a few decisions, runs every
notebook on it and writes the page and its pictures. The page carries a hash of the notebooks' cells; ``--check`` runs
nothing and ends with 1 where the notebooks have changed since the page was written.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import click

ROOT: Final = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

PAGE: Final = ROOT / "docs" / "notebooks.md"
PICTURES: Final = ROOT / "docs" / "img"
NOTEBOOKS: Final = sorted(ROOT.glob("notebooks/*.ipynb"))
CHROMIUM: Final = Path("/usr/bin/chromium")
ROWS: Final = 12
_WIDE: Final = 90
# What the steering group rules between the first night and the second.
RULED: Final = """
decisions:
  - id: S-2026-01
    title: Display line of order sentences as in VGR
    forum: Steering group
    date: 2026-11-02
    covers: {rule: {entity: order_sentence, attribute: display_line}}
    ruling: adopt
    adopt: vgr
    reason: Units are written out.
    owner: Medication
  - id: S-2026-02
    title: Places are local
    forum: Steering group
    date: 2026-11-02
    covers: {rule: {entity: location, effects: true}}
    ruling: keep_local
    reason: They describe each region's own houses.
    owner: Reference data
"""


def fingerprint() -> str:
    """A hash of what the notebooks say and run."""
    digest = hashlib.sha256()
    for path in NOTEBOOKS:
        cells = json.loads(path.read_text("utf-8"))["cells"]
        digest.update(json.dumps([[c["cell_type"], "".join(c["source"])] for c in cells]).encode())
    return digest.hexdigest()[:16]


def is_current() -> bool:
    """Tell whether the page was written from the notebooks as they are."""
    return PAGE.is_file() and f"notebooks {fingerprint()}" in PAGE.read_text("utf-8")


class _Table(HTMLParser):
    """The rows of the first table of a piece of HTML, as texts."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self._in = False

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag == "tr":
            self.rows.append([])
        elif tag in ("th", "td") and self.rows:
            self.rows[-1].append("")
            self._in = True

    def handle_endtag(self, tag: str) -> None:
        if tag in ("th", "td"):
            self._in = False

    def handle_data(self, data: str) -> None:
        if self._in and self.rows and self.rows[-1]:
            self.rows[-1][-1] += data


def _markdown(html: str) -> str:
    table = _Table()
    table.feed(html)
    rows = [[_cell(text) for text in row] for row in table.rows if row]
    if not rows:
        return ""
    wide = max(map(len, rows))
    head, *body = [row + [""] * (wide - len(row)) for row in rows]
    lines = [head, ["---"] * wide, *body[:ROWS]]
    more = f"\n\n… and {len(body) - ROWS} more rows." if len(body) > ROWS else ""
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + more


def _cell(text: str) -> str:
    shown = " ".join(text.split())
    shown = shown if len(shown) <= _WIDE else shown[: _WIDE - 1] + "…"
    return re.sub(r"([\\|`*_<>\[\]])", r"\\\1", shown)


def _published(folder: Path) -> None:
    """Two nights of a small sample under ``folder/data``, decisions recorded between them."""
    from flows.night import run_nights
    from tests.support.project import of_sample
    from transforms import sample
    from transforms.catalogue import load_catalogue
    from transforms.register import load_register
    from transforms.register.record import record
    from transforms.warehouse import open_published

    settings = of_sample(folder)
    sample.generate(settings.data, rows=5_000, nights=2)
    later = sorted(settings.incoming.glob("*/*"))[1::2]
    for delivery in later:
        delivery.rename(folder / f"{delivery.parent.name}-later")
    run_nights(settings)
    settings.decisions.mkdir()
    (settings.decisions / "ruled.yaml").write_text(RULED, encoding="utf-8")
    catalogue = load_catalogue(settings.catalogue)
    register = load_register(settings.decisions, catalogue, settings.domain_names)
    with contextlib.closing(open_published(settings.data)) as con:
        record(con, catalogue, register, register.decisions, by="Secretary", at="2026-11-02")
    for delivery in later:
        (folder / f"{delivery.parent.name}-later").rename(delivery)
    run_nights(settings)


def _run(path: Path, folder: Path) -> Any:
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.read(path, as_version=4)
    names = ("IPYTHONDIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR")
    own = {name: str(folder / ".jupyter" / name) for name in names}
    client = NotebookClient(notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(folder)}})
    return client.execute(env={**os.environ, **own, "PYTHONPATH": str(ROOT)})


@contextlib.contextmanager
def _drawer() -> Iterator[Any]:
    """Give a function that draws a figure (plotly's JSON) as a PNG file, with Chromium."""
    from playwright.sync_api import sync_playwright

    plotly = files("plotly").joinpath("package_data", "plotly.min.js").read_text("utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 760, "height": 400})
        page.set_content("<div id='figure' style='width:740px'></div>")
        page.add_script_tag(content=plotly)

        def draw(figure: dict[str, Any], to: Path) -> None:
            layout = {**figure["layout"], "width": 740, "height": min(360, figure["layout"].get("height") or 360)}
            page.evaluate(
                "([data, layout]) => Plotly.newPlot('figure', data, layout, {staticPlot: true})",
                [figure["data"], layout],
            )
            picture = page.evaluate("Plotly.toImage('figure', {format: 'png', width: 740, height: 360})")
            to.write_bytes(base64.b64decode(picture.partition(",")[2]))

        yield draw
        browser.close()


def _told(outputs: list[Any], name: str, draw: Any, count: list[int]) -> Iterator[str]:
    """Yield each output as Markdown; figures become pictures."""
    for output in outputs:
        data = output.get("data", {})
        if "application/vnd.plotly.v1+json" in data:
            count[0] += 1
            to = PICTURES / f"notebook-{name}-{count[0]}.png"
            figure = data["application/vnd.plotly.v1+json"]
            draw(figure, to)
            title = str((figure["layout"].get("title") or {}).get("text") or "A figure of the notebook")
            yield f"![{re.sub(r'<[^>]+>', ' ', title)}](img/{to.name})"
        elif "text/html" in data and "<table" in data["text/html"]:
            yield _markdown(data["text/html"])
        elif output.get("output_type") == "stream" or "text/plain" in data:
            text = output.get("text") or data.get("text/plain", "")
            if text.strip():
                yield f"```text\n{text.rstrip()}\n```"


def write() -> int:
    """Write the page and its pictures; return how many bytes they are."""
    parts = [
        f"<!-- Written by `make notebooks` from notebooks {fingerprint()}. Change those, not this page. -->",
        "# The notebooks, as they look when run",
        "Run on a small sample of two nights with two decisions recorded between them. The notebooks themselves are in "
        "[notebooks](../notebooks) and hold no outputs; how to start with them: [For analysts](analysts.md).",
    ]
    for old in PICTURES.glob("notebook-*.png"):
        old.unlink()
    with tempfile.TemporaryDirectory() as kept, _drawer() as draw:
        folder = Path(kept)
        _published(folder)
        for path in NOTEBOOKS:
            count = [0]
            for cell in _run(path, folder).cells:
                source = cell.source.strip()
                if cell.cell_type == "markdown":
                    parts.append(re.sub(r"(?m)^(#+) ", r"#\1 ", source).replace("](../docs/", "]("))
                elif source:
                    parts.append(f"```python\n{source}\n```")
                    parts += _told(cell.outputs, path.stem[:2], draw, count)
    PAGE.write_text("\n\n".join(parts) + "\n", encoding="utf-8", newline="\n")
    return PAGE.stat().st_size + sum(p.stat().st_size for p in PICTURES.glob("notebook-*.png"))


@click.command(help=__doc__)
@click.option("--check", is_flag=True, help="Write nothing; end with 1 where the page is not of these notebooks.")
def main(check: bool) -> None:
    """Write the page, or say whether it is current."""
    if check:
        if not is_current():
            raise click.ClickException("docs/notebooks.md is not of the notebooks as they are: run `make notebooks`")
        return
    click.echo(f"docs/notebooks.md and its pictures: {write() / 1000:,.0f} kB")


if __name__ == "__main__":
    main()
