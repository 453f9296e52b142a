# Everything runs in .venv, which holds the versions of requirements-dev.lock and nothing else. They are those of
# requirements.lock, which has what the program needs to run, and those of the tools that tests need.

# The first of these that is Python 3.11 or newer makes .venv. Another one: make PYTHON=python3.12
PYTHON ?= python3 python3.14 python3.13 python3.12 python3.11 python
# Added to the command of `release`, `check`, `test`, `fuzz` and `bench`: make test ARGS='-k csv'
ARGS :=

# Tests run in two processes, unless these are not wanted: make test ARGS='-p no:xdist'
PARALLEL = $(if $(findstring no:xdist,$(ARGS)),,-n 2 --dist loadfile)

VENV := .venv
BIN := $(VENV)/bin
LOCKED := $(VENV)/.locked
INSTALLED := $(VENV)/.installed

.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
.PHONY: help venv release check test lint format bench stress fuzz readers test-clients browser screenshots docs web web-check reproduce reproduce-elsewhere installed workflows ci-check lock lock-check upgrade clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-19s %s\n", $$1, $$2 }' Makefile

venv: $(INSTALLED) ## Make .venv, if it is not there or not up to date

release: $(INSTALLED) ## Build the release that datapackage.yaml describes, into dist/
	$(BIN)/release build $(ARGS)

check: $(INSTALLED) ## Show every fault in the records; write nothing
	$(BIN)/release check $(ARGS)

test: $(INSTALLED) ## Run the tests
	$(BIN)/pytest $(PARALLEL) $(ARGS)

lint: $(INSTALLED) ## Check style, format and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(INSTALLED) ## Put the code in the format that lint expects
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

bench: $(INSTALLED) ## Measure speed and memory against the peer and the limits (ARGS=--quick: some minutes)
	$(BIN)/python -m benchmarks.bench $(ARGS)

stress: $(INSTALLED) ## Fail and kill at every step where the tests take some of them, and take more chances
	RELEASE_STRESS=all $(BIN)/pytest $(PARALLEL) tests/outside/test_crash.py tests/build tests/cli/test_cli.py \
	  tests/package/test_packing.py tests/outside/test_hostile_releases.py $(ARGS)

fuzz: $(INSTALLED) ## Fuzz each reader for a minute, guided by coverage (ARGS='zip --seconds 600': one, longer)
	@test -d .fuzz/site || $(BIN)/uv pip install --quiet --group fuzz --target .fuzz/site
	PYTHONPATH=.fuzz/site $(BIN)/python -m tests.fuzz $(ARGS)

reproduce: $(INSTALLED) ## Build under every variation of what is around a build, and compare every byte
	RELEASE_REPRODUCE=all $(BIN)/pytest $(PARALLEL) tests/outside/reproduce $(ARGS)

reproduce-elsewhere: $(INSTALLED) ## Build with other versions of Python and pyarrow, and rebuild those releases here
	$(BIN)/python -m tests.outside.reproduce.elsewhere $(ARGS)

readers: $(INSTALLED) .readers/.locked ## Run the code that a release prints for its readers, in the tools that are here
	R_LIBS="$(CURDIR)/.readers/R:$$R_LIBS" $(BIN)/pytest -p no:xdist tests/outside/test_readers.py $(ARGS)

# As root it installs what is missing of Debian's packages, and in .readers those of R that it can have.
test-clients: $(INSTALLED) .readers/.locked ## Install Java, npm, R and SQLite where they are missing, and then do the same
	@set -e; missing=; \
	for each in java:default-jre-headless npm:npm Rscript:r-base-core sqlite3:sqlite3; do \
	  command -v "$${each%%:*}" >/dev/null || missing="$$missing $${each#*:}"; \
	done; \
	if [ -n "$$missing" ] && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  apt-get update -qq; \
	  DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $$missing; \
	fi; \
	if command -v Rscript >/dev/null; then \
	  mkdir -p .readers/R; \
	  for name in nanoparquet arrow; do \
	    Rscript -e ".libPaths(c('.readers/R', .libPaths())); if (!requireNamespace('$$name', quietly = TRUE)) \
	      try(suppressWarnings(install.packages('$$name', lib = '.readers/R', quiet = TRUE)))" || true; \
	  done; \
	fi
	@$(MAKE) --no-print-directory readers

browser: $(INSTALLED) .browser/.locked web/node_modules/.installed ## Try the pages of a release in a real browser
	@$(chromium)
	$(in_browser) $(BIN)/pytest -p no:xdist tests/outside/browser $(ARGS)

screenshots: $(INSTALLED) .browser/.locked ## Take the pictures of docs/ again (SHOTS=FOLDER: put them there)
	@$(chromium)
	$(in_browser) $(BIN)/python -m tests.support.screenshots $(SHOTS)

SHOTS ?= docs/screenshots
in_browser = PYTHONPATH=$$(echo .browser/lib/python*/site-packages) RELEASE_BROWSER=all
# Debian's chromium and a font for Chinese, where they are missing and may be installed without a question.
chromium = set -e; lacking=; sudo=; \
	command -v chromium >/dev/null || lacking=chromium; \
	fc-list :lang=zh family 2>/dev/null | grep -q . || lacking="$$lacking fontconfig fonts-noto-cjk"; \
	if [ "$$(id -u)" != 0 ] && [ -n "$$GITHUB_ACTIONS" ]; then sudo=sudo; fi; \
	if [ -n "$$lacking" ] && { [ "$$(id -u)" = 0 ] || [ -n "$$sudo" ]; } && command -v apt-get >/dev/null; then \
	  $$sudo apt-get update -qq; \
	  $$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $$lacking; \
	fi

docs: $(INSTALLED) .docs/.locked ## Build the site of docs/ into .docs/site, and check every link of it
	NO_MKDOCS_2_WARNING=1 .docs/bin/mkdocs build --strict --config-file website/mkdocs.yml
	$(BIN)/python -m website.check .docs/site

installed: $(INSTALLED) ## Try the wheel without the lock: each Python, the newest and the lowest versions
	$(BIN)/python -m tests.outside.reproduce.installed $(ARGS)

web: web/node_modules/.installed ## Build the script of a release's page from web/
	npm --prefix web run --silent build

web-check: web/node_modules/.installed ## Check types and tests of web/, and that the built script is what it makes
	npm --prefix web run --silent check

web/node_modules/.installed: web/package-lock.json
	npm --prefix web ci --ignore-scripts --no-audit --no-fund --loglevel=error
	touch $@

workflows: $(INSTALLED) .workflows/.locked ## Check workflows and actions: safety, schemas, expressions, every shell line
	$(BIN)/python -m tests.outside.ci.lint .workflows

ci-check: $(INSTALLED) .workflows/.locked ## Install as the actions and the pre-commit hook do, and run them to the end
	RELEASE_CI=all $(BIN)/pytest $(PARALLEL) tests/outside/ci $(ARGS)

# Tools that only some targets need, in environments of their own; .readers fills 1.2 GB.
.readers/.locked .browser/.locked .docs/.locked .workflows/.locked: .%/.locked: requirements-%.lock $(BIN)/uv
	rm -rf .$*
	$(BIN)/uv venv --quiet --python $(BIN)/python .$*
	$(BIN)/uv pip install --quiet --python .$*/bin/python --require-hashes -r $<
	touch $@

# `compile,LOCK,WHAT,OPTIONS` leaves in $$lock what the file LOCK should be. The versions it has now are
# kept where pyproject.toml admits them; and one version of each package serves every Python.
compile = set -e; dir=$$(mktemp -d); trap 'rm -rf "$$dir"' EXIT; lock="$$dir/requirements.lock"; \
	if [ -f $(1) ]; then cp $(1) "$$lock"; fi; \
	UV_CUSTOM_COMPILE_COMMAND='make lock' $(BIN)/uv pip compile $(3) --quiet --universal \
	  --python-version 3.11 --fork-strategy fewest --generate-hashes --no-emit-index-url \
	  --no-emit-find-links --output-file "$$lock" $(2)
# What each lock is made of; what is in several has one version.
LOCKS := requirements.lock requirements-dev.lock requirements-readers.lock requirements-browser.lock \
	requirements-workflows.lock requirements-docs.lock
requirements.lock := --group build pyproject.toml
requirements-dev.lock := --group dev --extra dask --extra excel --extra watch pyproject.toml --constraint requirements.lock
requirements-readers.lock := --group readers --constraint requirements-dev.lock
requirements-browser.lock := --group browser --constraint requirements-dev.lock
requirements-workflows.lock := --group workflows
requirements-docs.lock := --group docs --constraint requirements-dev.lock
# An unchanged lock is not touched, so that .venv stays up to date.
replace = if cmp -s "$$lock" $(1); then echo '$(1) is up to date'; \
	else cat "$$lock" > $(1); echo '$(1) is new'; fi
compare = if diff -u $(1) "$$lock"; then echo '$(1) is up to date'; else \
	  echo '$(1) does not fit pyproject.toml: run `make lock` and commit it' >&2; \
	  exit 1; \
	fi

# `locks,OPTIONS,DO` makes each lock, and does with it `replace` or `compare`: a command a line.
define locks
$(foreach lock,$(LOCKS),@$(call compile,$(lock),$($(lock)),$(1)); $(call $(2),$(lock))
)
endef

lock: $(BIN)/uv ## Make the six locks from pyproject.toml; keep the versions they have
	$(call locks,,replace)

upgrade: $(BIN)/uv ## Make the six locks with the newest versions
	$(call locks,--upgrade,replace)

lock-check: $(INSTALLED) ## Fail if the locks are not what `make lock` would make
	$(call locks,,compare)

clean: ## Remove .venv and all caches; dist/ stays
	rm -rf $(VENV) .readers .browser .workflows .docs web/node_modules build .fuzz .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The lock is made with the uv of the lock. No prerequisites: .venv is not made anew first, from a
# lock that is about to change.
$(BIN)/uv:
	@$(MAKE) --no-print-directory $(LOCKED)

# Prints the base interpreter, because `python3` may be that of the .venv about to be removed; or, of one
# that is too old, its version, and ends with 3. Python 2 must be able to run it.
probe := import sys; v = sys.version_info; old = v < (3, 11); \
	print("%d.%d.%d" % v[:3] if old else sys._base_executable); sys.exit(3 if old else 0)

# Each interpreter that is refused leaves a line in $$refused that says why.
$(LOCKED): requirements-dev.lock
	@set -e; base=; refused=; line_end=$$(printf '\n.'); line_end=$${line_end%.}; \
	for name in $(PYTHON); do \
	  if ! command -v "$$name" >/dev/null; then why='not found'; \
	  else \
	    code=0; base=$$("$$name" -c '$(probe)' 2>/dev/null) || code=$$?; \
	    if [ $$code = 0 ] && [ -n "$$base" ]; then break; fi; \
	    if [ $$code = 3 ]; then why="too old: $$base"; \
	    else \
	      last=$$("$$name" -c '$(probe)' 2>&1 | sed -n '/[^[:space:]]/h; $${x; s/^[[:space:]]*//; p;}'); \
	      why="does not start: $${last:-it ends with exit code $$code and says nothing}"; \
	    fi; \
	  fi; \
	  base=; refused="$$refused  $$name: $$why$$line_end"; \
	done; \
	if [ -z "$$base" ]; then \
	  printf 'No Python 3.11 or newer found. Tried:\n%s' "$$refused" >&2; \
	  echo 'Install one, or say where it is: make PYTHON=/path/to/python3.12' >&2; \
	  exit 1; \
	fi; \
	echo "Making $(VENV) from requirements-dev.lock with $$base"; \
	rm -rf $(VENV); \
	if command -v uv >/dev/null; then \
	  uv venv --quiet --python "$$base" $(VENV); \
	  uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements-dev.lock; \
	else \
	  "$$base" -m venv $(VENV); \
	  $(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements-dev.lock; \
	fi; \
	touch $@

$(INSTALLED): $(LOCKED) pyproject.toml
	@set -e; \
	if [ -x $(BIN)/pip ]; then \
	  $(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .; \
	else \
	  $(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .; \
	fi; \
	touch $@
