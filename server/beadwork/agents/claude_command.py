"""How Claude Code is started: its arguments, and an environment made of nothing but what is named here.

What it leaves out: where the program lives (`claude_program.py`) and the login (`claude_loan.py`).
"""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from beadwork.agents.claude_outcome import SCHEMA
from beadwork.agents.port import AgentTask

BOXED_MODE = "bypassPermissions"
"""The permission mode in a box: everything."""
OPEN_MODE = "acceptEdits"
"""The permission mode without a box: edits in the checkout, and the commands of the list."""
READING_MODE = "default"
"""The same for who is only to read: the commands of the list."""

_COMMANDS = (
    *(f"git {verb}" for verb in ("add", "commit", "status", "diff", "log", "show", "mv", "rm", "ls-files")),
    *(f"git {verb}" for verb in ("blame", "grep", "rev-parse")),
    *("python", "python3", "pytest", "tox", "nox", "ruff", "mypy", "uv run", "make", "just"),
    *("npm test", "npm run", "pnpm test", "pnpm run", "yarn test", "yarn run", "node --test", "deno test"),
    *(
        "cargo test",
        "cargo build",
        "cargo check",
        "cargo clippy",
        "cargo fmt",
        "go test",
        "go build",
        "go vet",
    ),
    *(
        "mvn test",
        "./mvnw test",
        "gradle test",
        "./gradlew test",
        "dotnet test",
        "dotnet build",
        "swift test",
    ),
    *("bundle exec", "rake", "rspec", "composer test", "phpunit", "mix test", "ctest", "cmake --build"),
)
"""Commands a project is tested, built and committed with. No wall: a test can do anything. It only keeps an
agent without a box from doing by the way what nobody expects of it."""

_CHANGING = frozenset({"git add", "git commit", "git mv", "git rm"})
"""Those of them that an agent has no use for that is only to read."""

_UNWANTED = ("EnterWorktree", "ExitWorktree", "CronCreate", "CronDelete", "CronList", "ScheduleWakeup")
"""Tools that move the work off the bead's branch, or past the end of the run."""

_UNASKED = ("EnterPlanMode", "ExitPlanMode")
"""Tools that are offered as soon as somebody can be asked, and would stop at every plan until a person has
seen it."""

_LEAST_BUDGET = 1e-6
"""US dollars; a budget of none at all is refused by the program."""

_WRITING = ("Edit", "Write", "NotebookEdit")
"""Tools that change files: who is only to read goes without them."""

_READ_FIRST = "If CLAUDE.md or AGENTS.md is in the working folder, read it before you begin."

_WRITTEN = ("GOPATH", "CARGO_HOME")
"""Places that tools write to: a box has its own, in its private home."""

_PASSED = (
    *("PATH", "LANG", "LC_ALL", "LC_CTYPE", "LANGUAGE", "TZ", "TERM", "USER", "LOGNAME", "SHELL"),
    *("ANTHROPIC_BASE_URL", "ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_CUSTOM_HEADERS"),
    *("CLAUDE_CODE_OAUTH_TOKEN", "ANTHROPIC_MODEL", "ANTHROPIC_SMALL_FAST_MODEL"),
    *("ANTHROPIC_DEFAULT_OPUS_MODEL", "ANTHROPIC_DEFAULT_SONNET_MODEL", "ANTHROPIC_DEFAULT_HAIKU_MODEL"),
    *("CLAUDE_CODE_MAX_OUTPUT_TOKENS", "MAX_THINKING_TOKENS", "CLAUDE_CODE_SUBAGENT_MODEL"),
    *("CLAUDE_CODE_USE_BEDROCK", "AWS_REGION", "AWS_BEARER_TOKEN_BEDROCK", "ANTHROPIC_BEDROCK_BASE_URL"),
    *(
        "CLAUDE_CODE_USE_VERTEX",
        "CLOUD_ML_REGION",
        "ANTHROPIC_VERTEX_PROJECT_ID",
        "ANTHROPIC_VERTEX_BASE_URL",
    ),
    *(
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "NO_PROXY",
        "http_proxy",
        "https_proxy",
        "all_proxy",
        "no_proxy",
    ),
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE"),
    *("BASH_DEFAULT_TIMEOUT_MS", "BASH_MAX_TIMEOUT_MS", "API_TIMEOUT_MS", "CLAUDE_CODE_MAX_RETRIES"),
    *("JAVA_HOME", "GOROOT", "RUSTUP_HOME", "PYENV_ROOT", "NVM_DIR", *_WRITTEN),
)
"""The variables that are taken over from the user's environment when they are there."""

CREDENTIALS = ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "CLAUDE_CODE_OAUTH_TOKEN")
"""Variables that hold a login of their own."""

ROOT_IS_FINE = {"IS_SANDBOX": "1"}
"""What root must say in order to work with all permissions; said only inside a box."""


def arguments(program: str, task: AgentTask, *, boxed: bool, allow: Sequence[str]) -> list[str]:
    """Give the argv for a task; the prompt follows on standard input.

    Partial messages are read by nobody: they are the sign that it is at work while it writes long.
    """
    session = f"--resume={task.resume}" if task.resume else f"--session-id={task.session}"
    return [
        *(program, "-p", "--input-format", "stream-json", "--output-format", "stream-json", "--verbose"),
        *(session, f"--json-schema={_schema(task)}"),
        *("--include-partial-messages", "--permission-prompt-tool", "stdio"),
        *([f"--model={task.model}"] if task.model else []),
        *([f"--max-budget-usd={max(task.budget_usd, _LEAST_BUDGET):.6f}"] if task.budget_usd > 0 else []),
        *(["--dangerously-skip-permissions"] if boxed else _open_permissions(task, allow)),
        *("--disallowedTools", *_UNWANTED, *_UNASKED, *(_WRITING if task.read_only else ())),
    ]


def _schema(task: AgentTask) -> str:
    return SCHEMA if task.schema is None else json.dumps(task.schema, separators=(",", ":"))


def _open_permissions(task: AgentTask, allow: Sequence[str]) -> list[str]:
    # Without a box the repository's own settings, hooks and servers are not taken: an agent can write them,
    # and they would run as the user, past the list. That leaves out CLAUDE.md too, so the agent is told.
    mode = READING_MODE if task.read_only else OPEN_MODE
    commands = [command for command in _COMMANDS if not (task.read_only and command in _CHANGING)]
    return [
        *("--permission-mode", mode, "--setting-sources", "user", "--strict-mcp-config"),
        *("--append-system-prompt", _READ_FIRST),
        *("--allowedTools", *(f"Bash({command}:*)" for command in commands), *allow),
    ]


def environment_of(given: Mapping[str, str], configuration: Path, *, boxed: bool) -> dict[str, str]:
    """Give the program's whole environment (a runner adds HOME, TMPDIR and its mark).

    CLAUDE_CODE_SUBPROCESS_ENV_SCRUB is left out on purpose: with it Claude Code 2.1.197 falls back to the
    permission mode `default` without failing, and the agent can commit nothing.
    """
    left_out = _WRITTEN if boxed else ()
    named = {name: given[name] for name in _PASSED if given.get(name) and name not in left_out}
    root = ROOT_IS_FINE if boxed and os.geteuid() == 0 else {}
    return {
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "TERM": "dumb",
        **named,
        "CLAUDE_CONFIG_DIR": str(configuration),
        "DISABLE_AUTOUPDATER": "1",
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        **root,
    }
