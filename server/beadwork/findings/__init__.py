"""The room of findings: what a review found, reading it, and keeping it on its lines. This is its door."""

from beadwork.findings.kept import FindingState, KeptFinding, ReviewRecord
from beadwork.findings.matching import Known, Reported
from beadwork.findings.model import Finding, FindingType, Place, Review, Unreadable
from beadwork.findings.opening import mend_findings, open_findings
from beadwork.findings.pinboard import Pinboard, Pinned
from beadwork.findings.pins import Anchor, Pin, anchor_in, follow, place
from beadwork.findings.places import Tree
from beadwork.findings.plain import plain
from beadwork.findings.reading import SCHEMA, read_review
from beadwork.findings.sarif import sarif
from beadwork.findings.store import FindingNotFound, FindingStore
from beadwork.findings.text import Edit, Text, lines_of, units_of

__all__ = [
    "SCHEMA",
    "Anchor",
    "Edit",
    "Finding",
    "FindingNotFound",
    "FindingState",
    "FindingStore",
    "FindingType",
    "KeptFinding",
    "Known",
    "Pin",
    "Pinboard",
    "Pinned",
    "Place",
    "Reported",
    "Review",
    "ReviewRecord",
    "Text",
    "Tree",
    "Unreadable",
    "anchor_in",
    "follow",
    "lines_of",
    "mend_findings",
    "open_findings",
    "place",
    "plain",
    "read_review",
    "sarif",
    "units_of",
]
