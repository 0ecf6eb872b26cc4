"""House rules that no linter knows: sizes of modules, and names of test files. Run by `make check`."""

import sys
from collections import Counter
from pathlib import Path

WARN, FAIL = 300, 500
LIMITS = {"extension.ts": 60}
"""Of modules that only put others together."""
ROOT = Path(__file__).parents[1]


def main() -> int:
    """Name modules that are longer than one sitting; fail for those far over."""
    lengths = {
        path.relative_to(ROOT): len(path.read_text("utf-8").splitlines())
        for folder, pattern in ((ROOT / "server", "*.py"), (ROOT / "vscode-extension" / "src", "*.ts"))
        for path in sorted(folder.rglob(pattern))
    }
    for path, lines in lengths.items():
        if lines > WARN:
            print(f"{path} has {lines} lines; is it still one idea?")  # noqa: T201
    too_long = [path for path, lines in lengths.items() if lines > LIMITS.get(path.name, FAIL)]
    for path in too_long:
        print(f"{path} is far too long.")  # noqa: T201
    return 1 if too_long or twins() else 0


def twins() -> list[str]:
    """Name test files that share a name: pytest collects only one of them."""
    names = Counter(
        path.name
        for path in (ROOT / "tests").rglob("test_*.py")
        if "stacks" not in path.relative_to(ROOT).parts
    )
    found = [name for name, count in names.items() if count > 1]
    for name in found:
        print(f"tests have more than one {name}; give each a name of its own")  # noqa: T201
    return found


if __name__ == "__main__":
    sys.exit(main())
