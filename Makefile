# Thenar. `make demo` shows the economy of a capture; `make test` shows every test pass. Nothing leaves this folder.
SHELL := /bin/sh
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
.PHONY: help setup demo test check contracts node integration e2e acceptance gas bench score-table simulate-compute simulate-network scenario big campaign coverage interop invariants mutation audit fuzz format lock abi sdk site clean distclean

PY := .venv/bin/python
export PATH := $(CURDIR)/.tools/bin:$(CURDIR)/node_modules/.bin:$(CURDIR)/.venv/bin:$(PATH)

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' Makefile

setup: .stamps/python .stamps/native .stamps/libm .stamps/solc ## install everything into this folder
	@echo 'set-up: ready'

.stamps/python: requirements.lock pyproject.toml scripts/install_python.sh
	@scripts/install_python.sh && mkdir -p .stamps && touch $@

.stamps/native: .stamps/python node/thenar/domain/_hashes.c node/thenar/domain/_sixteen.h hatch_build.py
	@$(PY) hatch_build.py && touch $@

.stamps/libm: .stamps/python node/thenar/adapters/compute/libm.py node/thenar/domain/work/classes.py
	@if $(PY) -m thenar.adapters.compute.libm; then touch $@; \
	else echo 'set-up: this machine will not lend itself to physics; the next set-up tries again'; fi

.stamps/node: package-lock.json package.json scripts/install_node.sh
	@scripts/install_node.sh && mkdir -p .stamps && touch $@

.stamps/solc: .stamps/node scripts/solc.cjs scripts/link_solc.sh
	@scripts/link_solc.sh && touch $@

demo: setup ## run the whole story for real: make demo ARGS="--capture scan.pcd"
	@.venv/bin/thenar demo $(ARGS)

test: setup .stamps/fuzz ## checks, contracts, node, integration, end to end, one summary
	@$(PY) scripts/run_tests.py

check: setup ## lint, types, import rules, sizes, ABIs, links
	@$(PY) scripts/check.py

contracts node e2e: setup ## one suite
	@$(PY) scripts/run_tests.py $@

integration: setup .stamps/fuzz ## one suite
	@$(PY) scripts/run_tests.py $@

acceptance: setup .stamps/fuzz ## figures of acceptance checks in reports/<id>.json: make acceptance IDS="u1 u8"
	@$(PY) scripts/acceptance.py $(IDS)

gas: setup ## measure gas: reports/gas.json and docs/gas.md
	@scripts/brownie run gas

scenario: setup ## 100,000 fingertip captures paid from a policy's income: make scenario SIZE=1000
	@THENAR_SCENARIO=$(or $(SIZE),10000) scripts/brownie run scenario --network anvil

bench: setup ## measure speed: reports/bench.json
	@$(PY) scripts/bench.py $(ARGS)

simulate-compute: setup ## what checking costs and lying brings among 400 workers: a table and a plot
	@$(PY) scripts/simulate_compute.py

simulate-network: setup ## ninety days of 2,400 contributors, sponsors, keepers, workers and cheats: make simulate-network ARGS="--seed 8"
	@$(PY) scripts/simulate_network.py $(ARGS)

score-table: setup ## copies that pass and honest captures refused, over a set whose truth is known: make score-table SIZE=small
	@$(PY) scripts/score_table.py $(or $(SIZE),full)

big: setup ## 1 GB through both stores with an eye on memory
	@THENAR_BIG_MB=1024 PYTHONPATH=node:tests/support $(PY) -m pytest -p no:pytest-brownie -q -s tests/integration/test_big_files.py

campaign: setup ## walk the contracts' state machines twenty times as long: make campaign SIZE=100
	@THENAR_CAMPAIGN=$(or $(SIZE),20) scripts/brownie test tests/contracts/stateful -n 2

invariants: setup ## random calls against a model of the money: make invariants CALLS=10000000 SEED=2
	@PYTHONPATH=node:tests/support:tests/invariants $(PY) tests/invariants/walk.py --calls $(or $(CALLS),1000000) --seed $(or $(SEED),1)

mutation: setup ## small wrongs put into contracts and node, one at a time: does a test notice? make mutation ARGS="python --only merkle"
	@PYTHONPATH=node:tests/support:tests/invariants $(PY) scripts/mutate.py $(ARGS)

audit: setup .stamps/audit ## everything an auditor runs, one report: reports/audit.json
	@$(PY) scripts/audit.py --calls $(or $(CALLS),1000000) $(STEPS)

.stamps/audit: requirements-audit.lock scripts/install_audit.sh
	@scripts/install_audit.sh && mkdir -p .stamps && touch $@

fuzz: setup .stamps/fuzz ## ask a living node's API some thousands of times for what its description allows, and for what it does not
	@THENAR_ACCEPTANCE=full PYTHONPATH=node:tests/support $(PY) -m pytest -p no:pytest-brownie -q tests/integration/test_fuzzed_api.py

.stamps/fuzz: requirements-fuzz.lock scripts/install_fuzz.sh
	@scripts/install_fuzz.sh && mkdir -p .stamps && touch $@

coverage: setup ## contract tests, unit and story tests traced; own code must be covered in full
	@rm -f build/tests.json build/reports/coverage.json
	@scripts/brownie test tests/contracts/unit tests/contracts/stories --coverage -n 2
	@$(PY) scripts/check_coverage.py
	@scripts/brownie test tests/contracts/attacks tests/contracts/stateful -n 2

interop: setup ## fetch a Kubo and a Node.js 22 so that the interop tests run here
	@scripts/install_peers.sh

format: setup ## rewrite Python sources in the house style
	@.venv/bin/ruff check --fix --quiet . ; .venv/bin/ruff format .

abi: setup ## recompile and write the node's ABIs
	@$(PY) scripts/export_abi.py

site: setup .stamps/docs ## the documentation with a reference made from the code: build/site/index.html
	@$(PY) scripts/write_site.py && NO_MKDOCS_2_WARNING=1 .tools/docs/bin/mkdocs build --quiet --config-file build/mkdocs.yml

.stamps/docs: requirements-docs.lock scripts/install_docs.sh
	@scripts/install_docs.sh && mkdir -p .stamps && touch $@

sdk: setup ## install all that setup does, then build the npm package for frontends: build/sdk/thenar-contracts-<version>.tgz
	@$(PY) scripts/build_sdk.py

lock: ## resolve dependencies anew: requirements.lock and package-lock.json
	@scripts/lock.sh

clean: ## remove what builds and tests leave
	@rm -rf node/thenar/domain/_hashes.abi3.so node/thenar/adapters/compute/pinned_libm.so .stamps/native .stamps/libm build dist .home .demo .hypothesis .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
	@find node scripts tests -name __pycache__ -type d -prune -exec rm -rf {} +

distclean: clean ## remove the environment too
	@rm -rf .venv node_modules .solcx .tools .stamps
