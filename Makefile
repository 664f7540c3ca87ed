# `make run` and `make test` are all a new machine needs, with Python 3.11 or newer and make. The first builds .venv
# from requirements.lock once, the second adds requirements-dev.lock; after that nothing here needs a network.

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$p" && break; done)
VENV := .venv
BIN := $(VENV)/bin
# The stamps of what running needs, and of what tests, linters, benchmarks and notebooks need besides.
RUN := $(VENV)/installed
DEV := $(VENV)/installed-dev
SCALE ?= demo
NIGHTS ?= 3
TESTS ?=
JOBS ?= $(shell getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)

# Nothing of the caller's Python may leak into the environment made here.
unexport PYTHONPATH PYTHONHOME VIRTUAL_ENV
export PYTHONNOUSERSITE := 1

.DEFAULT_GOAL := help
.PHONY: help run test kill-test story worklist-pictures check format docs docs-check bench bench-site bench-matching bench-sets pictures notebooks lock install \
	browser office clean schedule-server schedule-deploy schedule-worker

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  make %-16s %s\n", $$1, $$2}'

# uv installs from the index that pip is set up for, and trusts what the machine trusts. What it reads the locks with is
# locked in them itself.
INDEX = $${UV_DEFAULT_INDEX:-$${PIP_INDEX_URL:-$$($(BIN)/python -m pip config get global.index-url 2>/dev/null)}}
SYNC = UV_DEFAULT_INDEX="$(INDEX)" UV_SYSTEM_CERTS=1 $(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes
ITSELF = $(BIN)/uv pip install --quiet --python $(BIN)/python --offline --no-deps --editable .

# The environment holds exactly its locks. It is built anew when their content changes, not when their date does.
$(RUN): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "likare: Python 3.11 or newer is needed and was not found; install it or run make PYTHON=/path/to/python3" >&2; exit 1; }
	@if ! cmp -s requirements.lock $(VENV)/requirements.lock; then \
		echo "Installing $$(grep -c '==' requirements.lock) packages into $(VENV), once ..."; \
		$(PYTHON) -m venv --clear $(VENV) && \
		sed -n '/^uv==/,/^ *# via/p' requirements.lock >$(VENV)/uv.lock && \
		$(BIN)/python -m pip install --disable-pip-version-check -qq --no-deps --require-hashes -r $(VENV)/uv.lock && \
		$(SYNC) requirements.lock && \
		cp requirements.lock $(VENV)/requirements.lock; \
	fi
	@$(ITSELF)
	@touch $@

$(DEV): $(RUN) requirements-dev.lock
	@if ! cmp -s requirements-dev.lock $(VENV)/requirements-dev.lock; then \
		echo "Installing what tests, linters and notebooks need into $(VENV), once ..."; \
		$(SYNC) requirements.lock requirements-dev.lock && \
		cp requirements-dev.lock $(VENV)/requirements-dev.lock; \
	fi
	@$(ITSELF)
	@touch $@

install: $(DEV) ## make .venv from both locks, if it is not up to date

run: $(RUN) ## make the sample, run its nights, publish, say what was found (SCALE=demo|small|large NIGHTS=3)
	@$(BIN)/likare sample --scale $(SCALE) --nights $(NIGHTS) --if-empty
	@$(BIN)/likare run

# By file, since the fixtures of a file are costly to make twice; in order, which begins with the longest files.
test: $(DEV) ## every test, on all processors (TESTS="tests/unit -k name" for some, JOBS=1 for one at a time)
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder $(TESTS)

kill-test: $(DEV) ## kill the night at 200 random moments, fill the disk, kill a compaction: each run ends as an undisturbed one
	@$(BIN)/python -m pytest -m slow tests/integration/test_kill.py

story: $(DEV) ## the register over six years of two real builds (needs ../shared/data, some minutes)
	@$(BIN)/python -m pytest -q -rP -m slow tests/integration/test_real_register.py

worklist-pictures: $(RUN) ## the worklist of the published night as pictures in build/worklist (needs LibreOffice and poppler-utils)
	@command -v soffice >/dev/null && command -v pdftoppm >/dev/null || { echo "worklist-pictures: soffice (make office) and pdftoppm (poppler-utils) are needed" >&2; exit 1; }
	@mkdir -p build/worklist && rm -f build/worklist/*.png
	@$(BIN)/likare worklist export build/worklist/arbetslista.xlsx
	@soffice --headless --convert-to pdf --outdir build/worklist build/worklist/arbetslista.xlsx >/dev/null
	@pdftoppm -r 110 -l 8 -png build/worklist/arbetslista.pdf build/worklist/sida
	@echo "the first eight pages: build/worklist/sida-*.png"

check: $(DEV) docs-check ## style, types, import rules, generated pages up to date
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(DEV) ## rewrite the code in the project's style
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

docs: $(RUN) ## write the generated pages of docs/
	@$(BIN)/python -m flows.reference

docs-check: $(DEV)
	@$(BIN)/python -m flows.reference --check

bench: $(DEV) ## one table: comparing, each step of a night, landing, beside plain DuckDB (up to 5 million rows a domain)
	@$(BIN)/python tests/benchmarks

bench-matching: $(DEV) ## recognition at 10,000 and 100,000 rows beside Splink
	@PYTHONPATH=. $(BIN)/python tests/benchmarks/matching.py

bench-sets: $(DEV) ## how well likare match recognises, on drawn sets of many kinds and on labelled ones
	@PYTHONPATH=. $(BIN)/python tests/benchmarks/recognition.py

bench-site: $(DEV) ## time the site with 100,000 differences: built, first screen, explorer (needs a Chromium)
	@$(BIN)/python tests/benchmarks/site.py

pictures: $(DEV) ## pictures of every page of the published night (build/pictures) and the one of README (needs a Chromium)
	@$(BIN)/python tests/pictures.py --readme docs/img/dashboard.png

notebooks: $(DEV) ## write docs/notebooks.md: the notebooks run on a small sample, with tables and figures (needs a Chromium)
	@$(BIN)/python tests/notebooks_page.py

# For every platform and Python from 3.11 on. What is locked stays where it still fits.
COMPILE = $(BIN)/uv pip compile --universal --python-version 3.11 --fork-strategy fewest --generate-hashes --no-header \
	--quiet $(LOCK_OPTIONS)

lock: $(RUN) ## resolve pyproject.toml into both locks (needs a network; LOCK_OPTIONS=--upgrade for the newest)
	@mkdir -p build && cp requirements.lock requirements-dev.lock build
	@$(COMPILE) --output-file build/requirements.lock --group setup pyproject.toml
	@$(COMPILE) --output-file build/requirements-dev.lock --group dev --constraints build/requirements.lock
	@! grep -nE '[a-z]+://' build/requirements*.lock || { echo "make lock: a lock would name an address" >&2; exit 1; }
	@for lock in requirements.lock requirements-dev.lock; do \
		{ sed '/^[^#]/,$$d' $$lock; sed "s|-c build/|-c |" build/$$lock; } >build/whole.lock && mv build/whole.lock $$lock && \
		echo "$$lock: $$(grep -c '==' $$lock) packages"; done

browser: ## install a Chromium for the browser tests, where there is none (Debian and Ubuntu)
	@for b in chromium chromium-browser google-chrome; do \
		if command -v "$$b" >/dev/null 2>&1; then echo "browser: $$(command -v "$$b")"; exit 0; fi; done; \
	if ! command -v apt-get >/dev/null 2>&1; then \
		echo "browser: no Chromium found, and no apt-get to install one with; install Chromium by hand" >&2; exit 1; fi; \
	if [ "$$(id -u)" = 0 ]; then as=; elif sudo -n true 2>/dev/null; then as=sudo; else \
		echo "browser: no Chromium found; as root: apt-get install chromium" >&2; exit 1; fi; \
	$$as apt-get update -qq && DEBIAN_FRONTEND=noninteractive $$as apt-get install -y -qq --no-install-recommends chromium >/dev/null && \
	echo "browser: $$(command -v chromium)" || { echo "browser: apt-get could not install chromium; see above" >&2; exit 1; }

office: ## install LibreOffice for the tests that open workbooks with it, where there is none (Debian and Ubuntu)
	@if command -v soffice >/dev/null 2>&1; then echo "office: $$(command -v soffice)"; exit 0; fi; \
	if ! command -v apt-get >/dev/null 2>&1; then \
		echo "office: no LibreOffice found, and no apt-get to install one with; install LibreOffice Calc by hand" >&2; exit 1; fi; \
	if [ "$$(id -u)" = 0 ]; then as=; elif sudo -n true 2>/dev/null; then as=sudo; else \
		echo "office: no LibreOffice found; as root: apt-get install libreoffice-calc-nogui" >&2; exit 1; fi; \
	$$as apt-get update -qq && DEBIAN_FRONTEND=noninteractive $$as apt-get install -y -qq --no-install-recommends libreoffice-calc-nogui >/dev/null && \
	echo "office: $$(command -v soffice)" || { echo "office: apt-get could not install LibreOffice; see above" >&2; exit 1; }

schedule-server: $(RUN) ## a Prefect server on this machine (http://127.0.0.1:4200), until stopped
	@$(BIN)/likare schedule server

schedule-deploy: $(RUN) ## tell that server of the nightly run: 02:00 Europe/Stockholm
	@$(BIN)/likare schedule deploy

schedule-worker: $(RUN) ## a worker that carries the nights out, until stopped
	@$(BIN)/likare schedule worker

clean: ## remove what was built; data/ and its nights stay
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
