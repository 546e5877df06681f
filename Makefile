# Everything runs in .venv, made from the pinned versions in constraints.txt.
PYTHON ?= python3
BIN := .venv/bin
export DAGSTER_HOME := $(CURDIR)
# Every program starts quicker where an earlier one left compiled modules.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo dev test test-long bench bench-large lint setup clean

setup: .venv/installed

.venv/installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(None if (3, 11) <= sys.version_info[:2] < (3, 14) else "Python 3.11 to 3.13 is needed; name one with: make PYTHON=python3.12")'
	@test -x $(BIN)/python || { echo "Creating .venv ..."; $(PYTHON) -m venv .venv; }
	@echo "Installing the pinned packages (a minute or two the first time) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

demo: setup
	@$(BIN)/customer-analytics demo

dev: setup
	@$(BIN)/dagster dev --host 127.0.0.1 --port 3000

test: setup
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/dg check defs
	@$(BIN)/pytest

# What takes too long for every day: 100,000 generated files, a fuzzer, a million planted defects, hundreds of kills.
test-long: setup
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev,long]'
	@$(BIN)/pytest -m long --dist load
	@KILLS=300 $(BIN)/pytest -m "" -k kill

# Ratios to DuckDB, Dagster and other tools, beside the stored ones; large with tools that are installed first.
bench: setup
	@$(BIN)/python -m benchmarks.speed

bench-large: setup
	@$(BIN)/python -m benchmarks.speed --large

lint: setup
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

clean:
	rm -rf .venv
