# Needs Python >= 3.11 and make; everything else comes with the first target that needs it.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/ready
# For demo, up, run, bench and soak: make demo ARGS="--people 50 --json"
ARGS ?=
# Tests wait for servers more than they compute, so three workers suit two cores.
WORKERS ?= 3

.DEFAULT_GOAL := help
.PHONY: help demo up run kafka bench bench-deep faults soak test check format

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile

demo: $(READY) ## a fictional agency's weeks in one minute, on an embedded PostgreSQL; messages in demo-out/
	@$(BIN)/outreach demo $(ARGS)

up: $(READY) ## the whole system on this machine: Kafka, PostgreSQL, both services, the vendors simulated
	@$(BIN)/python -m scripts.up $(ARGS)

run: $(READY) ## all roles in one process, against the servers that OUTREACH_* names
	@$(BIN)/outreach run $(ARGS)

kafka: $(READY) ## a local Apache Kafka on 127.0.0.1:9092, its data in .local/
	@$(BIN)/python -m foundation.local kafka --home .local/kafka --port 9092

bench: $(READY) ## how fast, each figure beside a floor measured in the same run; writes bench-out/
	@$(BIN)/python -m bench $(ARGS)

bench-deep: $(READY) ## the same with five million touches planned and a million dead tuples; an hour
	@$(BIN)/python -m bench --deep $(ARGS)

faults: $(READY) ## plant faults one at a time, in a copy, and show that the tests catch each
	@$(BIN)/python scripts/plant_faults.py $(ARGS)

soak: $(READY) ## kill -9 of every role and server under load, judged from outside: ARGS="--runs 20 --seed 1"
	@$(BIN)/python -m tests.soak $(ARGS)

test: check ## everything that is checked: check, and all tests on real PostgreSQL and Kafka
	@# Before there are workers who would all want it at once. Where it cannot be had, the tests say so.
	@[ -n "$$KAFKA_BOOTSTRAP_SERVERS" ] || $(BIN)/python -m foundation.local fetch || true
	@$(BIN)/pytest -q -n $(WORKERS) $(ARGS)

check: $(READY) ## lint, formatting, types, import contracts
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet . || { echo "not formatted: make format"; false; }
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports --no-logo

format: $(READY) ## format the code, and mend what the linter can mend
	@$(BIN)/ruff check --quiet --fix-only .
	@$(BIN)/ruff format --quiet .

$(READY): requirements-dev.lock pyproject.toml scripts/set_up.py
	@$(PYTHON) scripts/set_up.py
	@touch $@
