# HydroML session service. Needs one Python from 3.11 to 3.14 with pip, and nothing else.

# A name prints itself if that Python can make an environment: a shim may be found and not work.
FIRST_OF = for python in $(1); do "$$python" -c 'import sys, venv, ensurepip; \
	sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' 2>/dev/null && echo "$$python" && break; done

# `make test PYTHON=python3.13` uses that Python, in an environment of its own. Otherwise it is 3.11
# where there is one, since all figures in docs/ were measured with it.
ifeq ($(origin PYTHON), command line)
VENV := .venv-$(notdir $(PYTHON))
else
PYTHON := $(shell $(call FIRST_OF,python3.11 python3 python3.12 python3.13 python3.14 \
	/usr/local/bin/python3.11 /usr/bin/python3))
VENV := .venv
endif
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip -qq --disable-pip-version-check

# What checks the front end, and what its tests need. The service needs no Node.
NODE_MODULES := node_modules/.installed

# With it, each of the many processes that the tests start would compile all modules anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help run migrate serve test test-newest test-pooled explore lint bench bench-quick bench-load \
	bench-browser screenshots crash attacks load upgrade mutation wheels installed
help:
	@echo "make run    the service with a demo user and real data, on 127.0.0.1:$${PORT:-8000}"
	@echo "make test   the whole test suite, with coverage"
	@echo "make test-newest  the unit tests on the newest Python that is here"
	@echo "make test-pooled  the suite behind PgBouncer in transaction mode (Debian's pgbouncer)"
	@echo "make explore  property tests and Schemathesis with new random examples, ROUNDS (10) times"
	@echo "make lint   style, types, architecture and migrations (the front end too, with Node)"
	@echo "make bench  measure, and write docs/performance.md with its plots (30 minutes)"
	@echo "make bench-quick  measure the smaller datasets, and name what got worse (4 minutes)"
	@echo "make bench-load  16 clients on the real server for MINUTES (10), and write docs/performance.md"
	@echo "make bench-browser  measure the studio in Chromium, and write docs/performance.md (BENCH=\"--turns 100\")"
	@echo "make screenshots  every page, dialog and notice as a picture, in FOLDER (var/screenshots)"
	@echo "make crash  kill -9 everything under load for ROUNDS (60), and write docs/reliability.md"
	@echo "make attacks  attack the service in every known way, and write docs/performance.md (25 minutes)"
	@echo "make load   8 honest users and every attacker for 5 minutes, written there too"
	@echo "make upgrade  upgrade from earlier versions while clients work (10 minutes)"
	@echo "make mutation  change the pure core in every small way, and see a test go red (5 minutes)"
	@echo "make wheels  ask the index for a wheel of every pin, for Python 3.11 to 3.14"
	@echo "make installed  install a wheel into an empty environment, serve from it, and call it"
	@echo "make migrate  bring the database up to date; on several hosts at once, one does it"
	@echo "make serve  the service with production settings (see .env.example); migrates, unless MIGRATE=no"

run: $(VENV)/demo
	@DJANGO_SETTINGS_MODULE=hydroml.settings_demo exec $(BIN)/python manage.py run_demo

migrate: $(VENV)/service
	@$(BIN)/python manage.py migrate --verbosity 0

serve: $(VENV)/service $(if $(filter no,$(MIGRATE)),,migrate)
	@exec $(BIN)/python manage.py serve

# Three processes on two cores: now and then one of them waits, for a server or for a time limit.
test: $(VENV)/dev $(VENV)/demo $(if $(shell command -v npm),$(NODE_MODULES))
	@$(BIN)/python -m pytest --cov --numprocesses=3 --dist=loadfile --no-loadscope-reorder

test-pooled: $(VENV)/dev $(VENV)/demo
	@$(BIN)/python -m tests.pooled --numprocesses=2 --dist=loadfile --no-loadscope-reorder

# Shims of pyenv find only the versions that are chosen, so its folder is looked into as well.
NEWEST = $(shell $(call FIRST_OF,$(foreach python,python3.14 python3.13 python3.12, \
	$(python) $(wildcard $(HOME)/.pyenv/versions/*/bin/$(python)))))

test-newest:
	@if [ -z "$(NEWEST)" ]; then echo "No Python from 3.12 to 3.14 is here: nothing was tested."; \
	else $(MAKE) --no-print-directory unit PYTHON="$(NEWEST)"; fi

.PHONY: unit
unit: $(VENV)/dev $(VENV)/demo
	@$(BIN)/python -m pytest tests/unit --numprocesses=2 --dist=loadfile --no-loadscope-reorder

explore: $(VENV)/dev $(VENV)/demo
	@for round in $$(seq $${ROUNDS:-10}); do echo "round $$round"; \
	$(BIN)/python -m pytest -m hypothesis --hypothesis-profile=explore --numprocesses=2 || exit; done

lint: export DJANGO_SETTINGS_MODULE = hydroml.settings_test
lint: $(VENV)/dev $(NODE_MODULES)
	$(BIN)/python -m ruff check
	$(BIN)/python -m ruff format --check
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m mypy
	$(BIN)/basedpyright
	$(BIN)/python manage.py makemigrations --check --dry-run
	npm run --silent lint

# An environment of its own: one of the peers brings psycopg 3, which Django would use everywhere.
bench: $(VENV)/bench/installed
	@$(VENV)/bench/bin/python -m benchmarks $(BENCH)

bench-quick: $(VENV)/bench/installed
	@$(VENV)/bench/bin/python -m benchmarks --quick $(BENCH)

bench-load: $(VENV)/bench/installed
	@$(VENV)/bench/bin/python -m benchmarks.load --minutes $${MINUTES:-10} $(BENCH)

bench-browser: $(VENV)/dev $(VENV)/demo
	@$(BIN)/python -m benchmarks.browser $(BENCH)

screenshots: $(VENV)/dev $(VENV)/demo
	@$(BIN)/python -m tests.browser.screenshots $(or $(FOLDER),var/screenshots)

crash: $(VENV)/dev $(VENV)/demo
	@$(BIN)/python -m tests.crash --rounds $${ROUNDS:-60} --write docs/reliability.md

attacks: $(VENV)/dev $(VENV)/demo
	@$(BIN)/python -m tests.attacks --write docs/performance.md

load: $(VENV)/dev $(VENV)/demo
	@$(BIN)/python -m tests.attacks --mix --write docs/performance.md

upgrade: $(VENV)/dev $(VENV)/demo
	@$(BIN)/python -m tests.upgrade

mutation: $(VENV)/mutation
	@$(BIN)/python -m tests.mutation

wheels: $(VENV)/dev
	@$(BIN)/python -m tests.wheels

installed: $(VENV)/dev
	@$(BIN)/python -m tests.installed

# The environment. Each stamp is younger than the requirements that it stands for.
$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "A Python from 3.11 to 3.14 with venv and pip is needed, and was not found." \
		"On Debian: apt-get install python3-venv" >&2; exit 1; }
	@echo "Making an environment in $(VENV) with $(PYTHON) ..."
	@$(PYTHON) -m venv $(VENV)

$(VENV)/service: requirements.txt constraints.txt | $(VENV)/bin/python
	@echo "Installing requirements.txt ..."
	@$(PIP) install -r requirements.txt
	@touch $@

$(VENV)/demo: requirements-demo.txt $(VENV)/service
	@echo "Installing requirements-demo.txt ..."
	@$(PIP) install --no-deps -r requirements-demo.txt
	@touch $@

$(VENV)/dev: requirements-dev.txt requirements.txt constraints.txt | $(VENV)/bin/python
	@echo "Installing requirements-dev.txt ..."
	@$(PIP) install -r requirements-dev.txt
	@touch $@

$(NODE_MODULES): package.json package-lock.json .npmrc
	@command -v npm >/dev/null || { echo "The front end is checked with Node 18 or newer and npm, which were not found." \
		"On Debian: apt-get install nodejs npm" >&2; exit 1; }
	@echo "Installing package-lock.json ..."
	@npm ci --silent
	@touch $@

$(VENV)/mutation: requirements-mutation.txt $(VENV)/dev
	@echo "Installing requirements-mutation.txt ..."
	@$(PIP) install -r requirements-mutation.txt
	@touch $@

$(VENV)/bench/installed: requirements-bench.txt requirements-demo.txt requirements.txt constraints.txt | $(VENV)/bin/python
	@echo "Installing requirements-bench.txt ..."
	@test -x $(VENV)/bench/bin/python || $(PYTHON) -m venv $(VENV)/bench
	@$(VENV)/bench/bin/python -m pip -qq --disable-pip-version-check install -r requirements-bench.txt
	@$(VENV)/bench/bin/python -m pip -qq --disable-pip-version-check install --no-deps -r requirements-demo.txt
	@touch $@
