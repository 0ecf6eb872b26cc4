"""The room of findings: what a review found, reading it, and keeping it on its lines. This is its door."""

from beadwork.findings.model import Finding, FindingType, Place, Review, Unreadable
from beadwork.findings.places import Tree
from beadwork.findings.reading import SCHEMA, read_review

__all__ = [
    "SCHEMA",
    "Finding",
    "FindingType",
    "Place",
    "Review",
    "Tree",
    "Unreadable",
    "read_review",
]
