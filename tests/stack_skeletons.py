"""The skeletons of projects under `unit/stacks/`, and what is expected of each.

Run as a program it writes every `expected.json` anew; look at the difference before keeping it.
"""

import json
from pathlib import Path

from beadwork.context.stack import Stack, detect

SKELETONS = Path(__file__).parent / "unit" / "stacks"
RENEW = "python tests/stack_skeletons.py"


def names() -> list[str]:
    """Give the names of all skeletons."""
    return sorted(folder.name for folder in SKELETONS.iterdir() if (folder / "project").is_dir())


def detected(project: Path) -> Stack:
    """Give the stack of the project in a folder, read from the disk."""
    files = sorted(str(path.relative_to(project).as_posix()) for path in project.rglob("*") if path.is_file())
    return detect(files, lambda path: (project / path).read_bytes())


def described(stack: Stack) -> str:
    """Give the stack as the text of an `expected.json`: a command is its purpose, its line, its source."""
    parts = [
        {
            "folder": part.folder,
            "ecosystem": part.ecosystem,
            "name": part.name,
            "commands": [f"{known.purpose} | {known.argv_line} | {known.source}" for known in part.commands],
        }
        for part in stack.parts
    ]
    return json.dumps({"parts": parts, "notes": list(stack.notes)}, indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    """Write what is detected now as what is expected."""
    for name in names():
        text = described(detected(SKELETONS / name / "project"))
        (SKELETONS / name / "expected.json").write_text(text, "utf-8")


if __name__ == "__main__":
    main()
