"""What an agent really left: its commits, and what it did not commit.

What is left out: whether that is enough, which a workflow judges.
"""

from beadwork.checkouts.foreign import Foreign
from beadwork.checkouts.git import LONG, as_text
from beadwork.checkouts.model import Checkout, Commit, Evidence
from beadwork.checkouts.repository import HEADS
from beadwork.checkouts.shadow import Shadow

_DIFF = ("diff", "--no-ext-diff", "--no-textconv", "--no-color", "--ignore-submodules=dirty")


async def look(shadow: Shadow, checkout: Checkout) -> Evidence:
    """Look at what is in the checkout, from our own git folder. Raises CheckoutError."""
    foreign = Foreign.read(checkout.path)
    head = await shadow.take(foreign)
    words = ("-z", "--topo-order", "--reverse", "--format=%H %s", "--no-show-signature")
    listing = await shadow.git.bytes_of("log", *words, f"{checkout.base}..{head}", limit=LONG)
    diffstat = await shadow.git.bytes_of(
        *_DIFF, "--stat=100", "--stat-count=200", checkout.base, head, limit=LONG
    )
    return Evidence(
        head=head,
        commits=tuple(_commit(as_text(entry)) for entry in listing.split(b"\0") if entry),
        leftovers=tuple(as_text(path) for path in await shadow.leftovers(head)),
        diffstat=as_text(diffstat).rstrip("\n"),
        notes=await _notes(shadow, checkout, foreign, head),
    )


async def _notes(shadow: Shadow, checkout: Checkout, foreign: Foreign, head: str) -> tuple[str, ...]:
    notes: list[str] = []
    if not await shadow.contains(head, checkout.base):
        notes.append(
            f"The branch {checkout.branch} was rewritten: it no longer contains {checkout.base[:12]}."
        )
    if foreign.head_commit and foreign.head_commit != head:
        notes.append(f"The agent left HEAD at {foreign.head_commit[:12]}, which is not {checkout.branch}.")
    elif foreign.head and foreign.head != HEADS + checkout.branch:
        other = foreign.head.removeprefix(HEADS)
        notes.append(f"The agent left the branch {other} checked out; only {checkout.branch} counts.")
    return tuple(notes)


def _commit(entry: str) -> Commit:
    sha, _, subject = entry.partition(" ")
    return Commit(sha, "".join(each if each.isprintable() else " " for each in subject))
