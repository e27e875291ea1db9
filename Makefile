# `make demo` and `make test` need Python 3.11 or newer and nothing else: they set up .venv
# themselves and never activate it.  The second run starts at once.

VENV := .venv
PYTHON ?= python3
WORKERS ?= 2
BIN := $(VENV)/bin
READY := $(VENV)/.ready
TEST_TARGETS := lint types floors tests mutants

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint types floors tests mutants bench format clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## make .venv with everything that the other targets need

$(BIN)/python:
	@for candidate in "$(PYTHON)" python3 python3.13 python3.12 python3.11 python3.14 python; do \
	    "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
	    echo "Setting up $(VENV) with $$("$$candidate" --version)"; \
	    "$$candidate" -m venv $(VENV) && exit 0; \
	    echo "That Python cannot make virtual environments." \
	        "On Debian and Ubuntu: apt install python3-venv" >&2; \
	    rm -rf $(VENV); exit 1; \
	done; \
	echo "torchtex needs Python 3.11 or newer, and none was found." \
	    "Name one: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)" >&2; \
	exit 1

$(READY): pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing torchtex and its tools into $(VENV), once (PyTorch is a large download) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check \
	    -c constraints.txt -e '.[dev]'
	@touch $@

demo: setup ## check an article against PyTorch, then its twin with planted errors
	@$(BIN)/python examples/demo.py

test: setup ## everything that must hold: linter, types, floors, tests, mutants
	@for target in $(TEST_TARGETS); do \
	    echo "== make $$target"; $(MAKE) --no-print-directory $$target || exit 1; \
	done

lint: setup ## ruff: rules and format
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: setup ## mypy, strict
	@$(BIN)/mypy

floors: setup ## which room may import which
	@$(BIN)/lint-imports --no-cache

# The full run of the mutants is left to `make mutants`, which prints its table.
tests: setup ## pytest; WORKERS=1 for one process
	@$(BIN)/python -m pytest -q -n $(WORKERS) \
	    --deselect tests/soundness/test_mutants.py::test_all_mutants

mutants: setup ## single edits of verified formulas: none may still be verified
	@$(BIN)/python -m tests.soundness

bench: setup ## how fast: verification, reading, start-up
	@$(BIN)/python benchmarks/verify_speed.py

format: setup ## let ruff rewrite the sources
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

clean: ## remove .venv and every cache
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
