# `make demo` and `make test` do all of their own set-up, in .venv inside the checkout.
BIN := .venv/bin
REQUIRED_PYTHON := 3.11
JOBS ?= 2
TARGET ?= linux-x64

.PHONY: demo test check fix lint typecheck bench lock vsix screenshots components clean

demo: .venv/ready
	@$(BIN)/beadwork demo

test: .venv/ready
	@$(BIN)/pytest -n $(JOBS) --dist loadgroup $(ARGS)

check: .venv/ready
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python tests/house.py

fix: .venv/ready
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: .venv/ready
	@$(BIN)/python -m benchmarks

# The real components that `make test` uses where they are there; CI requires all of them.
components:
	@tests/components/bubblewrap.sh
	@tests/components/claude.sh
	@tests/components/emacs.sh
	@tests/components/bd.sh
	@tests/components/vscode.sh

# Versions and hashes only: a lock file records no addresses.
lock: .venv/ready
	@[ -x $(BIN)/uv ] || $(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --group dev --generate-hashes --no-header --no-emit-index-url \
	  --universal --python-version $(REQUIRED_PYTHON) --quiet --output-file dev.lock $(ARGS)
	$(BIN)/uv pip compile pyproject.toml --constraint dev.lock --generate-hashes --no-header --no-annotate \
	  --no-emit-index-url --universal --python-version $(REQUIRED_PYTHON) --quiet \
	  --output-file vscode-extension/bundle.lock

# The extension with its server, for one platform: vscode-extension/out/beadwork-TARGET.vsix
vsix: .venv/ready
	@$(BIN)/python vscode-extension/bundle.py $(TARGET)
	@cd vscode-extension && npm ci --ignore-scripts --no-audit --no-fund --silent
	@cd vscode-extension && npm run --silent package -- --target $(TARGET) --out out/beadwork-$(TARGET).vsix

# The pictures of the README, taken of the extension as it is.
screenshots: .venv/ready
	@mkdir -p docs/screenshots
	@BEADWORK_REQUIRE=vscode BEADWORK_SCREENSHOTS=$(CURDIR)/docs/screenshots $(BIN)/pytest -q tests/real/test_vscode_screenshots.py

.venv/ready: dev.lock pyproject.toml tests/components/venv.sh
	@tests/components/venv.sh .venv
	@touch $@

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
