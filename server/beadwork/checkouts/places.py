"""Where the parts of one bead's checkout lie in the state folder, and the lock over them.

Beside the checkout itself, which belongs to the agent, there are git folders of ours that no agent can write:

    checkouts/{project}/{bead}/              the checkout
    checkouts/{project}/.making/{bead}/      a checkout while it is made; renamed when it is whole
    shadows/{project}/{bead}/shadow.git      what we know of the branch; compared with the work tree
    shadows/{project}/{bead}/view.git        a pair of glasses for the objects of the checkout

What is left out: their contents.
"""

import asyncio
import contextlib
import hashlib
import os
from collections.abc import AsyncIterator
from pathlib import Path

import attrs
from filelock import FileLock, Timeout

from beadwork.checkouts.model import CheckoutError
from beadwork.state_folder import StateFolder, safe_name

_LOOK_AGAIN = 0.05


class CheckoutBusy(CheckoutError):  # noqa: N818
    """Another process is making, reading or removing the same bead's checkout."""

    code = "checkout-busy"


def branch_of(bead: str) -> str:
    """Give the branch of a bead: `bead/<id>`, made safe."""
    return f"bead/{safe_name(bead)}"


@attrs.frozen
class Places:
    """The folders of one bead's checkout."""

    root: Path
    """The state folder."""
    checkout: Path

    @classmethod
    def of(cls, state: StateFolder, workspace: Path, bead: str) -> "Places":
        """Give the places of a bead of a workspace, whether they are there or not."""
        return cls(state.root, state.checkout_of(workspace.absolute(), bead))

    @property
    def _name(self) -> Path:
        return self.checkout.relative_to(self.root / "checkouts")

    @property
    def making(self) -> Path:
        """Where a checkout is while it is made; no bead's safe name begins with a dot."""
        return self.checkout.parent / ".making" / self.checkout.name

    @property
    def shadows(self) -> Path:
        """The folder of our own git folders."""
        return self.root / "shadows" / self._name

    @property
    def shadow(self) -> Path:
        """Our own git folder for the branch."""
        return self.shadows / "shadow.git"

    @property
    def view(self) -> Path:
        """A git folder of ours over the objects of the checkout."""
        return self.shadows / "view.git"

    @property
    def lock(self) -> Path:
        """The lock file that all processes of the user share for this checkout."""
        mark = hashlib.sha256(os.fsencode(self._name)).hexdigest()[:16]
        return self.root / "locks" / f"checkout-{mark}.lock"

    @contextlib.asynccontextmanager
    async def held(self, patience: float) -> AsyncIterator[None]:
        """Hold the lock; waits up to `patience` seconds. Raises CheckoutBusy."""
        self.lock.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = FileLock(self.lock, thread_local=False, is_singleton=False)
        until = asyncio.get_running_loop().time() + patience
        while True:
            try:
                lock.acquire(timeout=0)
                break
            except Timeout as error:
                if asyncio.get_running_loop().time() >= until:
                    raise CheckoutBusy(
                        f"Another Beadwork process is busy with the checkout {self.checkout}; "
                        "try again when it is done.",
                    ) from error
            await asyncio.sleep(_LOOK_AGAIN)
        try:
            yield
        finally:
            lock.release()
