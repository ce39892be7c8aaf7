# The two commands of a new user are `make demo` and `make test`; `make help` lists the rest.
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
ARGS ?=
WORKERS ?= auto
EXTRAS ?= postgres,dev

# Tests start a hundred processes of the program; each would compile all of it anew.
unexport PYTHONDONTWRITEBYTECODE

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-21s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "需要 Python 3.11 或更高版本 (Python 3.11 or later is needed)"; exit 3; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { echo "缺少 venv 模块，请先运行: apt-get install python3-venv"; exit 3; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "安装依赖，约需一两分钟 (installing packages, a minute or two): Python $$($(BIN)/python -c 'import sys; print(sys.version.split()[0], sys.base_prefix)')"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[$(EXTRAS)]'
	@touch $@

install: $(STAMP) ## create .venv and install what constraints.txt pins

demo: $(STAMP) ## build the Suzhou demo and serve it (ARGS=--no-serve builds only)
	@$(BIN)/jiqun demo $(ARGS)

test: $(STAMP) ## run the tests, a process for each core (WORKERS=0: in one)
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

test-slow: $(STAMP) ## run the tests that take minutes
	@$(BIN)/python -m pytest -m slow $(ARGS)

check: $(STAMP) ## style, types, import contracts, folders
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/jiqun check china suzhou shenzhen

format: $(STAMP) ## let ruff mend what it can
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

evaluate: $(STAMP) ## score extraction on marked documents and cases, with its confusion (ARGS="--show 40")
	@$(BIN)/python -m benchmarks.evaluate_extraction $(ARGS)

bench: $(STAMP) ## measure the pages and the path on generated volumes
	@$(BIN)/python benchmarks/pages.py $(ARGS)

bench-rounds: $(STAMP) ## a month's round of 20,000 firms: import, checks, totals (ARGS="--database postgresql://…")
	@$(BIN)/python benchmarks/rounds.py $(ARGS)

bench-together: $(STAMP) ## many respondents sending at once, a server killed meanwhile (ARGS="--users 200 --database postgresql://…")
	@$(BIN)/python benchmarks/rounds_together.py $(ARGS)

.PHONY: bench-tiers
bench-tiers: $(STAMP) ## measure the tiers: every register, one firm, engines, imports (ARGS="--lines whole,two --peer PYTHON")
	@$(BIN)/python benchmarks/tiers.py $(ARGS)

bench-extraction: $(STAMP) ## measure extraction: MB/s, two processes, memory, peers (ARGS="--profile 25")
	@$(BIN)/python benchmarks/extraction_speed.py $(ARGS)

bench-growth: $(STAMP) ## how extraction grows with hostile repetition (ARGS="--parts")
	@$(BIN)/python benchmarks/growth.py $(ARGS)

bench-chains: $(STAMP) ## a chain of 100,000 links: load, closure, betweenness (ARGS="--peer PYTHON")
	@$(BIN)/python benchmarks/chains.py $(ARGS)

bench-chain-map: $(STAMP) ## the chain map in a real browser: 300, 5,000 and 100,000 links (ARGS="--shots DIR")
	@$(BIN)/python benchmarks/chain_map.py $(ARGS)

bench-disclosure: $(STAMP) ## seconds and hidden cells against the size of a table
	@$(BIN)/python benchmarks/disclosure.py $(ARGS)

bench-outliers: $(STAMP) ## planted mistakes found in returns (ARGS="--peer PYTHON_WITH_BANFF")
	@$(BIN)/python benchmarks/outliers.py $(ARGS)

bench-layout: $(STAMP) ## layouts to a proved optimum, clashes verified by deletion (ARGS="--draws 10")
	@$(BIN)/python benchmarks/layout.py $(ARGS)

bench-matching-chains: $(STAMP) ## firms placed on links: precision, recall, 100,000 × 1,000 (ARGS="--show tune")
	@$(BIN)/python benchmarks/chain_matching.py $(ARGS)

bench-recasting: $(STAMP) ## recast a million cells: ratio to the definition and to a bare join
	@$(BIN)/python benchmarks/recasting.py $(ARGS)

bench-measures: $(STAMP) ## measures of industry against the bare scan, brute force and peers (ARGS="--peer PYTHON")
	@$(BIN)/python benchmarks/measures.py $(ARGS)

screenshots: $(STAMP) ## every page at two widths, into screenshots/
	@$(BIN)/python benchmarks/screenshots.py $(ARGS)

clean: ## remove what was built
	rm -rf $(VENV) build dist demo-workspace screenshots .pytest_cache .mypy_cache .ruff_cache .import_linter_cache

.PHONY: help install demo test test-slow check format evaluate bench bench-rounds bench-together bench-extraction bench-growth bench-chains bench-chain-map bench-outliers bench-layout bench-matching-chains bench-measures bench-recasting bench-disclosure screenshots clean
