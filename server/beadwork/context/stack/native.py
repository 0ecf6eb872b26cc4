"""C and C++: CMake with its presets, Meson, Autotools. Plain Makefiles are task files (`task_files.py`).

What it leaves out: generators and toolchains.
"""

from beadwork.context.stack.gathering import Gathering
from beadwork.context.stack.model import Part, Purpose
from beadwork.context.stack.repository import Folder
from beadwork.context.stack.values import at, listing, word

CMAKE = "CMakeLists.txt"
MESON = "meson.build"
AUTOTOOLS = ("configure.ac", "configure.in")
_PRESETS = ("CMakePresets.json",)
MAX_PRESETS = 3


def cmake_parts(folder: Folder) -> list[Part]:
    """Give the CMake project whose top is this folder."""
    text = folder.text(CMAKE) if folder.has(CMAKE) else ""
    calls = _calls(text)
    if "project" not in {name for name, _ in calls} or _is_inner(folder):
        return []
    found = Gathering(folder, "cpp")
    _add_presets(found)
    found.add(Purpose.BUILD, "cmake -S . -B build && cmake --build build", CMAKE)
    if tests := _tests(folder, calls):
        found.add(Purpose.TEST, "ctest --test-dir build --output-on-failure", tests)
    _add_format(found)
    name = next(
        (arguments.split()[0] for call, arguments in calls if call == "project" and arguments.split()), ""
    )
    return found.part(name.strip('"') if "$" not in name else "")


def _is_inner(folder: Folder) -> bool:
    """Tell whether a folder around this one is a CMake project, too: then that one builds this."""
    path = folder.path
    while path:
        path = path.rpartition("/")[0]
        outer = folder.repository.folder(path)
        if outer.has(CMAKE) and any(name == "project" for name, _ in _calls(outer.text(CMAKE))):
            return True
    return False


def _tests(folder: Folder, calls: list[tuple[str, str]]) -> str:
    if any(
        name in {"enable_testing", "add_test"} or (name == "include" and arguments == "CTest")
        for name, arguments in calls
    ):
        return f"{CMAKE} enable_testing"
    for name in ("tests", "test"):
        place = f"{name}/{CMAKE}"
        if folder.has(place) and any(call == "enable_testing" for call, _ in _calls(folder.text(place))):
            return f"{place} enable_testing"
    return ""


def _calls(text: str) -> list[tuple[str, str]]:
    """Give the commands that stand at the start of a line, in lower case, with what follows on it."""
    calls: list[tuple[str, str]] = []
    for line in text.splitlines():
        name, opening, rest = line.strip().partition("(")
        if opening and name.strip().replace("_", "").isalnum():
            calls.append((name.strip().lower(), rest.partition(")")[0].strip()))
    return calls


def _add_presets(found: Gathering) -> None:
    name = found.folder.first(*_PRESETS)
    presets = found.folder.json(name) if name else None
    for kind, purpose, line in (
        ("configurePresets", Purpose.BUILD, "cmake --preset {}"),
        ("buildPresets", Purpose.BUILD, "cmake --build --preset {}"),
        ("testPresets", Purpose.TEST, "ctest --preset {}"),
    ):
        shown = [
            word(preset, "name") for preset in listing(presets, kind) if at(preset, "hidden") is not True
        ]
        for preset in shown[:MAX_PRESETS]:
            found.add(purpose, line.format(preset) if preset else "", f"{name} {kind}")


def meson_parts(folder: Folder) -> list[Part]:
    """Give the Meson project whose top is this folder."""
    calls = _calls(folder.text(MESON)) if folder.has(MESON) else []
    first = next((arguments for name, arguments in calls if name == "project"), None)
    if first is None:
        return []
    found = Gathering(folder, "cpp")
    found.add(Purpose.BUILD, "meson setup build && meson compile -C build", MESON)
    found.add(Purpose.TEST, "meson test -C build", MESON)
    _add_format(found)
    return found.part(first.partition(",")[0].strip("' "))


def autotools_parts(folder: Folder) -> list[Part]:
    """Give the Autotools project in the folder."""
    name = folder.first(*AUTOTOOLS)
    if name is None:
        return []
    found = Gathering(folder, "cpp")
    ready = folder.has("configure")
    bootstrap = "" if ready else "./autogen.sh && " if folder.has("autogen.sh") else "autoreconf -i && "
    found.add(Purpose.BUILD, f"{bootstrap}./configure && make", "configure" if ready else name)
    if folder.has("Makefile.am"):
        found.add(Purpose.TEST, "make check", "Makefile.am")
    return found.part("")


def _add_format(found: Gathering) -> None:
    if name := found.folder.first(".clang-format", "_clang-format"):
        found.add(Purpose.FORMAT, "clang-format -i {file}", name)
