# The flow of the course as verbs. Needs Python 3.11 to 3.13 and GNU make 3.81 or newer.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
    "$$p" autograder/setup_check.py --version 2>/dev/null && echo "$$p" && break; done)
ENV := .venv/.made
PY := .venv/bin/python
PORT ?= 8000
JOBS ?= 2
export PATH := $(CURDIR)/.venv/bin:$(PATH)
.DEFAULT_GOAL := help
.PHONY: course test verify-gpt2 labs site serve figures publish check bench pins clean help

course: $(ENV) ## everything: labs, a sample class graded, the site; ends with the table of scores
	@$(PY) -m autograder class
	@$(MAKE) --no-print-directory site
	@$(PY) -m autograder class --show

test: $(ENV) ## every test, the fast ones first, JOBS=2 at a time
	@$(PY) -m pytest -n $(JOBS) --dist loadgroup --no-loadscope-reorder

verify-gpt2: $(ENV) ## download OpenAI's 124M (1 GB, twice 0.5) and compare what it says with what is known
	@$(PY) -m pytest -s -m network tests/test_verify_gpt2.py

labs: $(ENV) ## solutions -> labs/ and course/source/
	@$(PY) -m autograder release

site: $(ENV) ## book and labs -> _build/html
	@$(MAKE) --no-print-directory _build/html/.made

serve: site ## the site at http://localhost:8000 (PORT=...)
	@$(PY) -m http.server $(PORT) --bind 127.0.0.1 --directory _build/html

figures: $(ENV) ## run the solutions: pictures, numbers and seconds -> solutions/figures
	@$(PY) -m autograder figures
	@$(PY) book/_ext/drawings.py

publish: $(ENV) ## the student-only tree that the badges open, to TO=DIR
	@test -n "$(TO)" || { echo "Say where to: make publish TO=DIR" >&2; exit 2; }
	@$(PY) -m autograder publish "$(TO)"

check: $(ENV) ## style, generated == committed, links
	@$(PY) -m ruff check . && $(PY) -m autograder check

bench: $(ENV) ## speed and cost, each against a named peer
	@$(PY) -m benchmarks

clean: ## remove what is quick to make again; .venv and course/ (grades!) stay
	rm -rf _build .pytest_cache .ruff_cache build dist

help: ## this list
	@sed -n 's/^\([a-z0-9-]*\):[^#]*## \(.*\)/  make \1	\2/p' Makefile

# The environment, again whenever the pins change.
$(ENV): requirements.txt
	@command -v "$(or $(PYTHON),python3)" >/dev/null || { echo "Missing: Python 3.11, 3.12 or 3.13" >&2; exit 1; }
	@"$(or $(PYTHON),python3)" autograder/setup_check.py
	@echo "Making .venv: some minutes, 2 to 4 GB"; "$(PYTHON)" -m venv .venv
	$(PY) -m pip install --disable-pip-version-check -r requirements.txt
	$(PY) -m pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation -e .
	@touch $@

# Exact pins for every platform and Python at once, from the ranges in pyproject.toml. GPU
# packages are left out: beside a CPU build of torch they would be gigabytes for nothing.
pins: $(ENV) ## requirements.txt from pyproject.toml, with the newest that fits
	@mkdir -p _build
	@{ sed -n '/^#/p' requirements.txt; uv pip compile --quiet --universal --python-version 3.11 \
	  --extra course --no-annotate --no-header pyproject.toml | grep -vE '^(nvidia-|cuda-|triton)'; } > _build/pins.txt
	@mv _build/pins.txt requirements.txt

_build/html/.made: _config.yml $(wildcard $(or $(COURSE_ROOT),course)/class.json) $(shell find book labs gptlab solutions/figures -type f ! -name '*.pyc' 2>/dev/null)
	.venv/bin/jupyter-book build . --toc book/_toc.yml -n -W --keep-going
	@touch $@
