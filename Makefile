# `make` alone lists what there is.
PY := .venv/bin/python
.DEFAULT_GOAL := help
.PHONY: help demo test fuzz fuzz-laws audit test-system test-release test-bare test-pythons drills drill-backup chaos lint screenshots bench dist image clean

help: ## this list
	@grep -hE '^[a-z-]+:.*##' Makefile | sed 's/:.*## /\t/' | expand -t 14

.venv/ready: pyproject.toml
	@test -x $(PY) || python3 -m venv .venv
	@echo "installing into .venv, with what tests need ..."
	@$(PY) -m pip install --quiet --disable-pip-version-check -e '.[kafka,demo,test]'
	@touch $@ .venv/demo

.venv/demo: pyproject.toml
	@test -x $(PY) || python3 -m venv .venv
	@echo "installing what the demo needs into .venv: a minute or two ..."
	@$(PY) -m pip install --quiet --disable-pip-version-check -e '.[kafka,demo]'
	@touch $@

demo: .venv/demo ## start Kafka, a worker and a feed of samples, show the ticker; Ctrl-C stops it all
	@$(PY) -m streams demo

lint: .venv/ready ## ruff and mypy
	@$(PY) -m ruff check . && $(PY) -m ruff format --check . && $(PY) -m mypy

test: lint ## ruff, mypy and all tests but those of the commands below, on a real Kafka
	@$(PY) -m pytest -m 'not system and not chaos and not release' -n 3 --dist loadfile --no-loadscope-reorder

fuzz: .venv/ready ## damaged items of every format, then damaged HTTP requests to a gateway; SECONDS=600 each, SEED=0; for each night
	@$(PY) tests/quality/fuzz.py --seconds $(or $(SECONDS),600) --seed $(or $(SEED),0)
	@$(PY) tests/quality/fuzz_http.py --seconds $(or $(SECONDS),600) --seed $(or $(SEED),0)

audit: .venv/ready ## the locked packages against the known vulnerabilities (needs that service of PyPI); for each night
	@deploy/validators.sh && deploy/audit.sh

fuzz-laws: .venv/ready ## the property tests with ten times the examples; not in CI
	@$(PY) -m pytest -m hypothesis --examples-times 10 --timeout 7200 --durations 10

test-system: .venv/ready ## what needs Debian packages (Chromium, kcat, Maven, PostgreSQL, spin); says what it left out
	@$(PY) -m pip install --quiet --disable-pip-version-check -e '.[system]'
	@deploy/debian-packages.sh && deploy/validators.sh && $(PY) -m pytest -m system -n 2 --dist loadfile -rs

test-release: .venv/ready ## builds the wheel and the image and runs them on a real Kafka, as root; workers of the last release beside new ones (12 minutes)
	@$(PY) -m pip install --quiet --disable-pip-version-check -e '.[system]'
	@deploy/debian-packages.sh buildah debootstrap && deploy/validators.sh && $(PY) -m pytest -m release -rs

test-bare: ## `make demo` and `make test` on a fresh Debian with Python, make and git alone, as root (45 minutes)
	@python3 tests/release/bare.py $(or $(PARTS),demo test)

test-pythons: .venv/ready ## the tests without Kafka and one flow on each supported Python that is installed; VERSIONS="3.13 3.14" for others (ten minutes each)
	@$(PY) tests/release/pythons.py $(VERSIONS)

drills: .venv/ready ## six failures on the real system, each with its alert, its panel and its repair, then a bad night (20 minutes)
	@$(PY) tests/system/drills.py && $(PY) tests/system/night.py

drill-backup: .venv/ready ## the whole Kafka is lost and comes back from a copy and an export (two minutes)
	@$(PY) tests/system/backup.py

chaos: .venv/ready ## long runs under faults on one broker and on three (90 minutes), a replay under kills, and the proof that they would notice
	@$(PY) tests/chaos/run.py --runs 5 && $(PY) tests/chaos/run.py --brokers 3 --runs 4 && $(PY) tests/chaos/results.py
	@$(PY) -m pytest -m chaos -s

screenshots: .venv/ready ## the pictures of the documents, from a demo of its own (needs Chromium)
	@$(PY) -m pip install --quiet --disable-pip-version-check -e '.[system]'
	@deploy/screenshots.sh

bench: .venv/ready ## all benchmarks side by side, 80 minutes; QUICK=1 a look in ten; SAVE=1 into deploy/BENCHMARKS.md and charts
	@$(PY) tests/bench/all.py $(if $(QUICK),--quick) $(if $(SAVE),--save) && $(PY) tests/support/readme.py

dist: .venv/ready ## wheel and source archive into dist/
	@rm -rf dist && $(PY) -m pip install --quiet --disable-pip-version-check build && $(PY) -m build --outdir dist

image: .venv/ready ## the image, its SBOM and its licences into dist/, without Docker (needs root, buildah, debootstrap)
	@deploy/validators.sh && deploy/image.sh

clean: ## remove what make made
	rm -rf .venv .newswire .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist *.egg-info
