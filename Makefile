# make demo   everything with real demonstration data; ONCE=1 leaves after it is published
# make run    everything, empty: prints a link that makes the first owner
# make test   the tests that need nothing but PyPI; ARGS="tests/readers -k csv" narrows them
# make lint   format, lint, types, import contracts
# make ci     what the build machine runs
#
# PORT=8001 chooses another port, PYTHON=python3.12 another Python.

PYTHON ?= python3
PORT ?= 8000
VENV := .venv/bin/python
PREPARE := @$(PYTHON) requirements/bootstrap.py

export PORT

.PHONY: demo run test lint ci

demo:
	$(PREPARE) runtime
	@$(VENV) manage.py demo $(if $(filter-out 0,$(ONCE)),--once)

run:
	$(PREPARE) runtime
	@$(VENV) manage.py up

test:
	$(PREPARE) dev
	@$(VENV) -m pytest -n 2 --dist loadfile --ignore tests/browser -m "not trainer and not stack" $(ARGS)

lint:
	$(PREPARE) dev
	@$(VENV) -m ruff format --check .
	@$(VENV) -m ruff check .
	@$(VENV) -m mypy .
	@.venv/bin/lint-imports

ci:
	@.ci/run
