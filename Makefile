# `make help` lists what there is. Everything runs in .venv, installed from the hash-pinned locks.
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
SYNC := $(BIN)/uv pip sync --quiet --system-certs --compile-bytecode --require-hashes --python $(BIN)/python
EDITABLE := $(BIN)/uv pip install --quiet --offline --no-deps --no-build-isolation --python $(BIN)/python --editable .
STORES := $(BIN)/python -m gateway.embedded.packaged
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --system-certs

.PHONY: help run test test-pythons crash fuzz check format bench soak lock clean

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile

run: .venv/.run ## Start everything on 127.0.0.1:8000, with demo data
	@exec $(BIN)/profile-gateway run

test: .venv/.dev ## Run every test, from nothing, in under four minutes
	$(BIN)/pytest -n auto --dist worksteal

test-pythons: ## Run `make run` and `make test` in a fresh clone with each Python that is found
	@tests/pythons.sh

crash: .venv/.dev ## Kill gateway and store ten times each under edits and ingestion
	$(BIN)/pytest tests/gateway/test_crashes.py --crash-rounds 10 --timeout 1800

fuzz: .venv/.dev ## Send random input to every mutation, and random operations to both executors, at length
	$(BIN)/pytest tests/graphql/test_mutation_fuzz.py tests/compiler --fuzz-examples 300 --timeout 7200

check: .venv/.dev ## Format, lint, types, import rules, the schema file and what changed since its release
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/profile-gateway schema | diff schema.graphql - || (echo "schema.graphql is stale: make format"; exit 1)
	$(BIN)/python -m gateway.cli.schema_policy docs/released/schema.graphql schema.graphql CHANGELOG.md

format: .venv/.dev ## Format the code and write schema.graphql
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/profile-gateway schema > schema.graphql

bench: .venv/.dev ## Measure ingestion, stores, live feeds, and queries beside other GraphQL servers
	$(BIN)/python bench/ingest.py
	$(BIN)/python -m bench.stores
	$(BIN)/python bench/live.py
	$(BIN)/python -m bench.peers

soak: .venv/.dev ## Follow live feeds for ten minutes while everything goes wrong
	$(BIN)/python -m bench.soak

lock: .venv/bin/uv ## Pin the newest allowed versions into requirements/
	$(LOCK) requirements/uv.in -o requirements/uv.lock
	$(LOCK) pyproject.toml requirements/build.in --extra embedded --extra graphiql --extra otel -o requirements/run.lock
	$(LOCK) pyproject.toml requirements/build.in --all-extras --constraint requirements/run.lock -o requirements/dev.lock
	$(LOCK) requirements/clients.in -o requirements/clients.lock
	$(LOCK) requirements/generators.in -o requirements/generators.lock

clean: ## Remove .venv and caches; the data stays
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

.venv/bin/uv: requirements/uv.lock
	@echo "Making .venv ..."
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements/uv.lock
	@touch $@

.venv/.run: .venv/bin/uv requirements/run.lock pyproject.toml gateway/embedded/packaged.py
	@echo "Installing from requirements/run.lock ..."
	@test -e .venv/.dev || $(SYNC) requirements/run.lock
	@$(EDITABLE)
	@$(STORES)
	@touch $@

.venv/.dev: .venv/bin/uv requirements/dev.lock pyproject.toml gateway/embedded/packaged.py
	@echo "Installing from requirements/dev.lock ..."
	@$(SYNC) requirements/dev.lock
	@$(EDITABLE)
	@$(STORES)
	@touch $@ .venv/.run
