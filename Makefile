# `make` alone explains itself. Needs Python 3.11 or newer; node, npm, PostgreSQL, Redis and a browser are brought.
# What is there already is not made again: stamps (.venv/.run, …) are older or newer than what they were made from.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

BIN := .venv/bin
# npm starts node by name, and so do the tests.
export PATH := $(CURDIR)/$(BIN):$(PATH)
export PYTHONUTF8 := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1

PIP := $(BIN)/python -m pip install --quiet --quiet --require-hashes
# Heavy parts that only some need; each is an extra of the package with a lock of its own.
EXTRAS := $(wildcard requirements/planner.txt)
# More for the command: make test ARGS="tests/events -k waiting", make bench ARGS=list
ARGS ?=
# Test processes side by side.
WORKERS ?= 3

ASSET_SOURCES := $(shell find assets -name node_modules -prune -o -type f -print 2>/dev/null)
# The style sheet keeps only what these use of KERN.
LOOK := $(wildcard nextevents/templates/*.html nextevents/templates/ui/*.html)
TRANSLATIONS := $(wildcard nextevents/translations/*/LC_MESSAGES/*.po)

##@ Use

.PHONY: help
help: ## This list
	@awk 'BEGIN { FS = ":.*## "; print "make …" } \
		/^##@/ { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))
	@printf '\n%s\n' 'Variables: PORT, HOST, NEXTEVENTS_DATA for run; ARGS, WORKERS for test; ARGS for bench; UPGRADE=1 for locks.'

.PHONY: run
run: install ## Everything on this machine, with demo data: prints the address
	@exec $(BIN)/nextevents run $(ARGS)

.PHONY: install
install: .venv/.package assets ## What `run` needs, without starting it

.PHONY: assets
assets: nextevents/static/manifest.json nextevents/translations/.compiled ## Style sheet, scripts, fonts and translations

##@ Check

.PHONY: test
test: .venv/.test .venv/.package assets ## All tests, on SQLite and PostgreSQL, with Redis, SMTP and a browser
	@$(BIN)/python -m tests.services.bring
	$(BIN)/pytest -n $(WORKERS) --dist worksteal $(ARGS)

.PHONY: lint
lint: .venv/.lint ## Style, types, and the order of floors
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

.PHONY: format
format: .venv/.lint ## Put style right where a program can
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

.PHONY: bench
bench: .venv/.test .venv/.package assets ## Measurements, beside do-nothing servers in the same run
	@$(BIN)/python -m tests.services.bring
	$(BIN)/python -m bench $(ARGS)

##@ Keep

.PHONY: translations
translations: .venv/.run ## Gather texts, bring the catalogues up to date, compile them
	$(BIN)/pybabel --quiet extract --mapping-file=pyproject.toml --keywords=lazy_gettext --add-location=file \
		--sort-by-file --width=120 --project=NExTevents --copyright-holder="NExT e. V." \
		--output-file=nextevents/translations/messages.pot nextevents
	$(BIN)/pybabel --quiet update --input-file=nextevents/translations/messages.pot --output-dir=nextevents/translations \
		--locale=en --init-missing --no-fuzzy-matching --ignore-pot-creation-date --ignore-obsolete --width=120
	$(BIN)/pybabel --quiet compile --directory=nextevents/translations

.PHONY: locks
locks: .venv/.lint ## Pin all requirements again; UPGRADE=1 takes the newest versions
	cd requirements && for name in run build test lint; do \
		CUSTOM_COMPILE_COMMAND="make locks" ../$(BIN)/pip-compile --quiet $(if $(UPGRADE),--upgrade) --generate-hashes \
			--no-emit-index-url --no-emit-find-links --strip-extras --allow-unsafe \
			--output-file="$$name.txt" "$$name.in"; \
	done

.PHONY: clean
clean: ## Away with everything that make made, the data in var/ too
	rm -rf .venv var build dist ./*.egg-info assets/node_modules nextevents/static nextevents/translations/.compiled
	rm -rf .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find nextevents tests bench migrations \( -name __pycache__ -o -name '*.mo' \) -prune -exec rm -rf {} + 2>/dev/null || true

# ── What the above is made of ────────────────────────────────────────────────────────────────────────────────────────

.venv/.made:
	@for python in $${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do \
		if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
			echo "Making .venv with $$("$$python" --version)"; "$$python" -m venv .venv && touch $@ && exit 0; exit 1; \
		fi; \
	done; echo "NExTevents needs Python 3.11 or newer: install it, or say where it is with make PYTHON=…" >&2; exit 1

.venv/.run: requirements/run.txt requirements/build.txt $(EXTRAS) | .venv/.made
	@echo "Installing what NExTevents needs"
	@$(PIP) $(foreach lock,$(filter %.txt,$^),-r $(lock))
	@touch $@

.venv/.test: requirements/test.txt .venv/.run
	@echo "Installing what the tests need"
	@$(PIP) -r $<
	@touch $@

.venv/.lint: requirements/lint.txt .venv/.test
	@echo "Installing what looks at the code"
	@$(PIP) -r $<
	@touch $@

.venv/.package: pyproject.toml requirements/run.in .venv/.run
	@$(BIN)/python -m pip install --quiet --quiet --no-deps --no-build-isolation --editable .
	@touch $@

assets/node_modules/.made: assets/package.json assets/package-lock.json .venv/.run
	@echo "Installing what the assets are built from"
	@cd assets && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null
	@touch $@

nextevents/static/manifest.json: $(ASSET_SOURCES) $(LOOK) assets/node_modules/.made
	@echo "Building the assets"
	@node assets/build.mjs
	@touch $@

nextevents/translations/.compiled: $(TRANSLATIONS) .venv/.run
	@$(if $(TRANSLATIONS),$(BIN)/pybabel --quiet compile --directory=nextevents/translations)
	@mkdir -p $(@D) && touch $@
