"""Grounds for faults."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from faults.ground import Ground, ground_in


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[Ground]:
    """A user with a project, beads and a tender; nothing of it is left afterwards."""
    with ground_in(tmp_path) as made:
        yield made
