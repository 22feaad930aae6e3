# Every target works on a fresh clone: it makes .venv first, and again when pyproject.toml or constraints.txt changes.

PYTHON ?= python3
PORT ?= 8181
BIN := .venv/bin
PIP := $(BIN)/pip --quiet --disable-pip-version-check install
STAMP := .venv/.installed
LOCK ?= constraints.txt
SEED ?= 0
EXAMPLES ?= 200
REPLICAS ?= 3
MINUTES ?= 60
# Where the mock under test keeps its state: memory, or postgresql, which is fetched if it isn't here.
STORAGE ?= memory
# One more than there are cores, as tests wait for servers, too; five at most.
WORKERS ?= $(shell $(PYTHON) -c 'import os; print(min(os.cpu_count() or 1, 4) + 1)')

define HOW_TO_INSTALL
.venv is not complete; pip says above what is missing.
  - A file doesn't match its hash? It isn't the one that was locked: find out where it comes from, and don't use it.
  - pyproject.toml has changed, or constraints.txt asks for what your package index doesn't have?
      make lock              writes constraints.txt anew: the newest versions that pyproject.toml allows
  - Just to get going:
      make install LOCK=     does without constraints.txt, and checks no hashes
endef
export HOW_TO_INSTALL

.DEFAULT_GOAL := help
.PHONY: help install lock audit mock test whole-runs package-test check fuzz contract lies mutants judge-power receivers senders drift
.PHONY: false-alarms
.PHONY: coverage mutation bad-hosts safety independent prism-check robustness corpora contract-tools browser-check client-check
.PHONY: postgres-check cluster cluster-chaos cluster-race cluster-bench signature-check bench soak bench-guard foreign
.PHONY: json-schema-suite memory memory-cost recipes release site tour clean
.PHONY: collections collections-check generated-clients npm-check npm-package image frontend-check

help: ## Show the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 16

install: $(STAMP) ## Make .venv with everything in it, as constraints.txt has it (LOCK=: the newest versions)

$(STAMP): pyproject.toml $(LOCK)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; set PYTHON=/path/to/python3.11"; exit 1; }
	@echo "Making .venv; this takes a minute, once."
	@$(PYTHON) -m venv .venv
	@$(if $(LOCK),$(PIP) --require-hashes --requirement $(LOCK) && $(PIP) --no-index --no-build-isolation,$(PIP)) \
		--editable '.[dev]' || { echo "$$HOW_TO_INSTALL"; exit 1; }
	@$(BIN)/python -m compileall -q mockserver # else each start would, where PYTHONDONTWRITEBYTECODE is set
	@touch $@

lock: ## Write constraints.txt and the locks in tools/ anew, with the newest versions
	@PYTHON=$(PYTHON) bash tools/lock.sh

audit: $(STAMP) ## Has a package of constraints.txt a known vulnerability?
	@$(BIN)/python -m tools.audit

mock: $(STAMP) ## Start the mock (PORT=8181)
	@$(BIN)/mockserver serve --port $(PORT); code=$$?; [ $$code -eq 130 ] || exit $$code # 130 is Ctrl-C

cluster: $(STAMP) ## Start three mocks with one state on PostgreSQL, behind HAProxy, on this machine (PORT=8181 REPLICAS=3)
	@$(BIN)/python -m tools.cluster --port $(PORT) --replicas $(REPLICAS); code=$$?; [ $$code -eq 130 ] || exit $$code # 130 is Ctrl-C

cluster-chaos: $(STAMP) ## Kill and restart the parts of a cluster under load: what is lost? Writes bench/results/cluster-chaos.md (ARGS="--kills 5")
	$(BIN)/python -m bench.cluster.chaos $(ARGS)

cluster-race: $(STAMP) ## 200 at once try what one may have, at all replicas of a cluster; writes bench/results/cluster-race.md
	$(BIN)/python -m bench.cluster.race $(ARGS)

cluster-bench: $(STAMP) ## Measure a mock in memory and clusters; writes bench/results/cluster-bench.md (10 minutes; needs wrk and hey)
	$(BIN)/python -m bench.cluster.throughput $(ARGS)

test: $(STAMP) ## Run the tests, on up to four cores
	$(BIN)/pytest -p xdist --numprocesses $(WORKERS) --dist worksteal

whole-runs: $(STAMP) ## Run the tests that judge by whole runs, of every judge, plain Schemathesis, and an application's own tests
	$(BIN)/pytest -p xdist --numprocesses $(WORKERS) --dist worksteal -m whole_runs

package-test: $(STAMP) ## Build wheel and bundle and try them without the checkout (needs the package index)
	$(BIN)/pytest -m package tests/test_package.py

postgres-check: $(STAMP) ## Run the tests that need PostgreSQL, which is fetched if it isn't here
	@$(BIN)/python -m tools.postgres
	$(BIN)/pytest -p xdist --numprocesses $(WORKERS) --dist worksteal -m postgres

check: $(STAMP) ## Lint and type-check the code, and lint the contract
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry --no-ansi mockserver
	$(BIN)/deptry --no-ansi --ignore DEP002,DEP004 bench tests tools
	$(BIN)/openapi-spec-validator openapi.yaml mockserver/control/control.yaml
	$(BIN)/python -m tools.lint_contract openapi.yaml
	$(BIN)/python -m tools.lint_contract mockserver/control/control.yaml

fuzz: $(STAMP) ## Fuzz the mock over HTTP (SEED=0 EXAMPLES=200 STORAGE=postgresql)
	$(if $(filter memory,$(STORAGE)),$(BIN)/pytest -m slow_fuzz tests/fuzz)
	$(BIN)/python -m tests.fuzz.over_http --seed $(SEED) --examples $(EXAMPLES) --storage $(STORAGE)

contract: $(STAMP) ## Hold a running instance against the contract (TARGET=URL, OL_USERNAME, OL_PASSWORD; ARGS=more)
	@test -n "$(TARGET)" || { echo "Which instance? make contract TARGET=http://127.0.0.1:8181"; exit 2; }
	@$(BIN)/mockserver check live --url $(TARGET) $(ARGS)

lies: $(STAMP) ## Plant lies in the mock and see who notices, the response validator or Schemathesis
	$(BIN)/python -m tests.fuzz.lies

robustness: $(STAMP) ## Send 1,500 hostile requests to the mock and to stock Connexion; writes bench/results/robustness.md
	$(BIN)/python -m tests.hostile.robustness

corpora: $(STAMP) ## Other people's HTTP cases, on the mock and other servers; writes bench/results/http-corpora.md (ARGS=more)
	$(BIN)/python -m tests.hostile.corpora $(ARGS)

mutants: $(STAMP) ## Which of many single faults do the judges find? (ARGS="--every 1": all)
	$(BIN)/python -m tests.mutants score $(ARGS)

judge-power: $(STAMP) ## Mute each promise of our judge: does a test notice? Writes docs/judge.md (ARGS=--check: compares)
	$(BIN)/python -m tests.mutants power $(ARGS)

senders: $(STAMP) ## Does `check sender` find all faulty senders, and nothing on a correct one? (ARGS="twice": some by name)
	$(BIN)/python -m tests.mutants.senders $(ARGS)

drift: $(STAMP) ## Does `check drift` find what differs, and nothing on equal sides? Are its patches true? (ARGS="tier": faults by name)
	$(BIN)/python -m tests.mutants.drift $(ARGS)

receivers: $(STAMP) ## Does `check receiver` find all wrong receivers, and nothing on the right ones? (ARGS="--only NAME")
	$(BIN)/python -m tests.receivers $(ARGS)

false-alarms: $(STAMP) ## Does our judge find anything on a correct server? Ten seeds (STORAGE=postgresql ARGS="--seeds 1")
	$(BIN)/python -m tests.mutants false-alarms --storage $(STORAGE) $(ARGS)

coverage: $(STAMP) ## Run the tests, and measure which lines and branches of mockserver/ they reach
	$(BIN)/coverage run -m pytest
	$(BIN)/coverage report

mutation: $(STAMP) ## Change the core's code bit by bit: which changes does no test notice? (MINUTES=60 ARGS="'mockserver.signing*'")
	@MINUTES=$(MINUTES) bash tools/mutation.sh $(ARGS)

bad-hosts: $(STAMP) ## What does our judge say of hosts that can't be judged?
	$(BIN)/python -m tests.mutants.bad_hosts

safety: $(STAMP) ## Does our judge touch what isn't its own, or leave anything, however it ends?
	$(BIN)/python -m tests.mutants.safety $(ARGS)

prism-check: $(STAMP) ## Judge an instance that is run by other software (needs Node.js)
	$(BIN)/python -m tests.mutants.prism

independent: $(STAMP) ## Judge an implementation that isn't ours (needs Node.js; ARGS="--faults all": an hour); writes bench/results/independent.md
	$(BIN)/python -m tests.independent $(ARGS)

recipes: $(STAMP) ## Run the scripts of actions/, templates/ and recipes/, and hold the files against the schemas of GitHub, GitLab and Compose (needs the package index)
	$(BIN)/pytest -m recipes tests/test_actions.py tests/test_recipes.py
	@bash tools/recipes.sh

contract-tools: $(STAMP) ## Hold the contract against other people's tools (needs Node.js)
	$(BIN)/python -m tools.contract_tools openapi.yaml
	$(BIN)/python -m tools.contract_tools mockserver/control/control.yaml

browser-check: $(STAMP) ## Use the documentation, read the site, and call the mock from a page, in a real browser (needs Node.js and chromium)
	$(BIN)/python -m tools.browser_check

frontend-check: $(STAMP) ## Test the app of examples/loyalty-app in a real browser (needs Node.js and chromium; ARGS="--repeat 10")
	@$(BIN)/python -m tools.frontend_check $(ARGS)

collections: $(STAMP) ## Make collections/ for Postman and Bruno from openapi.yaml
	@$(BIN)/python -m tools.api_collections

generated-clients: $(STAMP) ## Make clients of the contract in four languages, and use them on a mock (skips what isn't there)
	@$(BIN)/python -m tools.generated_clients

npm-check: $(STAMP) ## Check and test js/ with the mock of this checkout (needs Node.js)
	@$(BIN)/python -m tools.npm_package --sources-only

npm-package: $(STAMP) ## Make dist/npm/*.tgz, with an executable that needs no Python, and try them (needs Node.js and the package indexes)
	@$(BIN)/python -m tools.npm_package

collections-check: $(STAMP) ## Run collections/ with Postman's newman and Bruno's CLI (needs Node.js)
	@$(BIN)/python -m tools.api_collections.check

client-check: $(STAMP) ## Let other people's HTTP clients log in: curl, Java, Go, Node.js, Python (skips what isn't there)
	$(BIN)/python -m tools.client_check

signature-check: $(STAMP) ## Verify the mock's signatures by the guide's code in seven languages (skips what isn't there)
	$(BIN)/python -m tools.signature_check

bench: $(STAMP) ## Measure the mock beside its peers; writes bench/results/side-by-side.md (half an hour; needs wrk and hey; ARGS="--rows FAN": a part)
	$(BIN)/python -m bench $(ARGS)

soak: $(STAMP) ## Mixed load for half an hour: does anything fail, or grow? Writes bench/results/soak.md (ARGS="--minutes 2": a trial)
	$(BIN)/python -m bench.soak $(ARGS)

bench-guard: $(STAMP) ## See that the request pipeline hasn't become slower (half a minute)
	$(BIN)/python -m bench.guard

foreign: $(STAMP) ## Serve other people's documents, beside Prism (needs the package registries; Prism needs Node.js)
	$(BIN)/python -m bench.foreign

memory: $(STAMP) ## Is what mocks of other people's documents remember true? Writes bench/results/memory.md (needs the package registries; ARGS=more)
	$(BIN)/python -m bench.memory $(ARGS)

memory-cost: $(STAMP) ## Measure what remembering costs, beside peers; writes bench/results/memory-cost.md (needs wrk and Node.js)
	$(BIN)/python -m bench.memory.cost $(ARGS)

json-schema-suite: $(STAMP) ## Run the test suite of JSON Schema 2020-12 through our validator; writes bench/results/json-schema-suite.md (needs the package index)
	$(BIN)/python -m bench.json_schema_suite

tour: $(STAMP) ## See a webhook, a fault, and a lie that the judge finds, step by step (TOUR_PAUSE=0: without pauses)
	@$(BIN)/python -m tools.tour; code=$$?; [ $$code -eq 130 ] || exit $$code # 130 is Ctrl-C

site: $(STAMP) ## Make site/index.html: guides, reference, events and errors as static pages (needs the package index)
	@bash tools/static_site/build.sh

release: $(STAMP) ## Make a release of the last commit in dist/ (needs the package index; ARGS=--without-bundle: without)
	@$(BIN)/python -m tools.release $(ARGS)

image: $(STAMP) ## Make the image of the last commit, and try it (needs buildah and the package index; ARGS="--base IMAGE")
	@$(BIN)/python -m tools.image $(ARGS)

clean: ## Remove what the targets made, but for measurements (bench/results)
	rm -rf .venv .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache .schemathesis *.egg-info
	rm -rf build dist examples/loyalty-app/build js/dist mockserver-report schemathesis-report site bench/.cache tools/.cache
	find . \( -name __pycache__ -o -name node_modules \) -prune -exec rm -rf {} +
