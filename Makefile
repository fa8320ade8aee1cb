# Everything a contributor does, on a fresh machine with git, make and Python 3.11 or newer; no compiler.
#
#   make demo         3,376 airports, 11.4 million distances, one fused function
#   make test         the test suite
#   make test-all     the same, with large optional packages installed
#   make lint         ruff and mypy
#   make docs         the page of operations, from the rules and the backends
#   make bench        backends, NumPy and its peers on workloads; ARGS=... goes to fuser-core bench
#   make test-wheels  what is released works without the source tree
#   make wheels       wheels of all distributions and the sdists they come from, in dist/
#   make clean        removes what the others made
#
# PYTHON=... chooses the interpreter, VENV=... and DIST=... the folders of the environment and of what is built,
# ARGS=... goes to pytest, or to the command.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

VENV ?= .venv
DIST ?= dist
ARGS ?=
export PIP_DISABLE_PIP_VERSION_CHECK := 1

CANDIDATES := $(if $(PYTHON),$(PYTHON),python3 python3.14 python3.13 python3.12 python3.11)
PROBE := import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))

BACKENDS := $(patsubst %/pyproject.toml,%,$(wildcard backends/*/pyproject.toml))
PROJECTS := pyproject.toml $(BACKENDS:%=%/pyproject.toml)
SHIPPED := $(wildcard $(BACKENDS:%=%/tests/test_source.py))
SMOKE := import numpy as np; from fuser_core import fuse; f = fuse(lambda x: 2 * x + 1); \
    assert f(np.arange(3.0)).tolist() == [1.0, 3.0, 5.0]; print("wheels work, with", f.last_run.backend)
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
STAMP_ALL := $(VENV)/.installed-all

.PHONY: help demo test test-all test-wheels lint docs bench wheels clean

help:
	@sed -n 's/^#   //p' Makefile

demo: $(STAMP)
	@$(BIN)/fuser-core demo

test: $(STAMP)
	@$(BIN)/pytest -n auto --benchmark-disable $(ARGS)

test-all: $(STAMP_ALL)
	@$(BIN)/pytest -n auto --benchmark-disable $(ARGS)

lint: $(STAMP)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

docs: $(STAMP)
	@$(BIN)/python tools/list_operations.py

bench: $(STAMP)
	@$(BIN)/fuser-core bench $(ARGS)

wheels: $(STAMP)
	@rm -rf $(DIST)
	@for project in . $(BACKENDS); do $(BIN)/python -m build --outdir $(DIST) $$project > $(VENV)/build.log 2>&1 \
	    || { cat $(VENV)/build.log; exit 1; }; done
	@ls $(DIST)

# The core alone, then with everything that is on no index, then the kit, and what backends test of the texts that they
# ship, on what is installed; run in a folder from which the sources cannot be seen.
test-wheels: wheels
	@$(BIN)/python -m venv --clear $(VENV)/wheels
	@$(VENV)/wheels/bin/python -m pip install --quiet numpy platformdirs pluggy llvmlite cuda-bindings \
	    nvidia-cuda-nvrtc mpmath hypothesis pytest pytest-xdist
	@for requirement in fuser-core "fuser-core[all,cuda,testing]"; do \
	    $(VENV)/wheels/bin/python -m pip install --quiet --no-index --find-links $(DIST) "$$requirement"; \
	    $(VENV)/wheels/bin/python -m pip check; \
	    (python=$$(cd $(VENV)/wheels && pwd)/bin/python; cd $(VENV)/wheels; "$$python" -W error -c '$(SMOKE)'); done
	@root=$$(pwd); python=$$(cd $(VENV)/wheels && pwd)/bin/python; cd $(VENV)/wheels; \
	    FUSER_TEST_EXAMPLES=50 "$$python" -m pytest -q -n auto -p no:cacheprovider -c "$$root/pyproject.toml" \
	        --rootdir "$$root" --pyargs fuser_core.testing $(SHIPPED:%="$$root/%") $(ARGS)

clean:
	rm -rf $(VENV) build $(DIST) .benchmarks .hypothesis .mypy_cache .pytest_cache .ruff_cache fuser-core-demo.png
	find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +

# One pip command for all: the distributions require one another and are on no index yet.
$(STAMP): $(PROJECTS)
	@python=; for candidate in $(CANDIDATES); do \
	    if "$$candidate" -c '$(PROBE)' 2> /dev/null; then python=$$candidate; break; fi; done; \
	if [ -z "$$python" ]; then \
	    echo "fuser_core needs Python 3.11 or newer with the modules venv and ensurepip; tried: $(CANDIDATES)." >&2; \
	    echo "Name one with 'make PYTHON=/path/to/python'. On Debian and Ubuntu, 'apt install python3-venv'." >&2; \
	    exit 1; fi; \
	echo "Setting up $(VENV) with $$("$$python" --version); once."; \
	"$$python" -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet -e ".[dev]" $(BACKENDS:%=-e %)
	@touch $@

$(STAMP_ALL): $(STAMP)
	@echo "Adding large packages to $(VENV)."
	@$(BIN)/python -m pip install --quiet -e ".[dev,interop,engines]" $(BACKENDS:%=-e %)
	@touch $@
