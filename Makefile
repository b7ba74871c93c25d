# Outreach. `make help` lists what there is.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= 2
ONLY ?=

.DEFAULT_GOAL := help
.PHONY: help setup run test test-ocr lint bench wheel lock

help: ## lists every target
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  \1\t/' | expand -t 12

setup: $(VENV)/.installed ## creates .venv and installs from the lock file; does nothing when nothing changed

run: setup ## migrates, loads the demo, starts web, workers and sandbox, prints the URL and the demo accounts
	@exec $(BIN)/outreach serve --sandbox --demo

test: $(VENV)/.installed-test ## runs the whole suite; needs no running service
	$(BIN)/python -m pytest -n $(WORKERS) $(ARGS)

test-ocr: $(VENV)/.installed-ocr ## tests the reading of pictures with the extra `ocr`, kept apart from .venv
	PYTHONPATH=.ocr $(BIN)/python -m pytest --ocr tests/ocr $(ARGS)

lint: $(VENV)/.installed-test ## ruff (format and lint), mypy --strict, import-linter
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.installed-test $(if $(filter screening,$(ONLY)),$(VENV)/.installed-bench) ## runs bench/ (ONLY=name runs one), prints ratios, writes bench/results.json
	$(BIN)/python -m bench $(ONLY)

wheel: setup ## builds the wheel into dist/, with templates and assets inside (see docs/安装指南.md)
	$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation --wheel-dir dist .
	@ls dist/*.whl

lock: ## writes the lock files anew (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		--no-emit-index-url pyproject.toml --group setup -o requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		--no-emit-index-url pyproject.toml --group setup --group test -c requirements.lock -o requirements-test.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		--no-emit-index-url pyproject.toml --group setup --group test --group bench \
		-c requirements-test.lock -o requirements-bench.lock

# A virtual environment belongs to one interpreter: another PYTHON makes a new one.
$(VENV)/.python: FORCE
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; assert (3, 11) <= v <= (3, 13), "Python 3.11 to 3.13 is needed; choose one with PYTHON=…"'
	@wanted="$$($(PYTHON) -c 'import sys; print(sys.version_info[:2], sys.base_prefix)')"; \
	if [ ! -x $(BIN)/python ] || [ "$$(cat $@ 2>/dev/null)" != "$$wanted" ]; then \
		rm -rf $(VENV) && $(PYTHON) -m venv $(VENV) && echo "$$wanted" > $@; \
	fi

$(VENV)/.installed: requirements.lock pyproject.toml $(VENV)/.python
	@echo "正在安装依赖，首次运行需要一两分钟 (installing)…"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.installed-test: requirements-test.lock $(VENV)/.installed
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-test.lock
	@touch $@

# What the screening is measured beside: some hundred MB that nothing else needs.
$(VENV)/.installed-bench: requirements-bench.lock $(VENV)/.installed-test
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bench.lock
	@touch $@

# Beside the virtual environment and not in it: the suite is about a service without the extra.
$(VENV)/.installed-ocr: pyproject.toml $(VENV)/.installed-test
	@$(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]["ocr"], sep="\n")' > $(VENV)/ocr.txt
	@rm -rf .ocr && $(BIN)/python -m pip install --quiet --disable-pip-version-check --target .ocr -r $(VENV)/ocr.txt
	@touch $@

FORCE:
