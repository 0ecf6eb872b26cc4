"""Bringing a branch back: the only write into the user's repository, of one ref.

What is left out: pushing it on.
"""

from beadwork.checkouts.git import LONG, failure
from beadwork.checkouts.model import BranchInUse, BranchMoved, Checkout, Evidence, Returned
from beadwork.checkouts.repository import HEADS, Repository
from beadwork.checkouts.shadow import FETCH, Shadow


async def bring_back(
    repository: Repository, shadow: Shadow, checkout: Checkout, evidence: Evidence
) -> Returned:
    """Fetch what was looked at into the user's repository, fast-forward only.

    Raises BranchInUse, BranchMoved or GitFailed.
    """
    returned = Returned(checkout.branch, evidence.head)
    there = repository.refs.get(HEADS + checkout.branch, "")
    if there == evidence.head:
        return returned
    await repository.refuse_branch(checkout.branch)
    await shadow.open(repository)
    if there and not await shadow.contains(evidence.head, there):
        raise _moved(checkout)
    await shadow.point(evidence.head)
    code, _, complaints = await repository.git.ask(
        *FETCH, "--no-prune", str(shadow.places.shadow), f"{shadow.ref}:{shadow.ref}", limit=LONG
    )
    if code == 0:
        return returned
    if "non-fast-forward" in complaints or "fetch first" in complaints:
        raise _moved(checkout, complaints)
    if "refusing to fetch into" in complaints.lower():
        raise BranchInUse(
            f"The branch {checkout.branch} is in use in {repository.top}: "
            "switch to another branch, then try again.",
            detail=complaints,
        )
    raise failure("fetch", repository.top, complaints)


def _moved(checkout: Checkout, complaints: str = "") -> BranchMoved:
    return BranchMoved(
        f"The branch {checkout.branch} went on in {checkout.repository} meanwhile, so it was left as it is; "
        f"the new work is in {checkout.path}: merge it by hand, or rename your branch.",
        detail=complaints,
    )
