"""Puts the server and its libraries into the extension, for one platform: `bundle.py TARGET [FOLDER]`.

The libraries are those of `bundle.lock`, by version and hash, as pip is configured to get them. Of compiled
parts only those stay that every Python can load (abi3), so that one bundle serves all of them; the others are
there in Python as well. What it leaves out: packaging (`vsce`), and starting (`bundled/run.py`).
"""

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
SERVER = HERE.parent / "server" / "beadwork"
PROMPTS = HERE.parent / "prompts"
OLDEST = "3.11"
PLATFORMS = {
    "linux-x64": ("manylinux2014_x86_64", "manylinux_2_17_x86_64"),
    "linux-arm64": ("manylinux2014_aarch64", "manylinux_2_17_aarch64"),
    "darwin-x64": ("macosx_11_0_x86_64",),
    "darwin-arm64": ("macosx_11_0_arm64",),
}
"""What wheels call the platforms that Visual Studio Code knows by these names."""
COMPILED = {".so", ".dylib", ".pyd"}
NEEDLESS = {"__pycache__", "bin", "tests", "test", "i18n", "pygments"}
"""Folders of no use here; Rich would only colour source code by Pygments, and Apprise speaks English."""
KEPT_OF_INFO = ("METADATA", "licenses", "LICEN", "NOTICE", "COPYING")
"""How what stays of the words on a library begins: its name and version, and its licence."""


def bundle(target: str, folder: Path) -> None:
    """Fill `folder` anew. Raises CalledProcessError when pip fails, having said why."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    _install(PLATFORMS[target], folder)
    for path in sorted(folder.rglob("*")):
        if path.exists() and _needless(path, folder):
            _remove(path)
    shutil.copytree(SERVER, folder / "beadwork", ignore=shutil.ignore_patterns("__pycache__", "prompts"))
    shutil.copytree(PROMPTS, folder / "beadwork" / "prompts")


def _install(platforms: tuple[str, ...], folder: Path) -> None:
    which = ["--only-binary=:all:", "--python-version", OLDEST, "--implementation", "cp"]
    which += [f"--platform={name}" for name in platforms]
    which += [f"--abi={name}" for name in (f"cp{OLDEST.replace('.', '')}", "abi3", "none")]
    locked = ["--no-deps", "--require-hashes", "-r", str(HERE / "bundle.lock")]
    quietly = ["--quiet", "--disable-pip-version-check", "--no-compile"]
    subprocess.run([*_pip(), "install", *quietly, *which, *locked, "--target", str(folder)], check=True)


def _pip() -> list[str]:
    """Give the command; an environment that uv has made comes without pip."""
    return [sys.executable, "-m", "pip"] if importlib.util.find_spec("pip") else ["uvx", "pip"]


def _needless(path: Path, folder: Path) -> bool:
    if path.name.split("-")[0] in NEEDLESS and path.is_dir():
        return True
    if path.parent.suffix == ".dist-info":
        return not path.name.startswith(KEPT_OF_INFO)
    return path.suffix in COMPILED and ".abi3" not in path.suffixes and folder in path.parents


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()


if __name__ == "__main__":
    if len(sys.argv) not in {2, 3} or sys.argv[1] not in PLATFORMS:
        sys.exit(
            f"Say for which platform: {', '.join(PLATFORMS)}; and into which folder, if not bundled/libs."
        )
    bundle(sys.argv[1], Path(sys.argv[2]) if sys.argv[2:] else HERE / "bundled" / "libs")
