# `make run` and `make test` set everything up in .venv, with the versions of constraints.txt, and do nothing twice.
PYTHON ?= python3
VENV := .venv
LATEST := .venv-latest
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
WORKERS ?= auto

.PHONY: run models test test-latest lint lock bench clean

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) tools/setup_venv.py $(VENV)
	@touch $@

run: $(STAMP)
	@$(BIN)/aigc-tui

# Downloads a real model (491 MB), without questions: for scripts. The sources of the catalogue are tried in order.
models: $(STAMP)
	@$(BIN)/aigc-tui model pull qwen2.5-coder-0.5b-instruct

test: $(STAMP)
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadscope

# The newest versions that pyproject.toml allows, in an environment of their own: what a user of `pip install` gets.
test-latest:
	@$(PYTHON) tools/setup_venv.py $(LATEST) --latest
	$(LATEST)/bin/python -m pytest -n $(WORKERS) --dist loadscope

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Writes constraints.txt anew, from the newest versions. Needs Python 3.11; run the tests before committing it.
lock: $(STAMP)
	$(BIN)/python -m tools.lock

# make bench NAME=stream
bench: $(STAMP)
	$(BIN)/aigc-tui bench $(NAME)

clean:
	rm -rf $(VENV) $(LATEST) build dist bench/results
