"""Where Beadwork keeps what it knows, private to the user: one object that names every place in it.

What it leaves out: the contents. Each room reads and writes its own files.
"""

import hashlib
import os
import re
from pathlib import Path

import attrs

from beadwork.errors import BeadworkError


class StateFolderError(BeadworkError):
    """The state folder cannot be made, read or written."""

    code = "state-folder"


def safe_name(text: str) -> str:
    """Give a name for a folder, file or branch that stands for `text` alone.

    Letters, digits, `-`, `_` and single inner dots stay, as in every id that bd makes. Whatever else is in
    `text` becomes `-`, and a short hash of the whole text keeps two such names apart. The `+` before it is
    what no other name has, so that an id cannot look like the name of another one. Case-insensitive file
    systems are not allowed for.
    """
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", text)
    plain = re.sub(r"\.{2,}", ".", plain).strip(".-")[:80].rstrip(".-")
    if plain and plain == text and not text.endswith(".lock"):
        return plain
    mark = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{plain.removesuffix('.lock')}+{mark}"


@attrs.frozen
class StateFolder:
    """The user's state folder and the places in it."""

    root: Path
    """Absolute. Made on demand by `create`, mode 0700."""

    @classmethod
    def of_user(cls) -> "StateFolder":
        """Give the folder that `BEADWORK_STATE` names, else the platform's place for state."""
        named = os.environ.get("BEADWORK_STATE")
        if named:
            return cls(Path(named).expanduser().absolute())
        from platformdirs import user_state_path  # noqa: PLC0415  (costs nothing when the variable is set)

        return cls(user_state_path("beadwork"))

    def create(self) -> None:
        """Make the folder, readable by its user alone.

        Raises StateFolderError when it cannot be made or written.
        """
        try:
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise StateFolderError(
                f"The state folder {self.root} cannot be made: {error.strerror}. "
                "Make it writable, or name another one in BEADWORK_STATE.",
            ) from error
        if not os.access(self.root, os.W_OK | os.X_OK):
            raise StateFolderError(
                f"The state folder {self.root} cannot be written. "
                "Make it writable, or name another one in BEADWORK_STATE.",
            )

    @property
    def database(self) -> Path:
        """The SQLite store of executions."""
        return self.root / "beadwork.sqlite3"

    @property
    def findings(self) -> Path:
        """The SQLite store of reviews and their findings."""
        return self.root / "findings.sqlite3"

    @property
    def locks(self) -> Path:
        """Lock files that several processes share."""
        return self.root / "locks"

    @property
    def worker_output(self) -> Path:
        """What workers print outside their event log: start-up failures, mostly."""
        return self.root / "logs" / "workers.log"

    @property
    def defects(self) -> Path:
        """Tracebacks of commands that met a mistake of ours."""
        return self.root / "logs" / "defects.log"

    @property
    def run_logs(self) -> Path:
        """The folder of the logs of runs, and beside them those of our own."""
        return self.root / "logs"

    @property
    def notifications(self) -> Path:
        """What became of telling people of runs, a line each."""
        return self.root / "logs" / "notifications.log"

    @property
    def notified(self) -> Path:
        """An empty file for each thing that people were told, so that they are told it once."""
        return self.root / "notified"

    @property
    def kept(self) -> Path:
        """When old runs and logs were last removed, in seconds since the epoch."""
        return self.root / "kept"

    def project(self, root: Path) -> str:
        """Give the folder name of a project: its own name and a hash of its path, readable and unique."""
        mark = hashlib.sha256(os.fsencode(root)).hexdigest()[:8]
        return f"{safe_name(root.name) or 'project'}-{mark}"

    def logs_of(self, root: Path, bead: str) -> Path:
        """Give the folder of one bead's logs: `logs/{project}/{bead}`."""
        return self.run_logs / self.project(root) / safe_name(bead)

    def checkout_of(self, root: Path, bead: str) -> Path:
        """Give the folder of one bead's checkout: `checkouts/{project}/{bead}`."""
        return self.root / "checkouts" / self.project(root) / safe_name(bead)

    def agent_home_of(self, root: Path, bead: str) -> Path:
        """Give the private home of the agents of one bead: `homes/{project}/{bead}`."""
        return self.root / "homes" / self.project(root) / safe_name(bead)

    @property
    def gates(self) -> Path:
        """The folder of what became of gates, a folder in it for each project."""
        return self.root / "gates"

    def gates_of(self, root: Path) -> Path:
        """Give the folder of what became of a project's gates, and what they said: `gates/{project}`."""
        return self.gates / self.project(root)

    def pushed_of(self, root: Path) -> Path:
        """Give the folder of what was pushed of a project's branches: `pushed/{project}`."""
        return self.root / "pushed" / self.project(root)

    def landscapes_of(self, root: Path) -> Path:
        """Give the folder of what a project's commits look like, kept to be fast: `landscapes/{project}`."""
        return self.root / "landscapes" / self.project(root)
