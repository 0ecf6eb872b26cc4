"""The arguments of the commands about reviews and findings; see `arguments.py`."""

import attrs


@attrs.frozen
class ReviewWork:
    """Let an agent review a bead's branch, the current branch or what is not committed."""

    folder: str = ""
    id: str = ""
    branch: bool = False
    changes: bool = False
    create_beads: bool = False
    agent: str = ""
    runner: str = ""
    script: str = ""


@attrs.frozen
class ListFindings:
    """List what reviews found."""

    folder: str = ""
    id: str = ""
    all: bool = False


@attrs.frozen
class CreateBeads:
    """Make beads of findings."""

    findings: tuple[str, ...]
    folder: str = ""


@attrs.frozen
class DismissFinding:
    """Say that a finding does not count."""

    finding: str
    folder: str = ""
    reason: str = ""


@attrs.frozen
class TakeBack:
    """Say that a dismissed finding counts again."""

    finding: str
    folder: str = ""


@attrs.frozen
class FixFindings:
    """Let an agent mend findings."""

    findings: tuple[str, ...]
    folder: str = ""
    agent: str = ""
    runner: str = ""
    script: str = ""


@attrs.frozen
class OpenBead:
    """Open a bead."""

    id: str
    folder: str = ""


@attrs.frozen
class CopyFinding:
    """Give a finding as a text."""

    finding: str
    folder: str = ""


@attrs.frozen
class ExportFindings:
    """Give findings as SARIF, for other tools."""

    folder: str = ""
    id: str = ""
