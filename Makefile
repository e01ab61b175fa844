# Everything a newcomer needs; `make` alone lists it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PORT ?= 8000
# Tests that start few processes share the machine; the others have it to themselves.
IN_PROCESS := channels contract docs gateway normalizer packaging quality web
export PORT
export PATH := $(CURDIR)/$(BIN):$(PATH)

.DEFAULT_GOAL := help
.PHONY: help setup run demo test check lint types imports quick faults bench quality needs clean

help: ## list the targets
	@awk -F':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## make .venv and install everything

$(READY): setup.cfg constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed" if sys.version_info < (3, 11) else 0)'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing into $(VENV) ..."
	@PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[gevent,postgres,s3,test]'
	@touch $@

run: $(READY) ## start web, worker and a live tail; says what to open
	@lapor migrate
	@printf '\n  Open     http://127.0.0.1:$(PORT)/ (the form), /docs (the app API)\n  Try      make demo          (in another terminal: one sample through every door)\n  Then     lapor consume      (.venv/bin/lapor: take complaints from the queue)\n  Check    lapor doctor       (settings, and whether they can work)\n  Stop     Ctrl-C\n\n'
	@honcho start -f Procfile.dev

demo: $(READY) ## send one sample through every door and show what came out
	@lapor demo

test: $(READY) needs ## run all tests (a few minutes)
	@pytest -n 2 --dist loadfile $(addprefix tests/,$(IN_PROCESS))
	@pytest tests/bench tests/config tests/e2e tests/faults

check: $(READY) lint types imports test ## what CI runs

lint: $(READY)
	@ruff check . && ruff format --check .

types: $(READY)
	@mypy

imports: $(READY)
	@lint-imports > .imports.log || { cat .imports.log; rm -f .imports.log; exit 1; }
	@rm -f .imports.log; echo "import rules kept"

quick: lint types imports ## lint, types and import rules alone

faults: $(READY) needs ## kill everything for minutes under load; prints a table
	@pytest tests/faults --long -s

bench: $(READY) needs ## measure against a bare Flask under the same server
	@PYTHONPATH=tests:. python tests/bench $(WHAT)

quality: $(READY) ## score what is read from labelled reports; fails below the marks
	@PYTHONPATH=tests:. python tests/quality $(WHAT)

# What tests need besides Python. As root on Debian it is installed; elsewhere the tests that need
# it are skipped and say so (with CI=true that is a failure).
needs:
	@sh tests/needs.sh

clean: ## remove what was built, not what was run
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache
