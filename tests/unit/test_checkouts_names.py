"""Ids of beads become names that git and the file system take, one name for each id."""

import subprocess

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from beadwork.checkouts import branch_of
from beadwork.state_folder import safe_name

_odd = st.text(alphabet=st.sampled_from("ab-_./+~^:?*[\\@{} $;&|'\"\n\tä日\x00"), max_size=12)


def _git_takes(branch: str) -> bool:
    return (
        subprocess.run(
            ("git", "check-ref-format", "--branch", branch), capture_output=True, check=False
        ).returncode
        == 0
    )


@pytest.mark.parametrize("bead", ["demo-1", "demo-a3f2.1", "beads_x-9", "A.b"])
def test_an_id_as_bd_makes_them_is_its_own_name(bead: str) -> None:
    """A usual id is seen unchanged in its branch."""
    assert branch_of(bead) == f"bead/{bead}"


@settings(max_examples=60, deadline=None)
@given(_odd | st.text(max_size=200))
@example("")
@example("-rf")
@example("--upload-pack=x")
@example("x.lock")
@example("x.lock.lock")
@example("..")
@example("a/../../b")
@example("@{-1}")
@example("HEAD")
@example("$(reboot)")
@example("\ud800")
@example("x" * 4000)
def test_every_id_is_a_branch_and_a_single_folder(bead: str) -> None:
    """`git check-ref-format` takes the branch; the name is one visible path component of bounded length."""
    name = safe_name(bead)
    assert _git_takes(branch_of(bead))
    assert "/" not in name
    assert not name.startswith((".", "-"))
    assert 0 < len(name.encode()) < 120


@given(st.lists(_odd | st.text(max_size=30), unique=True, min_size=2, max_size=30))
@example(["", "+e3b0c442"])
@example(["a b", "a-b", "a/b", "a.b", "a..b", ".a.b", "a.b.", "a.b.lock"])
def test_two_ids_never_share_a_name(beads: list[str]) -> None:
    """Different ids have different names, also when one looks like the name made of another."""
    names = {safe_name(bead) for bead in beads}
    assert len(names) == len(beads)
    everything = set(beads) | names
    assert len({safe_name(bead) for bead in everything}) == len(everything)
