"""Rust and Go: one tool each that builds, tests and formats, and workspaces.

What it leaves out: features and build tags.
"""

from beadwork.context.stack.gathering import Gathering
from beadwork.context.stack.model import Part, Purpose
from beadwork.context.stack.repository import Folder
from beadwork.context.stack.values import has, table, word

CARGO = "Cargo.toml"
GO = ("go.mod", "go.work")
_GOLANGCI = (".golangci.yml", ".golangci.yaml", ".golangci.toml", ".golangci.json")


def rust_parts(folder: Folder) -> list[Part]:
    """Give the crate or the workspace in the folder."""
    manifest = folder.toml(CARGO) if folder.has(CARGO) else None
    if not table(manifest, "package") and not has(manifest, "workspace"):
        return []
    found = Gathering(folder, "rust")
    workspace = has(manifest, "workspace")
    everything = " --workspace" if workspace else ""
    source = f"{CARGO} [{'workspace' if workspace else 'package'}]"
    _add_cargo_aliases(found)
    found.add(Purpose.BUILD, f"cargo build{everything}", source)
    found.add(Purpose.TEST, f"cargo test{everything}", source)
    if folder.has_folder("tests"):
        found.add(Purpose.TEST_ONE, "cargo test --test {file.stem}", "tests/")
    found.add(Purpose.TYPECHECK, f"cargo check{everything} --all-targets", source)
    if name := folder.first("rustfmt.toml", ".rustfmt.toml"):
        found.add(Purpose.FORMAT, "cargo fmt", name)
    if has(manifest, "lints", "clippy") or has(manifest, "workspace", "lints", "clippy"):
        found.add(Purpose.LINT, f"cargo clippy{everything} --all-targets", f"{CARGO} [lints.clippy]")
    elif name := folder.first("clippy.toml", ".clippy.toml"):
        found.add(Purpose.LINT, f"cargo clippy{everything} --all-targets", name)
    return found.part(word(manifest, "package", "name"))


def _add_cargo_aliases(found: Gathering) -> None:
    name = found.folder.first(".cargo/config.toml", ".cargo/config")
    aliases = table(found.folder.toml(name), "alias") if name else {}
    for alias, purpose in (("xtest", Purpose.TEST), ("lint", Purpose.LINT)):
        if alias in aliases:
            found.add(purpose, f"cargo {alias}", f"{name} [alias] {alias}")


def go_parts(folder: Folder) -> list[Part]:
    """Give the module in the folder, or the workspace that a go.work makes of several."""
    if folder.has("go.mod"):
        return _module(folder)
    if folder.has("go.work"):
        return _workspace(folder)
    return []


def _module(folder: Folder) -> list[Part]:
    text = folder.text("go.mod")
    if not text:
        return []
    found = Gathering(folder, "go")
    if any(line.startswith("require") for line in text.splitlines()):
        found.add(Purpose.INSTALL, "go mod download", "go.mod")
    found.add(Purpose.BUILD, "go build ./...", "go.mod")
    found.add(Purpose.TEST, "go test ./...", "go.mod")
    found.add(Purpose.TEST_ONE, "go test ./{file.folder}", "go.mod")
    _add_linting(found)
    found.add(Purpose.LINT, "go vet ./...", "go.mod")
    found.add(Purpose.FORMAT, "gofmt -w .", "go.mod")
    module = next(
        (line.split()[1] for line in text.splitlines() if line.startswith("module ") and line[7:].strip()), ""
    )
    return found.part(module)


def _workspace(folder: Folder) -> list[Part]:
    found = Gathering(folder, "go")
    used = _used(folder.text("go.work"))
    if used:
        everything = " ".join(f"{path.rstrip('/')}/..." for path in used)
        found.add(Purpose.BUILD, f"go build {everything}", "go.work")
        found.add(Purpose.TEST, f"go test {everything}", "go.work")
        found.add(Purpose.TEST_ONE, "go test ./{file.folder}", "go.work")
    _add_linting(found)
    return found.part("")


def _add_linting(found: Gathering) -> None:
    if name := found.folder.first(*_GOLANGCI):
        found.add(Purpose.LINT, "golangci-lint run", name)


def _used(text: str) -> list[str]:
    used: list[str] = []
    inside = False
    for line in text.splitlines():
        words = line.partition("//")[0].split()
        if words[:2] == ["use", "("]:
            inside = True
        elif words == [")"]:
            inside = False
        elif inside and len(words) == 1:
            used.append(words[0])
        elif len(words) == 2 and words[0] == "use":  # noqa: PLR2004  (the word and its path)
            used.append(words[1])
    return [path for path in used if path.startswith(".")][:50]
