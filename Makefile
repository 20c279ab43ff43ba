# HydroML session service. Needs Python 3.11 with pip, and nothing else.

# The first Python 3.11 that can make an environment: a shim may be found and not work.
PYTHON := $(shell for python in python3.11 python3 /usr/local/bin/python3.11 /usr/bin/python3; do \
	"$$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info[:2] != (3, 11))' \
	2>/dev/null && echo "$$python" && break; done)
BIN := .venv/bin
PIP := $(BIN)/python -m pip -qq --disable-pip-version-check

.PHONY: help run serve test explore lint bench crash mutation
help:
	@echo "make run    the service with a demo user and real data, on 127.0.0.1:$${PORT:-8000}"
	@echo "make test   the whole test suite, with coverage"
	@echo "make explore  the property tests with new random examples, ROUNDS (10) times"
	@echo "make lint   style, types, architecture and migrations"
	@echo "make bench  measure, and write docs/performance.md (BENCH=--quick for a first look)"
	@echo "make crash  kill -9 everything under load for ROUNDS (60), and write docs/reliability.md"
	@echo "make mutation  change the pure core in every small way, and see a test go red (5 minutes)"
	@echo "make serve  the service with production settings (see .env.example)"

run: .venv/demo
	@DJANGO_SETTINGS_MODULE=hydroml.settings_demo exec $(BIN)/python manage.py run_demo

serve: .venv/service
	@$(BIN)/python manage.py migrate --verbosity 0
	@$(BIN)/python manage.py collectstatic --noinput --verbosity 0
	@exec $(BIN)/python -m gunicorn -c python:hydroml.gunicorn_conf hydroml.wsgi

test: .venv/dev .venv/demo
	@$(BIN)/python -m pytest --cov --numprocesses=2 --dist=loadfile

explore: .venv/dev .venv/demo
	@for round in $$(seq $${ROUNDS:-10}); do echo "round $$round"; \
	$(BIN)/python -m pytest -m hypothesis --hypothesis-profile=explore --numprocesses=2 || exit; done

lint: export DJANGO_SETTINGS_MODULE = hydroml.settings_test
lint: .venv/dev
	$(BIN)/python -m ruff check
	$(BIN)/python -m ruff format --check
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m mypy
	$(BIN)/basedpyright
	$(BIN)/python manage.py makemigrations --check --dry-run

# An environment of its own: one of the peers brings psycopg 3, which Django would use everywhere.
bench: .venv/bench/installed
	@.venv/bench/bin/python -m benchmarks $(BENCH)

crash: .venv/dev .venv/demo
	@$(BIN)/python -m tests.crash --rounds $${ROUNDS:-60} --write docs/reliability.md

mutation: .venv/mutation
	@$(BIN)/python -m tests.mutation

# The environment. Each stamp is younger than the requirements that it stands for.
.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 with venv and pip is needed, and was not found." \
		"On Debian: apt-get install python3-venv" >&2; exit 1; }
	@echo "Making an environment in .venv with $(PYTHON) ..."
	@$(PYTHON) -m venv .venv

.venv/service: requirements.txt constraints.txt | .venv/bin/python
	@echo "Installing requirements.txt ..."
	@$(PIP) install -r requirements.txt
	@touch $@

.venv/demo: requirements-demo.txt .venv/service
	@echo "Installing requirements-demo.txt ..."
	@$(PIP) install --no-deps -r requirements-demo.txt
	@touch $@

.venv/dev: requirements-dev.txt requirements.txt constraints.txt | .venv/bin/python
	@echo "Installing requirements-dev.txt ..."
	@$(PIP) install -r requirements-dev.txt
	@touch $@

.venv/mutation: requirements-mutation.txt .venv/dev
	@echo "Installing requirements-mutation.txt ..."
	@$(PIP) install -r requirements-mutation.txt
	@touch $@

.venv/bench/installed: requirements-bench.txt requirements-demo.txt requirements.txt constraints.txt | .venv/bin/python
	@echo "Installing requirements-bench.txt ..."
	@test -x .venv/bench/bin/python || $(PYTHON) -m venv .venv/bench
	@.venv/bench/bin/python -m pip -qq --disable-pip-version-check install -r requirements-bench.txt
	@.venv/bench/bin/python -m pip -qq --disable-pip-version-check install --no-deps -r requirements-demo.txt
	@touch $@
