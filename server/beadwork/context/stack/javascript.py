"""JavaScript and TypeScript: package.json with its scripts, for npm, pnpm, yarn and bun; and Deno's tasks.

Which manager it is, is told by `packageManager` or a lock file, in this folder or in one around it (a
workspace). What it leaves out: what scripts do, but for which program tests.
"""

from beadwork.context.stack.gathering import Gathering
from beadwork.context.stack.model import Part, Purpose
from beadwork.context.stack.purposes import purpose_of_name, telling, unwrapped
from beadwork.context.stack.repository import Folder
from beadwork.context.stack.shell_lines import segments
from beadwork.context.stack.values import has, table, word

MANIFEST = "package.json"
DENO = ("deno.json", "deno.jsonc")
_LOCKS = {
    "pnpm-lock.yaml": "pnpm",
    "yarn.lock": "yarn",
    "bun.lock": "bun",
    "bun.lockb": "bun",
    "package-lock.json": "npm",
    "npm-shrinkwrap.json": "npm",
    "pnpm-workspace.yaml": "pnpm",
}
_EXECUTE = {"npm": "npx", "pnpm": "pnpm exec", "yarn": "yarn", "bun": "bunx"}
_TEST_ONE = {
    "vitest": "vitest run {file}",
    "jest": "jest {file}",
    "mocha": "mocha {file}",
    "ava": "ava {file}",
    "tap": "tap {file}",
    "playwright": "playwright test {file}",
}
_PACKAGES = {"@playwright/test": "playwright"}
MAX_SCRIPTS = 300
_PLACEHOLDER = "no test specified"


def javascript_parts(folder: Folder) -> list[Part]:
    """Give the package in the folder, if there is one."""
    if not folder.has(MANIFEST):
        return []
    manifest = folder.json(MANIFEST)
    scripts = {
        name: script
        for name, script in list(table(manifest, "scripts").items())[:MAX_SCRIPTS]
        if isinstance(script, str)
    }
    manager, source, at_root = _manager(folder, manifest)
    found = Gathering(folder, "javascript")
    if isinstance(manifest, dict) and at_root:
        found.add(Purpose.INSTALL, f"{manager} install", source)
    for name in sorted(scripts, key=telling):
        purpose = purpose_of_name(name)
        if purpose in {None, Purpose.INSTALL} or _PLACEHOLDER in scripts[name]:
            continue
        found.add(purpose, _run(manager, name), f"{MANIFEST} scripts.{name}")
    _add_test_one(found, manifest, scripts, manager)
    _add_tools(found, manifest, manager)
    return found.part(word(manifest, "name"))


def _manager(folder: Folder, manifest: object) -> tuple[str, str, bool]:
    """Give the manager's name, what shows it, and whether this folder is where one installs."""
    here = folder
    while True:
        known = manifest if here.path == folder.path else here.json(MANIFEST) if here.has(MANIFEST) else None
        named = word(known, "packageManager").partition("@")[0]
        if named in _EXECUTE:
            return named, f"{MANIFEST} packageManager", here.path == folder.path
        if lock := here.first(*_LOCKS):
            return _LOCKS[lock], lock, here.path == folder.path
        if not here.path:
            return "npm", MANIFEST, True
        here = folder.repository.folder(here.path.rpartition("/")[0])


def _run(manager: str, script: str) -> str:
    if manager == "npm" and script == "test":
        return "npm test"
    return f"{manager} run {script}"


def _add_test_one(found: Gathering, manifest: object, scripts: dict[str, str], manager: str) -> None:
    execute = _EXECUTE[manager]
    for name in sorted(scripts, key=telling):
        if purpose_of_name(name) is not Purpose.TEST:
            continue
        for command in segments(scripts[name]):
            line = _one_of(unwrapped(command), execute)
            if line:
                return found.add(Purpose.TEST_ONE, line, f"{MANIFEST} scripts.{name}")
    for section in ("devDependencies", "dependencies"):
        for package in table(manifest, section):
            tool = _PACKAGES.get(package, package)
            if tool in _TEST_ONE:
                return found.add(
                    Purpose.TEST_ONE, f"{execute} {_TEST_ONE[tool]}", f"{MANIFEST} {section}.{package}"
                )
    return None


def _one_of(command: list[str], execute: str) -> str:
    if not command:
        return ""
    if command[0] in _TEST_ONE:
        return f"{execute} {_TEST_ONE[command[0]]}"
    if command[0] == "node" and "--test" in command:
        options = [word for word in command[1:] if word.startswith("--")]
        return f"node {' '.join(options)} {{file}}"
    if command[:2] == ["bun", "test"]:
        return "bun test {file}"
    return ""


def _add_tools(found: Gathering, manifest: object, manager: str) -> None:
    """Add what a tool's own settings show where no script does it."""
    folder, execute = found.folder, _EXECUTE[manager]
    packages = table(manifest, "devDependencies") | table(manifest, "dependencies")
    if folder.has("tsconfig.json") and "typescript" in packages and not found.has(Purpose.TYPECHECK):
        found.add(Purpose.TYPECHECK, f"{execute} tsc --noEmit", "tsconfig.json")
    eslint = next(
        (name for name in sorted(folder.names) if name.startswith(("eslint.config.", ".eslintrc"))), None
    )
    if not found.has(Purpose.LINT) and eslint:
        found.add(Purpose.LINT, f"{execute} eslint .", eslint)
    if biome := folder.first("biome.json", "biome.jsonc"):
        found.add(Purpose.LINT, f"{execute} biome check", biome)
    prettier = next(
        (name for name in sorted(folder.names) if name.startswith((".prettierrc", "prettier.config."))), None
    )
    if not found.has(Purpose.FORMAT) and (prettier or has(manifest, "prettier")):
        found.add(Purpose.FORMAT, f"{execute} prettier --write .", prettier or f"{MANIFEST} prettier")


def deno_parts(folder: Folder) -> list[Part]:
    """Give the tasks of a Deno project, and its own tests and checks."""
    name = folder.first(*DENO)
    if name is None:
        return []
    manifest, found = folder.json_lenient(name), Gathering(folder, "deno")
    for task in sorted(table(manifest, "tasks"), key=telling):
        purpose = purpose_of_name(task)
        if purpose is not None:
            found.add(purpose, f"deno task {task}", f"{name} tasks.{task}")
    if manifest is not None:
        found.add(Purpose.TEST, "deno test", name)
        found.add(Purpose.TEST_ONE, "deno test {file}", name)
        found.add(Purpose.LINT, "deno lint", name)
        found.add(Purpose.FORMAT, "deno fmt", name)
    return found.part(word(manifest, "name"))
