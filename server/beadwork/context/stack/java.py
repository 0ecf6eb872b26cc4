"""Java and Kotlin: Maven and Gradle, with their wrappers, and their modules.

A module inside a build is run through the build that holds it. Gradle's files are programs: plugins are
found in them by their full names and nothing else is read. What it leaves out: profiles.
"""

import posixpath
import re

from beadwork.context.stack.gathering import Gathering
from beadwork.context.stack.model import Part, Purpose
from beadwork.context.stack.repository import Folder
from beadwork.context.stack.values import child, child_text

POM = "pom.xml"
GRADLE = ("build.gradle.kts", "build.gradle", "settings.gradle.kts", "settings.gradle")
_SETTINGS = ("settings.gradle.kts", "settings.gradle")
_MAVEN_PLUGINS = {
    "spotless-maven-plugin": ((Purpose.LINT, "spotless:check"), (Purpose.FORMAT, "spotless:apply")),
    "maven-checkstyle-plugin": ((Purpose.LINT, "checkstyle:check"),),
    "spotbugs-maven-plugin": ((Purpose.LINT, "spotbugs:check"),),
    "fmt-maven-plugin": ((Purpose.FORMAT, "fmt:format"),),
    "detekt-maven-plugin": ((Purpose.LINT, "detekt:check"),),
}
_GRADLE_PLUGINS = {
    "com.diffplug.spotless": ((Purpose.LINT, "spotlessCheck"), (Purpose.FORMAT, "spotlessApply")),
    "org.jlleitschuh.gradle.ktlint": ((Purpose.LINT, "ktlintCheck"), (Purpose.FORMAT, "ktlintFormat")),
    "io.gitlab.arturbosch.detekt": ((Purpose.LINT, "detekt"),),
    "org.jmailen.kotlinter": ((Purpose.LINT, "lintKotlin"), (Purpose.FORMAT, "formatKotlin")),
}
_ROOT_NAME = re.compile(r"^rootProject\.name\s*=\s*[\"']([^\"']+)", re.MULTILINE)
MAX_NESTING = 8


def maven_parts(folder: Folder) -> list[Part]:
    """Give the Maven project or module in the folder."""
    pom = folder.xml(POM) if folder.has(POM) else None
    if pom is None:
        return []
    found = Gathering(folder, "java")
    holder = _maven_holder(folder)
    where = posixpath.relpath(holder.path or ".", folder.path or ".") if holder is not folder else "."
    program = _wrapper(holder, "mvnw", where) or "mvn"
    module = posixpath.relpath(folder.path or ".", holder.path or ".")
    inside = f" -f {where}/{POM} -pl {module} -am" if where != "." else ""
    found.add(Purpose.BUILD, f"{program} -B{inside} package -DskipTests", POM)
    found.add(Purpose.TEST, f"{program} -B{inside} test", POM)
    others = " -Dsurefire.failIfNoSpecifiedTests=false" if inside else ""
    found.add(Purpose.TEST_ONE, f"{program} -B{inside} test -Dtest={{file.stem}}{others}", POM)
    for plugin in pom.iter("plugin"):
        for purpose, goal in _MAVEN_PLUGINS.get(child_text(plugin, "artifactId"), ()):
            found.add(
                purpose, f"{program} -B{inside} {goal}", f"{POM} plugin {child_text(plugin, 'artifactId')}"
            )
    return found.part(child_text(pom, "artifactId"))


def _maven_holder(folder: Folder) -> Folder:
    """Give the outermost folder whose POM holds this one's, step by step, as a module."""
    holder, here = folder, folder
    for _ in range(MAX_NESTING):
        if not here.path:
            break
        outer = folder.repository.folder(posixpath.dirname(here.path))
        pom = outer.xml(POM) if outer.has(POM) else None
        modules = child(pom, "modules")
        if modules is not None:
            if here.title not in {
                posixpath.basename((known.text or "").strip().rstrip("/")) for known in modules
            }:
                break
            holder = outer
        here = outer
    return holder


def gradle_parts(folder: Folder) -> list[Part]:
    """Give the Gradle project or subproject in the folder."""
    build = folder.first(*GRADLE)
    if build is None:
        return []
    found = Gathering(folder, "java")
    text = folder.text(build)
    program, source = _gradle(folder), build
    found.add(Purpose.BUILD, f"{program} assemble", source)
    found.add(Purpose.TEST, f"{program} test", source)
    found.add(Purpose.TEST_ONE, f"{program} test --tests {{file.stem}}", source)
    for plugin, commands in _GRADLE_PLUGINS.items():
        if plugin in text:
            for purpose, task in commands:
                found.add(purpose, f"{program} {task}", f"{build} plugin {plugin}")
    settings = folder.first(*_SETTINGS)
    named = _ROOT_NAME.search(folder.text(settings)) if settings else None
    return found.part(named.group(1) if named else "")


def _gradle(folder: Folder) -> str:
    here = folder
    for _ in range(MAX_NESTING):
        where = posixpath.relpath(here.path or ".", folder.path or ".")
        if wrapper := _wrapper(here, "gradlew", where):
            return wrapper
        if not here.path or here.first(*_SETTINGS):
            break
        here = folder.repository.folder(posixpath.dirname(here.path))
    return "gradle"


def _wrapper(folder: Folder, name: str, where: str) -> str:
    if not folder.has(name):
        return ""
    return f"./{name}" if where == "." else f"{where}/{name}"
