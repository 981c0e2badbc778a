# `make help` lists what there is.
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
MLFLOW_PORT ?= 5000

export PATH := $(CURDIR)/$(BIN):$(PATH)
# Nothing here reports to anybody.
export DO_NOT_TRACK := 1
export MLFLOW_DISABLE_TELEMETRY := true
export HF_HUB_DISABLE_TELEMETRY := 1
export DVC_NO_ANALYTICS := 1

.DEFAULT_GOAL := help
FROM ?=

.PHONY: help env data repro repro-real test lint behaviour bench ui sync lock clean

help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "make %-10s %s\n", $$1, $$2}'

$(BIN)/.installed: pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "expected Python 3.11 or newer; found none; install it, or say make PYTHON=/path" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $@

env: $(BIN)/.installed ## make the environment in .venv

data: env ## fetch the versioned statements from the store inside the repository
	dvc pull --quiet $(addprefix data/statements/,composed.jsonl.dvc contrast.jsonl.dvc written.jsonl.dvc)

repro: data ## environment, data, the whole pipeline, the champion
	dvc repro
	statestance sync

repro-real: data ## the pipeline on composed and real text; FROM=folder for reports that are on this machine
	$(if $(FROM),,dvc pull --quiet data/upr/reports.dvc)
	statestance data upr $(if $(FROM),--from $(FROM))
	# With no target DVC would ask the network too whether the imported reports have changed.
	dvc exp run --name real -S 'prepare.sources=[composed,contrast,upr]' select
	statestance sync

lint: env ## style, types, the arrows between modules
	ruff check .
	ruff format --check .
	mypy
	lint-imports

test: lint ## everything that CI checks, the slow and browser tests too
	python -m pytest -m ""

behaviour: env ## what the champion must never get wrong, with a table of pass rates
	STATESTANCE_BEHAVIOUR_REPORT=build/behaviour.md python -m pytest tests/behaviour -m ""

bench: data ## all benchmarks, one table in build/bench.md (about an hour); QUICK=1 tries them, FOLDER=../reports for real reports
	python benchmarks/run.py $(if $(FOLDER),--folder $(FOLDER)) $(if $(QUICK),--quick)

ui: env ## open the MLflow UI on the runs of this project
	statestance sync
	mlflow ui --backend-store-uri sqlite:///mlflow.db --port $(MLFLOW_PORT)

sync: env ## write again the MLflow runs that are missing
	statestance sync

lock: env ## write constraints.txt anew from what is installed
	$(BIN)/python -m pip freeze --exclude-editable | sed -E 's/\+[A-Za-z0-9.]+$$//' > constraints.txt

clean: ## remove what the pipeline built (not the DVC cache, not MLflow's store)
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
