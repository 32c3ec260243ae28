# Two commands on a fresh machine with only Python and make: `make demo` and `make test`.
PYTHON ?= python3
BIN := .venv/bin
export ENTRAIDE_HOME ?= $(CURDIR)/var
NAME ?= live

.PHONY: help setup demo serve test test-full soak check fix bench lock messages compile vendor screenshots clean

help: ## show this help
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

.venv/installed: requirements/base.txt requirements/dev.txt pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/base.txt -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

setup: .venv/installed compile ## make the virtual environment and .venv/bin/entraide

compile: .venv/installed # translations, with Babel: GNU gettext is not needed to run
	@$(BIN)/python -m entraide.website.translations

demo: setup ## a living demonstration: fills an instance and serves it (PORT=8000)
	$(BIN)/entraide demo

serve: setup ## serve the instance in ENTRAIDE_HOME
	$(BIN)/entraide serve

test: setup ## the suite on SQLite, under five minutes
	@mkdir -p var && rm -f var/coverage.data*
	COVERAGE_FILE=var/coverage.data $(BIN)/python -m pytest -n 2 --cov --cov-report=term:skip-covered --cov-report=json:var/coverage.json
	$(BIN)/python tests/coverage_floor.py var/coverage.json

check: setup ## style, types, import contracts, templates, migrations, locks
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy src/entraide
	$(BIN)/lint-imports --no-cache
	$(BIN)/djlint src --check --lint --quiet
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python manage.py check
	ENTRAIDE_URL=https://entraide.example $(BIN)/python manage.py check --deploy --fail-level WARNING

fix: setup ## let the formatters mend what they can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/djlint src --reformat --quiet || true

test-full: setup ## everything: PostgreSQL, browser, crashes (short); installs nothing
	$(BIN)/python tests/full.py

soak: setup ## crash and load runs at their whole length
	ENTRAIDE_SOAK=1 $(BIN)/python -m pytest -m slow -n 0 -o addopts=--import-mode=importlib -q

bench: setup ## make bench NAME=live: a table, then one JSON line of figures
	$(BIN)/python -m bench $(NAME)

lock: .venv/installed ## renew requirements/*.txt from *.in
	cd requirements && ../$(BIN)/pip-compile -q --generate-hashes --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-header --strip-extras --allow-unsafe -o base.txt base.in
	cd requirements && ../$(BIN)/pip-compile -q --generate-hashes --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-header --strip-extras --allow-unsafe -o dev.txt dev.in

messages: .venv/installed ## renew the translation catalogues (needs GNU gettext)
	$(BIN)/python -m entraide.website.translations extract

screenshots: setup ## take the pictures of the README from a running demonstration
	$(BIN)/python tests/screenshots.py

clean: ## forget the virtual environment (var/ stays)
	rm -rf .venv
