# Everything runs from the project's own .venv; `make install` is a no-op when nothing changed.
PYTHON ?= python3
BIN := .venv/bin
export OMS_HOME ?= $(CURDIR)/data/home
export DO_NOT_TRACK := 1

.PHONY: help install demo test crash fuzz lint bench tower api dagster lock pictures clean
.DEFAULT_GOAL := help

help:  ## what there is
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

install: .venv/.installed  ## own .venv with the locked dependencies and the project itself
.venv/.installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info < (3, 14) else "Python 3.11 to 3.13 is needed, this is " + sys.version.split()[0] + ": run make PYTHON=python3.12 install")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

demo: install  ## the demo days in a fresh home, and what happened
	$(BIN)/oms demo

test: install  ## the whole test suite (what CI runs), a file at a time on each of two cores
	$(BIN)/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS)

crash: install  ## killed at each boundary and at twenty random moments, full disk, two cycles, Dagster beside
	OMS_CRASH_MOMENTS=20 $(BIN)/python -m pytest -q tests/crash

fuzz: install  ## property tests with new examples each time (the suite repeats its own)
	$(BIN)/python -m pytest -q --hypothesis-profile=default tests/domain tests/screening tests/inventory tests/sourcing $(PYTEST_ARGS)

lint: install  ## ruff, mypy on the pure packages, sqlfluff
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/sqlfluff lint --processes 2 dbt_project

bench: install  ## speed and memory, printed
	$(BIN)/python -m tests.bench

tower: install  ## control tower on 127.0.0.1:8501
	$(BIN)/streamlit run apps/streamlit/serve.py

api: install  ## webhooks and order status on 127.0.0.1:8400
	$(BIN)/oms init --if-missing
	$(BIN)/python apps/api/serve.py

dagster: install  ## Dagster UI on 127.0.0.1:3000, schedules and sensors on
	$(BIN)/oms init --if-missing
	DAGSTER_HOME=$(OMS_HOME)/dagster $(BIN)/dagster dev -w workspace.yaml -h 127.0.0.1 -p 3000

lock:  ## resolve pyproject.toml into requirements.lock
	$(BIN)/uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -o requirements.lock

pictures: install  ## the README's pictures, from the demo home
	$(BIN)/python docs/pictures/make.py

clean:  ## removes .venv and caches, never a home
	rm -rf .venv .pytest_cache .ruff_cache .mypy_cache dbt_project/target
