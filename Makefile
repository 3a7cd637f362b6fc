# The two commands to know: `make run` and `make test`. `make help` lists the rest.
PORT ?= 8000
TRAINER_HOME ?= instance
PYTHON ?= python3
JOBS ?= 2
BIN := .venv/bin
export TRAINER_HOME

.DEFAULT_GOAL := help
.PHONY: help setup run check test bench pins migrate content

help: ## list what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

.venv/.runtime: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Telltale needs Python 3.11 or newer: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)"; exit 1; }
	@test -x $(BIN)/pip || $(PYTHON) -m venv .venv \
		|| { echo "Could not make .venv. On Debian: apt-get install python3-venv"; exit 1; }
	@echo "Installing what Telltale needs (once; a few minutes on a slow line) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/.kernels: .venv/.runtime $(wildcard trainer/imaging/simulator/kernels/*.py)
	@echo "Compiling the simulator's kernels (once) ..."
	@$(BIN)/python -c "from trainer.imaging.simulator.warm import warm; warm()"
	@touch $@

.venv/.dev: requirements-dev.txt .venv/.runtime
	@echo "Installing what the tests need ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

setup: .venv/.runtime .venv/.kernels ## make .venv and install the pinned requirements

run: setup ## set up everything and serve on http://127.0.0.1:8000 (PORT=, TRAINER_HOME=)
	@PORT=$(PORT) $(BIN)/python -m trainer.cli.run

check: .venv/.dev ## format, lint, types, import contracts, content rules
	@$(BIN)/ruff format --check . && $(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/flask --app wsgi content check

test: .venv/.dev .venv/.kernels ## every test: pure, database, browser (ARGS= goes to pytest, JOBS= processes)
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadfile $(ARGS)

bench: .venv/.dev .venv/.kernels ## measure, in one run, as ratios
	@$(BIN)/python -m benchmarks $(ARGS)

pins: .venv/.dev ## write the pinned requirements anew from the .in files
	@$(BIN)/uv pip compile -q --no-emit-index-url --no-emit-find-links --python-version 3.11 requirements.in -o requirements.txt
	@$(BIN)/uv pip compile -q --no-emit-index-url --no-emit-find-links --python-version 3.11 requirements-dev.in -o requirements-dev.txt

migrate: setup ## bring the database to the newest schema
	@$(BIN)/flask --app wsgi db upgrade

content: setup ## check and publish the curricula
	@$(BIN)/flask --app wsgi content publish
