"""Ruby and PHP: Bundler and Composer, and the tools that their files show.

A Gemfile and a Rakefile are programs: only `gem` lines and the tasks' names are read. What it leaves out:
groups.
"""

import re

from beadwork.context.stack.gathering import Gathering
from beadwork.context.stack.model import Part, Purpose
from beadwork.context.stack.purposes import purpose_of_name, telling
from beadwork.context.stack.repository import Folder
from beadwork.context.stack.values import at, table, word

GEMFILE = "Gemfile"
RAKEFILES = ("Rakefile", "rakefile", "Rakefile.rb")
COMPOSER = "composer.json"
_GEM = re.compile(r"^\s*(?:\w+\.)?(?:gem|add_(?:development_)?dependency)[ (]+[\"']([\w-]+)[\"']")
_TASK = re.compile(r"^\s*task[ (]+[\"']?:?([\w:]+)")


def ruby_parts(folder: Folder) -> list[Part]:
    """Give the Ruby project in the folder."""
    rakefile = folder.first(*RAKEFILES)
    if not folder.has(GEMFILE) and rakefile is None:
        return []
    found = Gathering(folder, "ruby")
    gems = _gems(folder)
    run = "bundle exec " if folder.has(GEMFILE) else ""
    if run:
        found.add(Purpose.INSTALL, "bundle install", GEMFILE)
    if rakefile:
        _add_rake(found, rakefile, run)
    _add_ruby_tests(found, gems, run)
    for gem, file, purpose, line in (
        ("rubocop", ".rubocop.yml", Purpose.LINT, "rubocop"),
        ("standard", ".standard.yml", Purpose.LINT, "standardrb"),
        ("steep", "Steepfile", Purpose.TYPECHECK, "steep check"),
        ("sorbet", "sorbet/config", Purpose.TYPECHECK, "srb tc"),
    ):
        if source := folder.first(file) or gems.get(gem):
            found.add(purpose, f"{run}{line}", source)
    gemspec = next(iter(folder.ending(".gemspec")), "")
    return found.part(gemspec.removesuffix(".gemspec"))


def _gems(folder: Folder) -> dict[str, str]:
    files = [name for name in (GEMFILE, *folder.ending(".gemspec")) if folder.has(name)]
    return {
        match.group(1): f"{name} gem {match.group(1)}"
        for name in files
        for line in folder.text(name).splitlines()
        if (match := _GEM.match(line))
    }


def _add_rake(found: Gathering, rakefile: str, run: str) -> None:
    text = found.folder.text(rakefile)
    tasks = {match.group(1).rstrip(":") for line in text.splitlines() if (match := _TASK.match(line))}
    for kind, name in (
        ("Rake::TestTask", "test"),
        ("RSpec::Core::RakeTask", "spec"),
        ("RuboCop::RakeTask", "rubocop"),
    ):
        if kind in text:
            tasks.add(name)
    for name in sorted(tasks, key=lambda name: (telling(name), name)):
        purpose = purpose_of_name(name)
        if purpose is not None and purpose is not Purpose.INSTALL:
            found.add(purpose, f"{run}rake {name}", f"{rakefile} task {name}")


def _add_ruby_tests(found: Gathering, gems: dict[str, str], run: str) -> None:
    folder = found.folder
    if folder.has("bin/rails") and folder.has_folder("test"):
        found.add(Purpose.TEST, "bin/rails test", "bin/rails")
        found.add(Purpose.TEST_ONE, "bin/rails test {file}", "bin/rails")
    elif source := folder.first(".rspec") or gems.get("rspec") or gems.get("rspec-rails"):
        found.add(Purpose.TEST, f"{run}rspec", source)
        found.add(Purpose.TEST_ONE, f"{run}rspec {{file}}", source)
    elif folder.has_folder("test"):
        found.add(Purpose.TEST_ONE, f"{run}ruby -Ilib -Itest {{file}}", gems.get("minitest", "test/"))


_PHP_TOOLS: tuple[tuple[tuple[str, ...], tuple[tuple[Purpose, str], ...]], ...] = (
    (
        ("phpstan.neon", "phpstan.neon.dist", "phpstan.dist.neon"),
        ((Purpose.TYPECHECK, "vendor/bin/phpstan analyse"),),
    ),
    (("psalm.xml", "psalm.xml.dist"), ((Purpose.TYPECHECK, "vendor/bin/psalm"),)),
    (("phpcs.xml", "phpcs.xml.dist", ".phpcs.xml", ".phpcs.xml.dist"), ((Purpose.LINT, "vendor/bin/phpcs"),)),
    (
        (".php-cs-fixer.php", ".php-cs-fixer.dist.php"),
        (
            (Purpose.FORMAT, "vendor/bin/php-cs-fixer fix"),
            (Purpose.LINT, "vendor/bin/php-cs-fixer fix --dry-run --diff"),
        ),
    ),
    (("pint.json",), ((Purpose.FORMAT, "vendor/bin/pint"),)),
)


def php_parts(folder: Folder) -> list[Part]:
    """Give the PHP project in the folder."""
    manifest = folder.json(COMPOSER) if folder.has(COMPOSER) else None
    manifest = manifest if isinstance(manifest, dict) else None
    phpunit = folder.first("phpunit.xml", "phpunit.xml.dist", "phpunit.dist.xml")
    if manifest is None and phpunit is None:
        return []
    found = Gathering(folder, "php")
    if manifest is not None:
        found.add(Purpose.INSTALL, "composer install", COMPOSER)
    for name in sorted(table(manifest, "scripts"), key=telling):
        purpose = purpose_of_name(name)
        if purpose is not None and purpose is not Purpose.INSTALL:
            found.add(purpose, f"composer run {name}", f"{COMPOSER} scripts.{name}")
    packages = table(manifest, "require-dev") | table(manifest, "require")
    _add_php_tests(found, packages, phpunit)
    for files, commands in _PHP_TOOLS:
        if source := folder.first(*files):
            for purpose, line in commands:
                found.add(purpose, line, source)
    return found.part(word(manifest, "name"))


def _add_php_tests(found: Gathering, packages: dict[str, object], phpunit: str | None) -> None:
    if found.folder.has("artisan") and found.folder.has_folder("tests"):
        found.add(Purpose.TEST, "php artisan test", "artisan")
    if at(packages, "pestphp/pest") is not None:
        found.add(Purpose.TEST, "vendor/bin/pest", f"{COMPOSER} pestphp/pest")
        found.add(Purpose.TEST_ONE, "vendor/bin/pest {file}", f"{COMPOSER} pestphp/pest")
    elif phpunit or at(packages, "phpunit/phpunit") is not None:
        source = phpunit or f"{COMPOSER} phpunit/phpunit"
        found.add(Purpose.TEST, "vendor/bin/phpunit", source)
        found.add(Purpose.TEST_ONE, "vendor/bin/phpunit {file}", source)
