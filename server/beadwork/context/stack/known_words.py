"""Tables: the names of tasks, programs and their verbs whose purpose is known.

What it leaves out: reading a command with them (`purposes.py`).
"""

from beadwork.context.stack.model import Purpose


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _table(purpose: Purpose, text: str) -> dict[str, Purpose]:
    return dict.fromkeys(text.split(), purpose)


TASK_NAMES: dict[str, Purpose] = {
    **_table(Purpose.TEST, "test tests unit spec specs unittest unittests pytest jest vitest phpunit rspec"),
    **_table(Purpose.TYPECHECK, "typecheck typechecks typechecking types typing mypy tsc pyright dialyzer"),
    **_table(
        Purpose.LINT, "lint lints linter linting eslint stylelint ruff flake8 pylint clippy vet rubocop"
    ),
    **_table(Purpose.LINT, "rubocop phpstan psalm credo style check analyse analyze static biome"),
    **_table(Purpose.FORMAT, "format formatting fmt prettier black fix cs reformat rustfmt gofmt"),
    **_table(Purpose.BUILD, "build compile dist bundle"),
    **_table(Purpose.INSTALL, "install deps setup bootstrap init dependencies"),
}
"""Words of a task's name; the first that is known counts."""

NEVER = _words(
    "watch debug release deploy publish clean update upgrade uninstall preview prod production daemon"
    " pre post prepare help bench benchmark storybook open push"
)
"""Words of tasks that never end, that reach outside, or that say nothing of the code."""
OTHER_THINGS = _words(
    "docs doc gen generate docker image data server serve start dev report website site demo example examples"
)
"""Words of tasks that are about something else when they come first: `docs-build`, but not `test-docs`."""

FORMATTING = _words("format formatting fmt prettier")
CHECKING = _words("check ci verify diff dry")
CHECK_FLAGS = _words(
    "--check --check-only --dry-run --diff -check -l --list-different --check-formatted --verify-no-changes"
)
"""Flags that make a formatter look and change nothing."""

WRAPPERS: tuple[tuple[str, ...], ...] = (
    *((tool, "run") for tool in sorted(_words("uv poetry pdm hatch pipenv rye pixi pipx coverage rustup"))),
    *((tool, "-m") for tool in ("python", "python3", "py")),
    *((tool, verb) for tool in ("pnpm", "yarn") for verb in ("exec", "dlx")),
    *(("npm", "exec"), ("bun", "x"), ("bundle", "exec"), ("mise", "exec"), ("opam", "exec")),
    *(("docker", "compose", "run"), ("docker", "compose", "exec"), ("docker-compose", "run")),
    *((tool,) for tool in sorted(_words("uvx npx bunx sudo time env xvfb-run nice exec command timeout"))),
)
"""What stands before a command and only prepares it."""

OPTIONS_WITH_FOLDER = _words("-C -f --prefix --filter -F --cwd --dir --directory")
OPTIONS_WITH_VALUE = _words("--with --extra --group -p --python --package --directory -e --from")

PROGRAMS: dict[str, Purpose] = {
    **_table(
        Purpose.TEST,
        "pytest py.test unittest tox nox jest vitest mocha ava rspec phpunit simple-phpunit pest ctest"
        " trial stestr playwright cypress karma tap bats nextest gotestsum wtr",
    ),
    **_table(
        Purpose.LINT,
        "flake8 pylint eslint rubocop golangci-lint staticcheck shellcheck hadolint tflint pre-commit prek"
        " stylelint phpcs swiftlint yamllint actionlint cppcheck clang-tidy markdownlint oxlint xo standard"
        " standardrb bandit lint-imports zizmor codespell typos cargo-deny knip detekt checkstyle",
    ),
    **_table(
        Purpose.FORMAT,
        "black isort prettier gofmt gofumpt rustfmt clang-format swiftformat php-cs-fixer pint ktlint oxfmt"
        " shfmt yapf autopep8 goimports",
    ),
    **_table(
        Purpose.TYPECHECK, "mypy pyright basedpyright pyre pytype tsc vue-tsc ty steep srb attw phpstan psalm"
    ),
    **_table(Purpose.BUILD, "build meson ninja vite webpack rollup tsup esbuild msbuild cmake"),
}

TASK_RUNNERS = _words(
    "make gmake just task rake npm pnpm yarn bun composer mage invoke poe deno nx turbo lerna hatch nox tox"
)
PACKAGE_MANAGERS = _words("npm pnpm yarn bun composer")
INSTALLING = _words("install ci i sync bootstrap restore get --immutable --frozen-lockfile")
NOT_A_TASK = _words("run run-script workspace workspaces foreach exec")

VERBS: dict[str, dict[str, Purpose]] = {
    "cargo": _table(Purpose.TEST, "test t nextest hack miri")
    | _table(Purpose.BUILD, "build b rustc")
    | _table(Purpose.TYPECHECK, "check c")
    | _table(Purpose.LINT, "clippy deny audit doc udeps machete semver-checks")
    | _table(Purpose.FORMAT, "fmt")
    | _table(Purpose.INSTALL, "fetch install"),
    "go": _table(Purpose.TEST, "test")
    | _table(Purpose.BUILD, "build")
    | _table(Purpose.LINT, "vet")
    | _table(Purpose.INSTALL, "install get")
    | _table(Purpose.FORMAT, "fmt"),
    "dotnet": _table(Purpose.TEST, "test")
    | _table(Purpose.BUILD, "build")
    | _table(Purpose.FORMAT, "format")
    | _table(Purpose.INSTALL, "restore"),
    "mix": _table(Purpose.TEST, "test")
    | _table(Purpose.BUILD, "compile")
    | _table(Purpose.FORMAT, "format")
    | _table(Purpose.LINT, "credo")
    | _table(Purpose.TYPECHECK, "dialyzer")
    | _table(Purpose.INSTALL, "deps.get"),
    "swift": _table(Purpose.TEST, "test") | _table(Purpose.BUILD, "build"),
    "ruff": _table(Purpose.LINT, "check") | _table(Purpose.FORMAT, "format"),
    "biome": _table(Purpose.LINT, "check ci lint") | _table(Purpose.FORMAT, "format"),
    "terraform": _table(Purpose.TEST, "test")
    | _table(Purpose.TYPECHECK, "validate")
    | _table(Purpose.FORMAT, "fmt")
    | _table(Purpose.INSTALL, "init"),
    "docker": _table(Purpose.BUILD, "build"),
    "meson": _table(Purpose.BUILD, "setup compile") | _table(Purpose.TEST, "test"),
    "pip": _table(Purpose.INSTALL, "install"),
    "pip3": _table(Purpose.INSTALL, "install"),
    "uv": _table(Purpose.INSTALL, "sync pip") | _table(Purpose.BUILD, "build"),
    "poetry": _table(Purpose.INSTALL, "install") | _table(Purpose.BUILD, "build"),
    "pdm": _table(Purpose.INSTALL, "install sync") | _table(Purpose.BUILD, "build"),
    "pipenv": _table(Purpose.INSTALL, "install sync"),
    "hatch": _table(Purpose.TEST, "test") | _table(Purpose.FORMAT, "fmt") | _table(Purpose.BUILD, "build"),
    "bundle": _table(Purpose.INSTALL, "install"),
    "rails": _table(Purpose.TEST, "test"),
    "manage.py": _table(Purpose.TEST, "test"),
    "artisan": _table(Purpose.TEST, "test"),
    "setup.py": _table(Purpose.TEST, "test") | _table(Purpose.INSTALL, "install"),
    "node": {},
}
"""Programs whose first word says what they do."""

BUILD_TOOLS = _words("mvn mvnw gradle gradlew")
GOALS: dict[str, Purpose] = {
    **_table(Purpose.TEST, "test verify integrationTest allTests"),
    **_table(
        Purpose.LINT, "check checkstyle:check spotless:check spotlessCheck detekt ktlintCheck lint lintKotlin"
    ),
    **_table(Purpose.FORMAT, "spotless:apply spotlessApply ktlintFormat formatKotlin"),
    **_table(Purpose.BUILD, "package compile install assemble build"),
}
GOALS_THAT_TEST = _words("package install build check")
"""Goals that run the tests on their way, unless told to skip them."""
