"""What became of gates before, kept by commit and command: what was run once needs not be run again.

Files in the state folder that several processes share; each is replaced as a whole. What it leaves out:
whether what is known is to be believed.
"""

import contextlib
import hashlib
import json
import os
import shutil
import time
import uuid
from pathlib import Path

import attrs

from beadwork.gates.data import result_data, result_of
from beadwork.gates.model import Gate, GateError, GateResult, GateState
from beadwork.state_folder import safe_name

_KEPT = frozenset({GateState.PASSED, GateState.FAILED})
"""How a gate ends by itself: that says something of the commit."""


@attrs.frozen
class KnownGates:
    """What is known of the gates of one project, in `folder`, which is made when something is kept."""

    folder: Path

    def get(self, commit: str, gate: Gate) -> GateResult | None:
        """Give what became of a gate on a commit, if that is known; a damaged file is as if absent."""
        try:
            data = json.loads(self._file(commit, gate).read_text("utf-8"))
            found = result_of(data)
        except (OSError, ValueError):
            return None
        if (found.gate.line, found.gate.folder) != (gate.line, gate.folder) or found.state not in _KEPT:
            return None
        output = found.output if os.path.exists(found.output) else ""  # noqa: PTH110  (a path that is text)
        return attrs.evolve(found, gate=gate, output=output, known=True)

    def keep(self, commit: str, result: GateResult) -> None:
        """Keep how a gate ended by itself; of one that did not, nothing. Raises GateError."""
        if result.state not in _KEPT:
            return
        file = self._file(commit, result.gate)
        new = file.with_name(f"{file.name}.{uuid.uuid4().hex}")
        try:
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            new.write_text(json.dumps(result_data(result)), "utf-8")
            new.replace(file)
        except OSError as error:
            with contextlib.suppress(OSError):  # where the folder is none, there is nothing to remove
                new.unlink()
            raise GateError(
                f"What became of `{result.gate.line}` cannot be kept in {self.folder}: "
                f"{error.strerror or error}. Make room or the folder writable, then try again.",
            ) from error

    def output_path(self, commit: str, gate: Gate) -> Path:
        """Give a file for what a gate says, another one each time: an earlier run may refer to its own."""
        name = self._file(commit, gate).stem
        return self._folder(commit) / f"{name}-{uuid.uuid4().hex[:8]}.log"

    def tidy(self, older_than: float, *, now: float | None = None) -> int:
        """Forget all of the commits that nothing was run on for `older_than` seconds; give how many.

        What cannot be removed stays, for the next time.
        """
        before = (time.time() if now is None else now) - older_than
        gone = 0
        for folder in self.folder.glob("*"):
            with contextlib.suppress(OSError):
                newest = max(each.stat().st_mtime for each in (folder, *folder.iterdir()))
                if newest < before:
                    shutil.rmtree(folder)
                    gone += 1
        return gone

    def _folder(self, commit: str) -> Path:
        return self.folder / safe_name(commit)

    def _file(self, commit: str, gate: Gate) -> Path:
        about = f"{gate.folder}\0{gate.line}".encode("utf-8", "surrogatepass")
        return self._folder(commit) / f"{hashlib.sha256(about).hexdigest()[:16]}.json"
