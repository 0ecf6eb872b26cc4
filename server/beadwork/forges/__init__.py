"""The room of forges: pull requests, by the programs of those who host repositories. This is its door."""

from beadwork.forges.github import GitHub, owner_in
from beadwork.forges.model import ForgeError, Merging, NoForge, PullRequest

__all__ = ["ForgeError", "GitHub", "Merging", "NoForge", "PullRequest", "owner_in"]
