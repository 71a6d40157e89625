# Everything that is done with this repository. `make` lists it.

SHELL := /usr/bin/env bash
.DEFAULT_GOAL := help
.PHONY: help run demo test e2e check bench soak setup setup-tests build models

# Without the measuring examples, which the lints compile anyway.
TESTS := --workspace --locked --lib --bins --tests
# Those of the API: they run on both stores.
API_TESTS := --workspace --locked $(patsubst crates/web/tests/%.rs,--test %,$(wildcard crates/web/tests/*.rs)) --test service
NEXTEST := $(shell cargo nextest --version >/dev/null 2>&1 && echo yes)

help: ## List what there is
	@echo "Shiren 实人: is this the real person they say they are?"
	@echo
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: setup build ## Get the models, verify a specimen, then serve: prints the pages to open
	@scripts/demo
	@target/release/shiren serve --try

demo: setup build ## Get the models, draw and photograph a specimen, verify it, explain
	@scripts/demo

test: setup-tests models ## Run all tests, those of the API on both stores
	cargo test --workspace --locked --doc --quiet
ifeq ($(NEXTEST),yes)
	cargo nextest run $(TESTS) --no-fail-fast
	SHIREN_TEST_STORE=postgres scripts/with-postgres cargo nextest run $(API_TESTS) --no-fail-fast
else
	cargo test $(TESTS) --no-fail-fast
	SHIREN_TEST_STORE=postgres scripts/with-postgres cargo test $(API_TESTS) --no-fail-fast
endif

e2e: setup models ## Try the pages in a real browser (Debian's Chromium with a fake camera)
	@scripts/e2e

check: setup ## Format, lints, tests, licences and advisories, schemas: before every commit
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	@$(MAKE) --no-print-directory test
	@if cargo deny --version >/dev/null 2>&1; then cargo deny --workspace check; \
	else echo "cargo-deny is not installed: licences and advisories were not checked (cargo install cargo-deny)"; fi

bench: setup build ## Time reading, comparing and verifying on this machine
	@scripts/bench

soak: setup build ## Kill the service at random while 200 shops live their lives, and see whether anything is lost
	@scripts/soak

setup: ## Install what the system lacks (fonts, pip, npm, a C linker), or say what to install
	@scripts/setup

setup-tests:
	@scripts/setup tests

build: ## Build target/release/shiren
	cargo build --release --locked -p shiren

# The tests' own build also makes the command: `-p shiren` would choose other features and compile half of the
# libraries a second time.
models: setup ## Get the models and sample pictures that tests need
	cargo test $(TESTS) --no-run
	@$${CARGO_TARGET_DIR:-target}/debug/shiren models install --with-samples
