# make demo: everything on this machine, with a small production system to look after. make help says the rest.
PYTHON ?= python3
# The installer is pinned by the lock like everything else.
UV := $(shell sed -nE 's/^(uv==[0-9.]+).*/\1/p' requirements.lock)
BIN := .venv/bin
DEMO_HOME := $(or $(UPKEEP_DEMO_HOME),.demo)

.PHONY: help demo test lint style types doctor score kill-matrix lock clean
.DEFAULT_GOAL := help

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

demo: .venv/.ready ## start everything, run the programme, show what it found; ends with Ctrl-C
	@$(BIN)/python -m upkeep.demo $(DEMO)

test: .venv/.ready ## every test, on real PostgreSQL
	@$(BIN)/pytest --numprocesses auto --dist loadfile --no-loadscope-reorder

lint: .venv/.ready ## format, lint, types, layers
	@$(MAKE) --no-print-directory --jobs=2 --output-sync types style

style: .venv/.ready
	@$(BIN)/ruff format --check . && $(BIN)/ruff check . && $(BIN)/lint-imports

types: .venv/.ready
	@$(BIN)/mypy

doctor: .venv/.ready ## can every target be asked; what is missing. DEMO=1: the targets of the running demo
	@$(if $(DEMO),test -e $(DEMO_HOME)/environment || { echo "no demo was started here yet: make demo"; exit 2; }; . $(DEMO_HOME)/environment;) $(BIN)/upkeep doctor

score: .venv/.ready ## plant every known fault on a scratch server; caught and false alarms per check. ALL=1: on each PostgreSQL here; WRITE=1: docs/score.md
	@$(BIN)/python -m tests.score $(if $(ALL),--all) $(if $(WRITE),--all --write)

kill-matrix: .venv/.ready ## kill each job at every point by every fault, rerun, look whether it healed
	@$(BIN)/python -m tests.kill.matrix
	@$(BIN)/python -m tests.kill.maintenance
	@$(BIN)/python -m tests.kill.archive
	@$(BIN)/python -m tests.kill.drills
	@$(BIN)/python -m tests.kill.costs
	@$(BIN)/python -m tests.kill.rotation
	@$(BIN)/python -m tests.kill.small

lock: .venv/.ready ## refresh requirements.lock and the part of it that runs (newest versions, with hashes)
	@$(BIN)/uv pip compile --upgrade --universal --python-version 3.11 --generate-hashes --no-header --all-extras \
		pyproject.toml --output-file requirements.lock
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --extra airflow --extra celery \
		--constraint requirements.lock pyproject.toml --output-file requirements.run.lock

clean: ## remove the demo's data, the virtual environment and caches
	@if [ -e .demo/state.json ] && [ -x $(BIN)/python ]; then $(BIN)/python -m upkeep.demo --clean; fi
	@rm -rf .demo .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache include/*.egg-info

# Made again only when the lock or the project's own file changes; a half-made one is finished by the next call.
.venv/.ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Upkeep needs Python 3.11 or newer; set PYTHON=…"; exit 1; }
	@echo "Making .venv from requirements.lock (about 700 MB once)"
	@test -x $(BIN)/pip || $(PYTHON) -m venv --clear .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check $(UV)
	@$(BIN)/uv pip sync --quiet --python $(BIN)/python --compile-bytecode --require-hashes requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	@touch $@
