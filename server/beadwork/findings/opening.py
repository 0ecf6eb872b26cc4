"""Opening the store of findings; a damaged one is moved aside and begun anew, and that is said.

Nothing is deleted, but nothing can be made anew from elsewhere either: what reviews found is in no log.
What it leaves out: the store (`store.py`).
"""

from pathlib import Path

from beadwork.findings.store import FindingStore
from beadwork.storage import StoreDamaged, fresh_path, is_known_damaged, opening, replace_damaged


def open_findings(path: Path) -> tuple[FindingStore, str]:
    """Open the store at `path`, or begin it anew when it is damaged; give it, and a sentence for a person.

    The sentence is empty when all was well. Raises StoreError.
    """
    with opening(path):
        store = None if is_known_damaged(path) else _opened(path)
        if store is not None:
            return store, ""
        fresh = fresh_path(path)
        FindingStore(fresh).close()
        moved = replace_damaged(path, fresh)
        return FindingStore(path), (
            f"The store of findings was damaged. It was moved to {moved}, and an empty one takes its place: "
            "review again what matters. What was dismissed is to be dismissed again; beads that were made of "
            "findings are found again when beads are made."
        )


def mend_findings(path: Path) -> str:
    """Begin the store anew if it is damaged, for somebody who has it open: they go over to the new one.

    Gives a sentence for a person, empty when all was well. Raises StoreError.
    """
    store, said = open_findings(path)
    store.close()
    return said


def _opened(path: Path) -> FindingStore | None:
    """Open the store; None when it is seen to be damaged."""
    try:
        store = FindingStore(path)
    except StoreDamaged:
        return None
    try:
        store.newest("")
    except StoreDamaged:
        store.close()
        return None
    return store
