# Everything runs in .venv, which these targets make and nothing else touches. Python 3.13 is all that is assumed.
PYTHON ?= python3.13
BIN := .venv/bin
CHECKOV := 3.3.30
INSTALLED := .venv/installed
CODE := function_app.py rules remediation local tests

# Two processes, for the time it takes: those of the pipeline, and the rest.
# What is about time and load has the machine for itself.
PIPELINE := tests/remediation
ALONE := tests/local/test_chaos.py tests/end_to_end/test_scans.py
REST := $(filter-out $(PIPELINE),$(sort $(patsubst %/,%,$(dir $(wildcard tests/*/test_*.py))))) $(wildcard tests/test_*.py)

.PHONY: demo test check chaos hostile sabotage fmt lock templates package install clean help

help: ## list the targets
	@grep -hE '^[a-z]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | expand -t 8

demo: $(INSTALLED) ## play the story on this machine and leave the page with the messages open
	@$(BIN)/python -m local demo $(DEMO)

test: check ## all checks, then all tests with their coverage gates
	@rm -f .coverage .coverage.*; mkdir -p .local
	@$(BIN)/python -c "from local.chat import build_page; build_page(print)"
	@$(BIN)/coverage run -m pytest $(REST) $(ALONE:%=--ignore=%) > .local/tests.log 2>&1 & rest=$$!; \
	$(BIN)/coverage run -m pytest $(PIPELINE); own=$$?; wait $$rest; others=$$?; \
	cat .local/tests.log; test $$own -eq 0 && test $$others -eq 0
	$(BIN)/coverage run -m pytest $(ALONE)
	@$(BIN)/coverage combine --quiet
	$(BIN)/coverage report --include='rules/*,remediation/*,function_app.py' --omit='remediation/adapters/*,**/pytest-of-*/**' --fail-under=100
	$(BIN)/coverage report --include='remediation/adapters/*' --fail-under=95

check: $(INSTALLED) ## lint, format, types, import contracts, generated pages
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m local docs --check
	$(BIN)/python -m local infra --check

chaos: $(INSTALLED) ## run the app for some minutes while everything around it fails: CHAOS="--seed N --writes N"
	@$(BIN)/python -m local chaos $(CHAOS)

hostile: $(INSTALLED) ## more than 10,000 hostile events, ids, messages, policies and answers; `make test` has a tenth
	$(BIN)/pytest -q tests/hostile --hypothesis-profile=hostile --timeout=900

sabotage: $(INSTALLED) ## take each guard away in a copy: does a test fall? SABOTAGE="WORD ..." for some
	@$(BIN)/python -m local sabotage $(SABOTAGE)

install: $(INSTALLED) ## only install the Python packages

fmt: $(INSTALLED) ## format, and mend what the linter can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: $(INSTALLED) ## compile requirements*.in to pins and hashes (needs a package index)
	$(BIN)/pip-compile $(COMPILE) requirements.in -o requirements.txt
	$(BIN)/pip-compile $(COMPILE) requirements-dev.in -o requirements-dev.txt

COMPILE := --quiet --generate-hashes --strip-extras --allow-unsafe --no-header \
           --no-emit-index-url --no-emit-find-links --no-emit-trusted-host

templates: $(INSTALLED) ## scan infra/ with checkov, in an environment of its own (.local/checkov)
	@test -x .local/checkov/bin/checkov || { $(PYTHON) -m venv .local/checkov && \
		.local/checkov/bin/pip --disable-pip-version-check --quiet install checkov==$(CHECKOV); }
	$(BIN)/pytest -q tests/infra/test_checkov.py

package: $(INSTALLED) ## build the zip that runs on Azure, and print its size and cold import
	$(BIN)/python -m local.package

clean: ## remove what was installed or built here (not .local/, the data of serve)
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage .coverage.* \
	       local/node_modules local/.build local/chromium/node_modules local/chromium/.build
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(INSTALLED): requirements.txt requirements-dev.txt
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.13 is needed: install it, or name it: make PYTHON=/path/to/python3.13"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 13))' || { echo "$(PYTHON) is not Python 3.13: name one with make PYTHON=/path/to/python3.13"; exit 1; }
	@echo "Installing the Python packages into .venv (once, about a minute)"
	@rm -rf .venv
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip --disable-pip-version-check install --require-hashes -r requirements.txt -r requirements-dev.txt
	@touch $@
