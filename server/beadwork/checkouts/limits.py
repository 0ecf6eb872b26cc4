"""What a checkout has not that the user's repository may have, in sentences."""

from beadwork.checkouts.git import as_text
from beadwork.checkouts.repository import Repository
from beadwork.checkouts.shadow import Shadow


async def limits(repository: Repository, shadow: Shadow, commit: str) -> tuple[str, ...]:
    """Say what a checkout of `commit` is without: older history, the content of submodules."""
    notes: list[str] = []
    if repository.shallow:
        notes.append(f"{repository.top} is a shallow clone, so the checkout has no older history either.")
    words = ("--get-regexp", r"^submodule\..*\.path$")
    code, output, _ = await shadow.git.ask("config", "--blob", f"{commit}:.gitmodules", *words)
    if code == 0 and output:
        paths = ", ".join(line.partition(" ")[2] for line in as_text(output).splitlines())
        notes.append(f"Submodules are not filled in the checkout: {paths}.")
    return tuple(notes)
