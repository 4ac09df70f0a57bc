# The front door. `make run` and `make test` are all a newcomer needs; the rest is for those who change things.

VENV := .venv/bin
MEDIA ?= ../shared/media
HOST ?= 127.0.0.1
PORT ?= 8080

.PHONY: run setup setup-test test check fmt demo bench lock coverage faults fuzz services secrets

run: setup ## set up what is missing, then serve
	@exec $(VENV)/mediateka serve --host $(HOST) --port $(PORT)

setup: ## prepare .venv, the built client and the system's programs
	@bin/setup run

setup-test:
	@bin/setup test

secrets: ## write the passwords that docker-compose.yml reads
	@bin/secrets

services: ## start the real servers and name them (bin/services for the rest)
	@bin/services install
	@bin/services start
	@bin/services house

test: setup-test ## set up what is missing, then test everything, on real servers too where they can be had
	@bin/services run $(VENV)/pytest -n 2 --dist loadgroup --durations=10

coverage: setup-test ## branch coverage of the rooms
	@$(VENV)/coverage erase
	@bin/services run $(VENV)/pytest -n 2 --dist loadgroup -q --cov --cov-report= --ignore tests/browser
	@$(VENV)/python -m bench.coverage

check: setup-test ## format, lint, types, floors, translations
	@$(VENV)/ruff format --check .
	@$(VENV)/ruff check .
	@$(VENV)/mypy
	@$(VENV)/lint-imports --no-cache
	@$(VENV)/python -m web.i18n check

fmt: setup-test ## put files into shape
	@$(VENV)/ruff format .
	@$(VENV)/ruff check --fix .

demo: setup ## fill a house from a folder of media
	@$(VENV)/python -m bench.demo $(MEDIA)

bench: setup-test ## measure against yardsticks
	@$(VENV)/python -m bench

faults: setup-test ## break the house in every way it must stand; minutes long, seeds printed
	@FAULT_UPLOADS=$${FAULT_UPLOADS:-40} SERVER_UPLOADS=$${SERVER_UPLOADS:-60} FAULT_OBJECTS=$${FAULT_OBJECTS:-100} FAULT_KILLS=$${FAULT_KILLS:-20} bin/services run $(VENV)/pytest -s -v tests/faults tests/ingest/test_handing_over.py tests/house/test_fault_points.py tests/house/test_disk_full.py tests/house/test_killing.py

fuzz: setup-test ## damaged files, the API, torture strings, logs; FUZZ_SEED and FUZZ_SEEDS repeat a run
	@FUZZ_MUTATIONS=$${FUZZ_MUTATIONS:-500} FUZZ_EXAMPLES=$${FUZZ_EXAMPLES:-100} bin/services run $(VENV)/pytest -s -v tests/fuzz

lock: ## renew the locks (needs uv)
	uv pip compile pyproject.toml --extra build --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" -q -o locks/run.txt
	uv pip compile pyproject.toml --extra build --extra dev --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" -q -o locks/dev.txt
