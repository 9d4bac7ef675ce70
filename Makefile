# `make tui` and `make test` are all that a fresh machine with Python 3.11 or newer needs.
# Another Python: `PYTHON=python3.12 make test`. It gets a virtual environment of its own.

PYTHON ?= python3
VENV = $(if $(filter python3,$(PYTHON)),.venv,.venv-$(notdir $(PYTHON)))
BIN = $(VENV)/bin

# uv is faster than pip; it is used where it is there, and never needed.
UV := $(shell command -v uv 2>/dev/null)
INSTALL = $(if $(UV),$(UV) pip install --quiet --python $(BIN)/python,$(BIN)/python -m pip install --quiet)

# Three files of tests at a time, even on two cores, for some of them mostly wait. ARGS='-n 0' runs
# one after the other in one process, as a debugger wants it.
SIDE_BY_SIDE = -n 3 --dist loadfile --no-loadscope-reorder

.PHONY: help tui test lint types spelling units tests tmux lab-test oracle etcd determinism wheel format hooks clean picture
.NOTPARALLEL:

help:
	@echo "make tui          open a cluster in the terminal (ARGS='--scene NAME' is passed on)"
	@echo "make test         check everything: style, types, spelling, tests"
	@echo "make units        the tests without processes and sockets, in a minute"
	@echo "make tests        the tests alone (ARGS='tests/FILE.py -k WORD' is passed on)"
	@echo "make format       put the code into the one format"
	@echo "make lab-test     press buttons in a real JupyterLab (needs chromium)"
	@echo "make oracle       do etcd's own programs agree with us? (needs etcd 3.4)"
	@echo "make determinism  do recordings replay byte for byte? (PYTHON=python3.13: on that Python)"
	@echo "make wheel        build the wheel, and try it in a fresh environment"
	@echo "make hooks        let git run the quick checks before each commit"
	@echo "make clean        remove everything that make made"

tui: $(VENV)/installed
	@$(BIN)/learnetcd tui $(ARGS)

test: lint types spelling tests

lint: $(VENV)/installed-dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(VENV)/installed-dev
	$(BIN)/mypy

spelling: $(VENV)/installed-dev
	$(BIN)/codespell

# What they are stands in tests/conftest.py.
units: $(VENV)/installed-dev
	$(BIN)/python -m pytest --units -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

tests: $(VENV)/installed-dev tmux
	$(BIN)/python -m pytest $(SIDE_BY_SIDE) $(ARGS)

tmux:
	@command -v tmux >/dev/null || { echo "One test plays in a real terminal through tmux, which\
	 is not here: install it (apt-get install tmux, or brew install tmux) and try again."; exit 1; }

# Not a part of `make test`, which a fresh machine passes; nor is the next one.
lab-test: $(VENV)/installed-dev
	$(BIN)/python -m pytest tests/lab $(ARGS)

oracle: etcd $(VENV)/installed-dev
	$(BIN)/python -m pytest tests/oracle $(SIDE_BY_SIDE) $(ARGS)

# 3.4, for later ones write other bytes.
etcd:
	@etcd --version 2>/dev/null | grep -q '^etcd Version: 3\.4\.' && command -v etcdctl >/dev/null || {\
	 echo "make oracle asks the programs etcd and etcdctl, version 3.4, which are not here: install\
	 them (on Debian 12: apt-get install etcd-server etcd-client) and try again."; exit 1; }
	@command -v zsh >/dev/null && command -v fish >/dev/null || { echo "make oracle presses Tab in zsh\
	 and fish, which are not here: install them (apt-get install zsh fish) and try again."; exit 1; }

determinism: $(VENV)/installed-dev
	$(BIN)/python -m pytest -q tests/determinism

# What is in the wheel must be what is in the folders (scenes and style sheets too), and must start.
wheel:
	rm -rf build/wheel
	$(PYTHON) -m venv build/wheel/venv
	build/wheel/venv/bin/python -m pip wheel --quiet --no-deps --wheel-dir build/wheel .
	$(PYTHON) -m zipfile -l build/wheel/*.whl | awk '{print $$1}' \
		| grep -E '^learnetcd(_tui|_lessons)?/' | LC_ALL=C sort > build/wheel/packed
	git ls-files learnetcd tui/learnetcd_tui lessons/learnetcd_lessons | sed -E 's#^(tui|lessons)/##' | LC_ALL=C sort > build/wheel/expected
	diff build/wheel/expected build/wheel/packed
	build/wheel/venv/bin/python -m pip install --quiet build/wheel/*.whl
	cd build/wheel && venv/bin/learnetcd --version && venv/bin/python -c "import learnetcd_tui, learnetcd_lessons.lint"

format: $(VENV)/installed-dev
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

# The picture of the README, taken anew when the screen looks different.
picture: $(VENV)/installed-dev
	$(BIN)/python tests/tui/photograph.py

hooks: $(VENV)/installed-dev
	$(BIN)/pre-commit install

clean:
	rm -rf .venv .venv-* build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis

# The two stamps say what is installed; they are older than pyproject.toml when it has changed.
$(VENV)/installed: pyproject.toml | $(BIN)/python
	$(INSTALL) -e .
	@touch $@

$(VENV)/installed-dev: pyproject.toml | $(BIN)/python
	$(INSTALL) -e '.[dev]'
	@touch $(VENV)/installed $@

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "learnetcd needs\
	 Python 3.11 or newer; say which one, as in: PYTHON=python3.12 make tui"; exit 1; }
	$(if $(UV),$(UV) venv --quiet --seed --python $(PYTHON) $(VENV),$(PYTHON) -m venv $(VENV))
