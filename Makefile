# What one can do here. Everything is installed into .venv; nothing else is touched.
PYTHON ?= python3
BIN := .venv/bin
# Compiled modules are kept: without them each command starts seconds later.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help demo months notices pictures bench setup quick test lint format histories requirements clean

help:            ## list these commands
	@grep -E '^[a-z]+: .*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1	/' | expand -t 22

PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

# What it takes to run the system.
.venv/runs: requirements/run.txt requirements/build.txt pyproject.toml
	@echo "Installing into .venv; this takes some minutes the first time."
	@$(PYTHON) -m venv .venv
	@$(PIP) --require-hashes -r requirements/run.txt -r requirements/build.txt
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

# What it takes to change it: tests and checks, too.
.venv/installed: .venv/runs requirements/dev.txt
	@$(PIP) --require-hashes -r requirements/dev.txt
	@touch $@

setup: .venv/runs ## install into .venv; from then on .venv/bin/dunning works

demo: .venv/runs ## everything with sample orders in every stage; prints what to open and to try
	@$(BIN)/dunning up --sample --data demo-data

months: .venv/runs ## forty orders through seven months in seconds; the outcome is in demo-out/
	@rm -rf demo-out && mkdir demo-out
	$(BIN)/dunning simulate simulation/samples/forty_orders.jsonl --timeline --out demo-out/events.jsonl --mail demo-out/mail
	@echo "Every event is in demo-out/events.jsonl, every mail in demo-out/mail/."

notices: .venv/installed ## every mail and letter in every language, as files and pictures in notices-out/
	@$(BIN)/python -m gallery
	@test ! -f notices-out/contact.png || cp notices-out/contact.png docs/notices.png

pictures: .venv/installed ## the pictures of the console in the README; needs Chromium
	@$(BIN)/python -m tests.browser.pictures

bench: .venv/installed ## figures: until it is ready, orders, lists, console, mails, summaries, statements
	$(BIN)/python -m bench.running
	$(BIN)/python -m bench.load
	$(BIN)/python -m bench.orders
	$(BIN)/python -m bench.lists
	$(BIN)/python -m bench.console
	$(BIN)/python -m bench.mails
	$(BIN)/python -m bench.summaries
	$(BIN)/python -m bench.statements camt
	$(BIN)/python -m bench.statements mt940
	$(BIN)/python -m bench.statements growth
	$(BIN)/python -m bench.statement_imports camt
	$(BIN)/python -m bench.statement_imports mt940

quick: .venv/installed ## run the tests that need no server: rules, input, rows, settings, documents
	$(BIN)/python -m pytest -q -n 2 --dist worksteal --durations 5 tests/rules tests/rows tests/docs tests/gallery tests/runtime/test_settings.py tests/starter/input

test: .venv/installed ## run all the tests on SQLite, and what may differ there on PostgreSQL, too
	$(BIN)/python -m pytest -q -n 3 --dist worksteal --durations 15 --postgresql

lint: .venv/installed ## ruff, mypy --strict, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/installed ## put the code into the house format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

histories: .venv/installed ## record the histories that the tests replay, on purpose
	$(BIN)/python -m tests.histories.record

requirements:    ## pin the dependencies of pyproject.toml again, with their hashes
	uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header --quiet --upgrade --output-file requirements/run.txt
	uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-header --quiet --upgrade --output-file requirements/dev.txt
	echo hatchling | uv pip compile - --constraint requirements/dev.txt --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet --upgrade --output-file requirements/build.txt

clean:           ## remove what was installed
	rm -rf .venv
