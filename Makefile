# Needs Python >= 3.11 and make; everything else comes with the first target that needs it.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/ready
# For demo, up, run, bench and soak: make demo ARGS="--people 50 --json"
ARGS ?=
# Whoever starts is compiled once, even where the environment asks for no bytecode: a process starts in half the time.
export PYTHONDONTWRITEBYTECODE =
# Tests wait for servers more than they compute, so three workers suit two cores.
WORKERS ?= 3

# The suites that `make quick` reads: those of tests/conftest.py.
PURE := tests/policy tests/wording tests/understanding tests/planning

# What is spelled as in the US; tests misspell on purpose.
PROSE := services schemas scripts docs $(wildcard *.md)

.DEFAULT_GOAL := help
.PHONY: help demo up run kafka browser promtool pictures bench bench-deep faults soak quick test test-slow coverage check format sbom scan

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

browser: $(READY) ## a Chromium for the tests that open pages: Debian's, through apt; says so where it cannot
	@$(BIN)/python scripts/get_browser.py

promtool: $(READY) ## Prometheus's promtool for the tests of the alert rules: out of Debian's package
	@$(BIN)/python scripts/get_promtool.py

pictures: $(READY) ## every page that people open, small and wide, by day and night; writes pictures-out/
	@$(BIN)/python scripts/draw_pages.py $(ARGS)

bench: $(READY) ## how fast, each figure beside a floor measured in the same run; writes bench-out/
	@$(BIN)/python -m bench $(ARGS)

bench-deep: $(READY) ## the same with five million touches planned and a million dead tuples; an hour
	@$(BIN)/python -m bench --deep $(ARGS)

faults: $(READY) ## plant faults one at a time, in a copy, and show that the tests catch each
	@$(BIN)/python scripts/plant_faults.py $(ARGS)

soak: $(READY) ## kill -9 of every role and server under load, judged from outside: ARGS="--runs 20 --seed 1"
	@$(BIN)/python -m tests.soak $(ARGS)

quick: $(READY) ## what decides and says, without a server: policy, wording, understanding, planning; seconds
	@$(BIN)/pytest -q -n 2 -m "pure and not slow" $(PURE) $(ARGS)

test: check fetched ## everything that is checked but what is slow: check, and tests on real PostgreSQL and Kafka
	@$(BIN)/pytest -q -n $(WORKERS) -m "not slow" $(ARGS)

test-slow: $(READY) fetched ## what is slow: a whole system twice, more runs under kill -9
	@# 5 says that nothing was chosen, as where ARGS names a suite that has nothing slow.
	@$(BIN)/pytest -q -n $(WORKERS) -m slow $(ARGS) || [ $$? -eq 5 ]

coverage: $(READY) fetched ## which lines the tests run; fails where a room that decides has too many that none does
	@$(BIN)/python scripts/measure_coverage.py $(ARGS)

check: $(READY) ## lint, formatting, types, import contracts, spelling
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet . || { echo "not formatted: make format"; false; }
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/codespell $(PROSE)

format: $(READY) ## format the code, and mend what the linter can mend
	@$(BIN)/ruff check --quiet --fix-only .
	@$(BIN)/ruff format --quiet .

sbom: $(READY) ## what the product consists of (CycloneDX) and its licenses, with their texts; writes sbom-out/
	@$(BIN)/python scripts/write_sbom.py $(ARGS)

# Asks the registry about each package that is installed with the product; its tools have an environment of their own.
# --strict: a package of which nothing could be learned is no package without a weakness.
scan: ## whether a weakness is known of a package that the product is installed with
	@[ -d .local/scan ] || $(PYTHON) -m venv .local/scan
	@.local/scan/bin/pip install --quiet --disable-pip-version-check --require-hashes -r deploy/scan.lock
	@.local/scan/bin/pip-audit --strict --require-hashes --disable-pip -r requirements.lock $(ARGS)

# Before there are workers who would all want it at once. Where it cannot be had, the tests say so.
.PHONY: fetched
fetched: $(READY)
	@[ -n "$$KAFKA_BOOTSTRAP_SERVERS" ] || $(BIN)/python -m foundation.local fetch || true

$(READY): requirements-dev.lock pyproject.toml scripts/set_up.py
	@$(PYTHON) scripts/set_up.py
	@touch $@
