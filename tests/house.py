"""House rules that no linter knows: module docstrings are ruff's, sizes are ours. Run by `make check`."""

import sys
from pathlib import Path

WARN, FAIL = 300, 500
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
    too_long = [path for path, lines in lengths.items() if lines > FAIL]
    return 1 if too_long else 0


if __name__ == "__main__":
    sys.exit(main())
