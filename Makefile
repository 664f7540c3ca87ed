# `make run` and `make test` are all a new machine needs, with Python 3.11 or newer and make. They build .venv from
# requirements.lock once; after that nothing here needs a network.

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$p" && break; done)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/installed
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

# The environment holds exactly the lock. It is built anew when the lock's content changes, not when its date does.
$(STAMP): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "likare: Python 3.11 or newer is needed and was not found; install it or run make PYTHON=/path/to/python3" >&2; exit 1; }
	@if ! cmp -s requirements.lock $(VENV)/requirements.lock; then \
		echo "Installing $$(grep -c '==' requirements.lock) packages into $(VENV), once; this takes a minute or two ..."; \
		$(PYTHON) -m venv --clear $(VENV) && \
		$(BIN)/python -m pip install --disable-pip-version-check -qq --no-deps --require-hashes -r requirements.lock && \
		cp requirements.lock $(VENV)/requirements.lock; \
	fi
	@$(BIN)/python -m pip install --disable-pip-version-check -qq --no-index --no-deps --no-build-isolation --editable .
	@touch $@

install: $(STAMP) ## make .venv from requirements.lock, if it is not up to date

run: $(STAMP) ## make the sample, run its nights, publish, say what was found (SCALE=demo|small|large NIGHTS=3)
	@$(BIN)/likare sample --scale $(SCALE) --nights $(NIGHTS) --if-empty
	@$(BIN)/likare run

# By file, since the fixtures of a file are costly to make twice; in order, which begins with the longest files.
test: $(STAMP) ## every test, on all processors (TESTS="tests/unit -k name" for some, JOBS=1 for one at a time)
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder $(TESTS)

kill-test: $(STAMP) ## kill the night at 200 random moments, fill the disk, kill a compaction: each run ends as an undisturbed one
	@$(BIN)/python -m pytest -m slow tests/integration/test_kill.py

story: $(STAMP) ## the register over six years of two real builds (needs ../shared/data, some minutes)
	@$(BIN)/python -m pytest -q -rP -m slow tests/integration/test_real_register.py

worklist-pictures: $(STAMP) ## the worklist of the published night as pictures in build/worklist (needs LibreOffice and poppler-utils)
	@command -v soffice >/dev/null && command -v pdftoppm >/dev/null || { echo "worklist-pictures: soffice (make office) and pdftoppm (poppler-utils) are needed" >&2; exit 1; }
	@mkdir -p build/worklist && rm -f build/worklist/*.png
	@$(BIN)/likare worklist export build/worklist/arbetslista.xlsx
	@soffice --headless --convert-to pdf --outdir build/worklist build/worklist/arbetslista.xlsx >/dev/null
	@pdftoppm -r 110 -l 8 -png build/worklist/arbetslista.pdf build/worklist/sida
	@echo "the first eight pages: build/worklist/sida-*.png"

check: $(STAMP) docs-check ## style, types, import rules, generated pages up to date
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(STAMP) ## rewrite the code in the project's style
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

docs: $(STAMP) ## write the generated pages of docs/
	@$(BIN)/python -m flows.reference

docs-check: $(STAMP)
	@$(BIN)/python -m flows.reference --check

bench: $(STAMP) ## time the comparison, each step at three scales, and the landing alone, beside plain DuckDB
	@PYTHONPATH=. $(BIN)/python tests/benchmarks/compare.py
	@$(BIN)/python tests/benchmarks/night.py
	@$(BIN)/python tests/benchmarks/landing.py

bench-matching: $(STAMP) ## recognition at 10,000 and 100,000 rows beside Splink
	@PYTHONPATH=. $(BIN)/python tests/benchmarks/matching.py

bench-sets: $(STAMP) ## how well likare match recognises, on drawn sets of many kinds and on labelled ones
	@PYTHONPATH=. $(BIN)/python tests/benchmarks/recognition.py

bench-site: $(STAMP) ## time the site with 100,000 differences: built, first screen, explorer (needs a Chromium)
	@$(BIN)/python tests/benchmarks/site.py

pictures: $(STAMP) ## pictures of every page of the published night (build/pictures) and the one of README (needs a Chromium)
	@$(BIN)/python tests/pictures.py --readme docs/img/dashboard.png

notebooks: $(STAMP) ## write docs/notebooks.md: the notebooks run on a small sample, with tables and figures (needs a Chromium)
	@$(BIN)/python tests/notebooks_page.py

# uv resolves for every platform and Python from 3.11 on; pip installs. uv lives in an environment of its own.
lock: ## resolve pyproject.toml anew into requirements.lock (needs a network)
	@test -x build/uv/bin/uv || { $(PYTHON) -m venv build/uv && build/uv/bin/python -m pip install -qq uv; }
	@build/uv/bin/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --fork-strategy fewest \
		--generate-hashes --no-header --quiet $(LOCK_OPTIONS) --output-file build/resolved.txt
	@{ sed '/^[^#]/,$$d' requirements.lock | sed '/^$$/d'; cat build/resolved.txt; } >build/requirements.lock
	@! grep -nE '[a-z]+://' build/requirements.lock || { echo "make lock: the lock would name an address" >&2; exit 1; }
	@mv build/requirements.lock requirements.lock
	@echo "requirements.lock: $$(grep -c '==' requirements.lock) packages"

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

schedule-server: $(STAMP) ## a Prefect server on this machine (http://127.0.0.1:4200), until stopped
	@$(BIN)/likare schedule server

schedule-deploy: $(STAMP) ## tell that server of the nightly run: 02:00 Europe/Stockholm
	@$(BIN)/likare schedule deploy

schedule-worker: $(STAMP) ## a worker that carries the nights out, until stopped
	@$(BIN)/likare schedule worker

clean: ## remove what was built; data/ and its nights stay
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
