# Thenar. `make demo` shows the economy of a capture; `make test` shows every test pass. Nothing leaves this folder.
SHELL := /bin/sh
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
.PHONY: help setup demo test check contracts node integration e2e gas bench big campaign coverage interop format lock abi clean distclean

PY := .venv/bin/python
export PATH := $(CURDIR)/.tools/bin:$(CURDIR)/node_modules/.bin:$(CURDIR)/.venv/bin:$(PATH)

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' Makefile

setup: .stamps/python .stamps/solc ## install everything into this folder
	@echo 'set-up: ready'

.stamps/python: requirements.lock pyproject.toml scripts/install_python.sh
	@scripts/install_python.sh && mkdir -p .stamps && touch $@

.stamps/node: package-lock.json package.json scripts/install_node.sh
	@scripts/install_node.sh && mkdir -p .stamps && touch $@

.stamps/solc: .stamps/node scripts/solc.cjs scripts/link_solc.sh
	@scripts/link_solc.sh && touch $@

demo: setup ## run the whole story for real: make demo ARGS="--capture scan.pcd"
	@.venv/bin/thenar demo $(ARGS)

test: setup ## checks, contracts, node, integration, end to end, one summary
	@$(PY) scripts/run_tests.py

check: setup ## lint, types, import rules, sizes, ABIs, links
	@$(PY) scripts/check.py

contracts node integration e2e: setup ## one suite
	@$(PY) scripts/run_tests.py $@

gas: setup ## measure gas: reports/gas.json and docs/gas.md
	@scripts/brownie run gas

bench: setup ## measure speed: reports/bench.json
	@$(PY) scripts/bench.py $(ARGS)

big: setup ## 1 GB through both stores with an eye on memory
	@THENAR_BIG_MB=1024 $(PY) -m pytest -p no:pytest-brownie -q -s tests/integration/test_big_files.py

campaign: setup ## walk the contracts' state machines twenty times as long: make campaign SIZE=100
	@THENAR_CAMPAIGN=$(or $(SIZE),20) scripts/brownie test tests/contracts/stateful -n 2

coverage: setup ## contract tests with tracing; own code must be covered in full
	@rm -f build/tests.json build/reports/coverage.json
	@scripts/brownie test tests/contracts --coverage -n 2
	@$(PY) scripts/check_coverage.py

interop: setup ## fetch a Kubo and a Node.js 22 so that the interop tests run here
	@scripts/install_peers.sh

format: setup ## rewrite Python sources in the house style
	@.venv/bin/ruff check --fix --quiet . ; .venv/bin/ruff format .

abi: setup ## recompile and write the node's ABIs
	@$(PY) scripts/export_abi.py

lock: ## resolve dependencies anew: requirements.lock and package-lock.json
	@scripts/lock.sh

clean: ## remove what builds and tests leave
	@rm -rf build dist .home .demo .hypothesis .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
	@find node scripts tests -name __pycache__ -type d -prune -exec rm -rf {} +

distclean: clean ## remove the environment too
	@rm -rf .venv node_modules .solcx .tools .stamps
