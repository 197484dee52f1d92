# One verb a job; `make` alone lists them.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
STUDY  ?= data/sample

# One thread a process: the batch runs regions side by side, and sums must not depend on the number of cores.
export OMP_NUM_THREADS ?= 1
export OPENBLAS_NUM_THREADS ?= 1
export PYTHONHASHSEED ?= 0
export PYTHONUTF8 ?= 1

.DEFAULT_GOAL := help
.PHONY: help setup reports pdf browser pictures test lint lab docs hooks notebooks bench harden calibration dictionary sbom licences audit clean lock

help: ## list the verbs
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

setup: $(READY) ## make the environment from the locked requirements (or reuse it)

$(READY): requirements/lock.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || \
	  { echo "Perlu Python 3.11-3.13 / Python 3.11 to 3.13 is needed: make PYTHON=python3.12 ..."; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/lock.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

reports: setup ## publish the reports of the sample study (or STUDY=folder) into reports/latest/
	$(BIN)/pembinaan run $(STUDY)

browser: ## install the browser and the page checkers that some tests need (Debian as root or with sudo; npm)
	@bash tools/browser.sh

pdf: setup ## the same with a PDF summary of each region, where there is Chromium, Chrome or Edge
	$(BIN)/pembinaan run $(STUDY) --pdf

pictures: setup ## draw docs/pictures/ anew from reports/latest/ (or RELEASE=folder)
	$(BIN)/python tools/pictures.py "$(RELEASE)"

test: setup ## run all tests, the notebooks' outputs included
	$(BIN)/python -m pytest tests notebooks --nbval --nbval-cell-timeout 300 -m "not nightly" -n 2 --dist loadfile

lint: setup ## check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

lab: setup ## open JupyterLab on the notebooks
	$(BIN)/pembinaan lab

docs: setup ## build the documentation site into build/docs/ (no internet needed)
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --quiet
	@echo build/docs/index.html

hooks: setup ## check style, types and notebooks before each commit; show changes of notebooks by cell
	$(BIN)/pre-commit install
	$(BIN)/nbdime config-git --enable

notebooks: setup ## run the committed notebooks anew, after a change of code or sample
	$(BIN)/python -m analysis.batch.refresh

bench: setup ## measure estimators, large files and the batch of 552 regions (needs requirements/bench.txt; about an hour)
	$(BIN)/python benchmarks/estimators.py
	$(BIN)/python benchmarks/streaming.py
	$(BIN)/python -m benchmarks.batch
	$(BIN)/python -m benchmarks.batch.whole
	$(BIN)/python -m benchmarks.batch.chart

harden: setup ## try to break it and write docs/reliability.md: leaks, hostile texts, faults (LONG=1: a night)
	$(BIN)/python -m benchmarks.harden $(if $(LONG),--long)

calibration: setup ## size of tests and coverage of intervals by number of clusters, by simulation (about half an hour)
	$(BIN)/python -m benchmarks.calibration

dictionary: setup ## write data/README.md anew, after a change of the catalog
	$(BIN)/python -m analysis.dictionary

sbom: setup ## list every locked package with its hashes (CycloneDX) in build/sbom.json
	$(BIN)/python tools/supply_chain.py sbom build/sbom.json

licences: setup ## refuse packages whose licence binds those who import them
	$(BIN)/python tools/supply_chain.py licences

audit: setup ## ask the advisory service about every locked package (needs the internet; no answer is a failure)
	$(BIN)/python tools/supply_chain.py audit

lock: ## resolve the requirements anew (needs uv)
	uv pip compile --universal --python-version 3.11 --fork-strategy fewest --generate-hashes --no-emit-index-url \
	  --no-annotate --no-header --extra dev -o requirements/lock.txt pyproject.toml
	uv pip compile --universal --python-version 3.11 --fork-strategy fewest --generate-hashes --no-emit-index-url \
	  --no-annotate --no-header --extra dev --extra bench -o requirements/bench.txt pyproject.toml

clean: ## remove the environment, caches and stored studies (releases are kept)
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis build src/*.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	find data -name .pembinaan -type d -prune -exec rm -rf {} +
