# Two commands matter: `make run` serves Guidepost, `make test` checks everything. Both need Python 3.11+ and make.

PYTHON ?= python3
BIN := .venv/bin
PIP := -m pip --quiet --disable-pip-version-check
export PIP_CONSTRAINT := $(CURDIR)/constraints.txt

.PHONY: run test lint types suite wheel eval clean

run: .venv/installed
	$(BIN)/guidepost up

test: lint types suite wheel

lint: .venv/tested
	$(BIN)/ruff format --check
	$(BIN)/ruff check

types: .venv/tested
	$(BIN)/mypy

suite: .venv/tested
	$(BIN)/pytest --cov --cov-report=term

# The same suite against what users install; pytest does not put this folder on the path, so `bench` is not there.
wheel: .venv/tested
	rm -rf dist .wheel
	$(BIN)/python -m build --wheel >/dev/null
	$(BIN)/python -m venv .wheel
	.wheel/bin/python $(PIP) install "$$(echo dist/*.whl)[test]"
	cd /tmp && $(CURDIR)/.wheel/bin/python -c "import kb; assert '/.wheel/' in kb.__file__"
	.wheel/bin/pytest -p no:cacheprovider --ignore tests/bench --ignore tests/test_evaluate.py

# How well guidance is found, filed and merged; `python -m bench.evaluate --help` says more.
eval: .venv/tested
	$(BIN)/python -m bench.evaluate

.venv/python:
	$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11) and 'Guidepost needs Python 3.11 or later')"
	$(PYTHON) -m venv .venv
	touch $@

.venv/installed: .venv/python pyproject.toml constraints.txt
	$(BIN)/python $(PIP) install --editable .
	touch $@

.venv/tested: .venv/installed
	$(BIN)/python $(PIP) install --editable ".[test]"
	touch $@

clean:
	rm -rf .venv .wheel dist
