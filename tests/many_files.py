"""Makes a repository with very many files, quickly: `python -m many_files FOLDER COUNT`.

Nothing is checked out. What it leaves out: content, which is the same in all of them.
"""

import subprocess
import sys
from pathlib import Path

COMMITS = 20


def make(folder: Path, count: int) -> None:
    """Make a repository on branch main with `count` files and some commits."""
    subprocess.run(
        ["git", "init", "--quiet", "--initial-branch=main", "--template=", str(folder)], check=True
    )
    lines = ["blob\nmark :1\ndata 2\nx\n", "blob\nmark :2\ndata 15\n# Big\n\nIs big.\n"]
    lines.append("commit refs/heads/main\ncommitter A <a@example.org> 1700000000 +0000\ndata 5\nbegin\n")
    lines += [f"M 644 :1 src/area{n % 20}/package{n % 300}/sub{n % 1000}/file_{n}.py\n" for n in range(count)]
    lines.append("M 644 :2 README.md\n\n")
    for number in range(COMMITS):
        when = 1700000100 + number
        lines.append(f"commit refs/heads/main\ncommitter A <a@example.org> {when} +0000\ndata 6\nchange\n")
        lines.append(f"M 644 :1 src/area1/new{number}.py\n\n")
    importing = ["git", "fast-import", "--quiet"]
    subprocess.run(importing, cwd=folder, input="".join(lines), text=True, check=True)


if __name__ == "__main__":
    make(Path(sys.argv[1]), int(sys.argv[2]))
