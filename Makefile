# One verb per task, the same for a person and for CI. Everything lives in .venv; Python >= 3.11 is all you need.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
AUDIT_SERVICE ?= pypi
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet

PEERS  := .bench-peers

.PHONY: help run test check format lint types imports bench bench-peers wheel-test lock audit licences sbom clean
.DEFAULT_GOAL := help

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "llm-inference-gateway needs Python 3.11 or newer; set PYTHON=/path/to/python3.11")'
	@$(PYTHON) -m venv $(VENV)

# The runtime and the development set are pinned with hashes; the project itself is installed editable.
$(VENV)/.runtime: requirements.lock pyproject.toml setup.py | $(BIN)/python
	@echo "installing the runtime into $(VENV) ..."
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --editable .
	@touch $@

$(VENV)/.dev: requirements-dev.lock pyproject.toml setup.py | $(BIN)/python
	@echo "installing the development set into $(VENV) ..."
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@ $(VENV)/.runtime

run: $(VENV)/.runtime ## start the gateway on http://127.0.0.1:8080 (ARGS="--lab --port 9000" to change)
	@$(BIN)/llm-gateway start $(ARGS)

test: $(VENV)/.dev ## the whole suite, unit and contract tests also against the built wheel (ARGS="-k router" to narrow)
	@$(BIN)/python -m pytest -n 2 --dist loadscope $(ARGS)

check: format-check lint types imports test ## format, lint, types, layering, tests

format: $(VENV)/.dev ## rewrite formatting
	@$(BIN)/ruff format -q . && $(BIN)/ruff check -q --fix .

format-check: $(VENV)/.dev
	@$(BIN)/ruff format -q --check .

lint: $(VENV)/.dev ## ruff
	@$(BIN)/ruff check -q .

types: $(VENV)/.dev ## mypy --strict
	@$(BIN)/mypy

imports: $(VENV)/.dev ## the hexagon's layering
	@$(BIN)/lint-imports --no-cache

bench: $(VENV)/.dev ## CPU per request and per event against a bare forwarder, in one run
	@$(BIN)/python -m bench $(ARGS)

# Each in an environment of its own: their dependencies are no business of the gateway's.
bench-peers: ## install the gateways that `make bench ARGS=peers` compares with, into .bench-peers
	@set -e; for peer in sglang-router==0.3.2 'litellm[proxy]==1.106.2'; do \
	  home=$(PEERS)/$${peer%%[[=]*}; \
	  echo "installing $$peer into $$home ..."; \
	  $(PYTHON) -m venv $$home; \
	  $$home/bin/python -m pip --disable-pip-version-check --quiet install "$$peer"; \
	done

var/tools/prometheus:
	@mkdir -p var/tools/deb && cd var/tools/deb && apt-get -qq download prometheus && dpkg-deb -x prometheus_*.deb ../prometheus

prometheus: $(VENV)/.dev var/tools/prometheus ## fetch Debian's Prometheus (apt-get download) and let it scrape a started gateway
	@$(BIN)/python -m pytest tests/integration/deploy/test_prometheus.py $(ARGS)

lock: $(VENV)/.dev ## re-resolve both lock files
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --upgrade pyproject.toml -o requirements.lock
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --upgrade pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock

# pip-audit ends with 1 for what it found and for what it could not look up; only the former leaves a report.
audit: $(VENV)/.dev ## known vulnerabilities of what the locks pin (AUDIT_SERVICE=osv asks osv.dev instead of PyPI)
	@for lock in requirements.lock requirements-dev.lock; do \
	  rm -f $(VENV)/.audit; \
	  if $(BIN)/pip-audit --strict --require-hashes --disable-pip --progress-spinner off \
	      -s $(AUDIT_SERVICE) -o $(VENV)/.audit -r $$lock 2> $(VENV)/.audit-said; then \
	    echo "$$lock: no known vulnerabilities"; \
	  elif [ -s $(VENV)/.audit ]; then \
	    cat $(VENV)/.audit; echo "$$lock: the packages above have known vulnerabilities" >&2; exit 1; \
	  else \
	    tail -n 1 $(VENV)/.audit-said >&2; \
	    echo "$$lock: NOT CHECKED, the advisories of '$(AUDIT_SERVICE)' could not be asked" >&2; exit 69; \
	  fi; \
	done

licences: $(VENV)/.dev ## write docs/licences.md: what the gateway is installed with
	@{ printf '# Licences of the runtime\n\nWritten by `make licences` from requirements.lock.\n\n'; \
	   $(BIN)/pip-licenses --from=mixed --format=markdown --order=name \
	     --packages $$(sed -n 's/^\([A-Za-z0-9._-]*\)\(\[[^]]*\]\)\{0,1\}==.*/\1/p' requirements.lock); } > docs/licences.md

sbom: $(VENV)/.dev ## write sbom.json: CycloneDX, from the runtime lock
	@$(BIN)/cyclonedx-py requirements requirements.lock --pyproject pyproject.toml --output-reproducible -o sbom.json

clean: ## remove .venv and every build product
	@rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
