"""What a command is for, by its words; what is not known has no purpose."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beadwork.context.stack.purposes import purpose_of_line, purpose_of_name
from beadwork.context.stack.shell_lines import plain_lines

LINES = {
    "pytest -q": "test",
    "sudo -E env FOO=1 python3 -m pytest tests": "test",
    "uv run --python 3.12 --with x pytest": "test",
    "poetry run mypy src": "typecheck",
    "npx eslint . --max-warnings 0": "lint",
    "pnpm exec playwright install chromium": "install",
    "npm ci": "install",
    "npm test -- --run": "test",
    "npm --prefix web run lint": "lint",
    "yarn": "install",
    "yarn workspace web run build": "build",
    "bun test": "test",
    "node --test": "test",
    "cargo +nightly clippy -- -D warnings": "lint",
    "cargo fmt --all -- --check": "lint",
    "cargo fmt": "format",
    "go test -race ./...": "test",
    "go mod download": "install",
    "./mvnw -B verify": "test",
    "mvn -DskipTests package": "build",
    "mvn spotless:check": "lint",
    "./gradlew build": "test",
    "./gradlew build -x test": "build",
    "./gradlew :app:test": "test",
    "cmake --build build": "build",
    "make": "build",
    "make -j4 check": "test",
    "make CFLAGS=-DTEST": "build",
    "tox -e lint": "lint",
    "tox": "test",
    "nox -s tests": "test",
    "bundle exec rake spec": "test",
    "vendor/bin/phpstan analyse": "typecheck",
    "php artisan test": "test",
    "dotnet format --verify-no-changes": "lint",
    "terraform fmt -check": "lint",
    "black --check . && pytest": "test",
    "pnpm format && git diff --exit-code": "lint",
    "./scripts/lint.sh": "lint",
    "uv pip freeze": "",
    "npm run release": "",
    "npm run test:watch": "",
    "echo pytest": "",
    "ls tests": "",
    "unclosed 'quote pytest": "",
}

NAMES = {
    "test": "test",
    "test:unit": "test",
    "unitTests": "test",
    "test-docs": "test",
    "docs-test": "",
    "lint-fix": "format",
    "format:check": "lint",
    "fmt": "format",
    "type-check": "typecheck",
    "check-types": "typecheck",
    "build-types": "build",
    "watch": "",
    "test:ui": "",
    "prepare": "",
    "deploy": "",
    "all": "build",
    "contest": "",
}


@pytest.mark.parametrize("line", LINES)
def test_a_line_has_the_purpose_of_its_program(line: str) -> None:
    """Wrappers, variables and flags before a program do not hide it."""
    assert (purpose_of_line(line) or "") == LINES[line]


@pytest.mark.parametrize("name", NAMES)
def test_a_task_has_the_purpose_of_its_first_known_word(name: str) -> None:
    """Tasks that never end, reach outside or are about something else have none."""
    assert (purpose_of_name(name) or "") == NAMES[name]


def test_a_script_gives_the_lines_that_always_run() -> None:
    """Continued lines are joined; comments, branches, loops, functions and here-documents are left out."""
    script = """
# first
make \\
  all
if true; then pytest; fi
if [ -n "$X" ]; then
  pytest branch
fi
helper() {
  pytest function
}
cat <<'END'
pytest text
END
pytest last # why
"""
    assert plain_lines(script) == ["make all", "pytest last"]


@given(st.text(max_size=300))
def test_no_script_raises(script: str) -> None:
    """Whatever a script holds, its lines have a purpose or none."""
    for line in plain_lines(script):
        purpose_of_line(line)
    purpose_of_name(script)
