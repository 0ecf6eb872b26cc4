""".NET, Elixir and Swift: languages with one tool that does all.

What it leaves out: target frameworks, umbrella settings, Xcode projects.
"""

import re
import shlex

from beadwork.context.stack.gathering import Gathering
from beadwork.context.stack.model import Part, Purpose
from beadwork.context.stack.repository import Folder

SOLUTIONS = (".sln", ".slnx")
PROJECTS = (".csproj", ".fsproj", ".vbproj")
MIX = "mix.exs"
SWIFT = "Package.swift"
_TEST_SDK = "Microsoft.NET.Test.Sdk"
_FRAMEWORKS = frozenset({_TEST_SDK, "xunit", "xunit.v3", "NUnit", "MSTest", "TUnit"})


def dotnet_parts(folder: Folder) -> list[Part]:
    """Give the solution or the projects in the folder."""
    solutions, projects = folder.ending(*SOLUTIONS), folder.ending(*PROJECTS)
    if not solutions and not projects:
        return []
    found = Gathering(folder, "dotnet")
    if folder.has(".config/dotnet-tools.json"):
        found.add(Purpose.INSTALL, "dotnet tool restore", ".config/dotnet-tools.json")
    for name in (solutions or projects)[:5]:
        if not solutions and folder.xml(name) is None:
            continue
        shown = shlex.quote(name)
        found.add(Purpose.INSTALL, f"dotnet restore {shown}", name)
        found.add(Purpose.BUILD, f"dotnet build {shown}", name)
        if solutions or _tests(folder, name):
            found.add(Purpose.TEST, f"dotnet test {shown}", name)
            found.add(
                Purpose.TEST_ONE, f"dotnet test {shown} --filter FullyQualifiedName~{{file.stem}}", name
            )
        if folder.has(".editorconfig"):
            found.add(Purpose.FORMAT, f"dotnet format {shown}", ".editorconfig")
            found.add(Purpose.LINT, f"dotnet format {shown} --verify-no-changes", ".editorconfig")
    return found.part((solutions or projects)[0].rpartition(".")[0])


def _tests(folder: Folder, name: str) -> bool:
    project = folder.xml(name)
    if project is None:
        return False
    references = {reference.get("Include") for reference in project.iter("PackageReference")}
    marked = any((known.text or "").strip().lower() == "true" for known in project.iter("IsTestProject"))
    return marked or bool(_FRAMEWORKS.intersection(references))


def elixir_parts(folder: Folder) -> list[Part]:
    """Give the Mix project in the folder."""
    text = folder.text(MIX) if folder.has(MIX) else ""
    if not text:
        return []
    found = Gathering(folder, "elixir")
    found.add(Purpose.INSTALL, "mix deps.get", MIX)
    found.add(Purpose.BUILD, "mix compile", MIX)
    if folder.has_folder("test") or folder.has_folder("apps"):
        found.add(Purpose.TEST, "mix test", MIX)
        found.add(Purpose.TEST_ONE, "mix test {file}", MIX)
    if folder.has(".formatter.exs"):
        found.add(Purpose.FORMAT, "mix format", ".formatter.exs")
        found.add(Purpose.LINT, "mix format --check-formatted", ".formatter.exs")
    if folder.has(".credo.exs") or "{:credo" in text:
        found.add(Purpose.LINT, "mix credo", ".credo.exs" if folder.has(".credo.exs") else f"{MIX} :credo")
    if "{:dialyxir" in text:
        found.add(Purpose.TYPECHECK, "mix dialyzer", f"{MIX} :dialyxir")
    app = re.search(r"\bapp:\s*:(\w+)", text)
    return found.part(app.group(1) if app else "")


def swift_parts(folder: Folder) -> list[Part]:
    """Give the Swift package in the folder."""
    text = folder.text(SWIFT) if folder.has(SWIFT) else ""
    if not text:
        return []
    found = Gathering(folder, "swift")
    found.add(Purpose.BUILD, "swift build", SWIFT)
    if ".testTarget(" in text or folder.has_folder("Tests"):
        found.add(Purpose.TEST, "swift test", SWIFT)
        found.add(Purpose.TEST_ONE, "swift test --filter {file.stem}", SWIFT)
    if name := folder.first(".swiftlint.yml", ".swiftlint.yaml"):
        found.add(Purpose.LINT, "swiftlint", name)
    if folder.has(".swiftformat"):
        found.add(Purpose.FORMAT, "swiftformat .", ".swiftformat")
    if folder.has(".swift-format"):
        found.add(Purpose.FORMAT, "swift format -i -r .", ".swift-format")
    named = re.search(r"\bPackage\(\s*name:\s*\"([^\"]+)\"", text)
    return found.part(named.group(1) if named else "")
