"""Findings in the language server, without a wire: files on the disk, what is sent, what is offered."""

import asyncio
import os
from pathlib import Path

import pytest
from lsprotocol import types

from beadwork.findings import Edit, Finding, KeptFinding, Pinned, Place, anchor_in, lines_of
from beadwork.lsp.code_actions import Asked, actions_for
from beadwork.lsp.diagnostics import CHANGED, LONGEST, Json, Shown, diagnostic_of
from beadwork.lsp.documents import Documents
from beadwork.lsp.ground import LARGEST, Ground, look, ways_of
from beadwork.lsp.publishing import Publisher, Sheet
from beadwork.lsp.pulling import report_of, workspace_report
from beadwork.lsp.traits import Traits, traits_of

ALL = Traits(related=True, tags=True, data=True, literals=True)
TEXT = "one\n  two  \nthree\n"


def kept(line: int | None = 2, **more: object) -> KeptFinding:
    """A finding about a line of a.py."""
    fields: dict[str, object] = {"title": "It is wrong", "place": Place("a.py", line, line), **more}
    lines = lines_of(TEXT)
    return KeptFinding(
        id="f-1",
        project="/p",
        subject="demo-1",
        run="r",
        finding=Finding(**fields),  # type: ignore[arg-type]
        anchor=anchor_in(lines, "a.py", line, line) if line else None,
    )


def shown(found: KeptFinding, *, stale: bool = False, line: int = 1) -> Shown:
    """That finding where it is."""
    return Shown("/p", Pinned(found, line, line, stale), lines_of(TEXT))


def test_a_file_is_read_once_until_it_changes(tmp_path: Path) -> None:
    """What is too large, no file or not there has no text, and keeps nobody waiting."""
    (tmp_path / "a.py").write_bytes(b"\xef\xbb\xbfone\xff\n")
    (tmp_path / "large").write_bytes(b"x" * (LARGEST + 1))
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    names = ("a.py", "large", "folder", "pipe", "gone")
    seen = look(str(tmp_path), dict.fromkeys(names, False))
    assert {name: each.text for name, each in seen.items()} == {
        **dict.fromkeys(names, None),
        "a.py": "one\ufffd\n",
    }
    known = {name: each.stamp for name, each in seen.items()}
    assert look(str(tmp_path), known) == {}
    (tmp_path / "a.py").write_text("two\n")
    (tmp_path / "gone").write_text("here\n")
    assert {name: each.text for name, each in look(str(tmp_path), known).items()} == {
        "a.py": "two\n",
        "gone": "here\n",
    }


def test_a_folder_is_named_as_the_editor_names_it(tmp_path: Path) -> None:
    """A symbolic link is followed once, and the top of the repository is found from there."""
    (tmp_path / "real" / "inner").mkdir(parents=True)
    (tmp_path / "real" / ".git").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real" / "inner")
    (way,) = ways_of([tmp_path / "link"])
    assert (way.named, way.real, way.top) == (
        str(tmp_path / "link"),
        str(tmp_path / "real" / "inner"),
        str(tmp_path / "real"),
    )


def test_a_finding_whose_text_was_never_there_is_homeless() -> None:
    """Until a text comes that has it; one that was there stays where it was."""
    ground = Ground(Path("/p"), "/p")
    found = kept()
    assert ground.replace([found]) == {"a.py"}
    assert ground.read("a.py", "other\n")
    assert ground.homeless["a.py"] == (found,)
    assert ground.read("a.py", TEXT)
    assert not ground.homeless["a.py"]
    assert not ground.read("a.py", "other\n")
    assert [each.stale for each in ground.board.shown("a.py")] == [True]
    assert ground.path_in("/p/a.py") == "a.py"
    assert ground.path_in("/px/a.py") is None
    assert ground.replace([]) == {"a.py"}
    assert ground.path_in("/p/a.py") is None


def test_a_diagnostic_has_what_the_editor_can_show() -> None:
    """Places, tags and data where they are taken; else the places are in the words."""
    found = kept(category="dead code", also=(Place("b.py", 3, 4),), description="x" * 900, priority=4)
    full = diagnostic_of(shown(found), ALL, lambda path: f"file:///{path}")
    assert full["range"] == {"start": {"line": 1, "character": 2}, "end": {"line": 1, "character": 7}}
    assert (full["severity"], full["code"], full["tags"]) == (4, "f-1", [1])
    assert full["data"] == {"finding": "f-1", "folder": "/p"}
    related = full["relatedInformation"]
    assert isinstance(related, list)
    assert related[0]["location"]["uri"] == "file:///b.py"
    assert related[0]["location"]["range"]["start"] == {"line": 2, "character": 0}
    assert len(str(full["message"])) < LONGEST + 50
    bare = diagnostic_of(shown(found), Traits(), str)
    assert not {"data", "tags", "relatedInformation"} & set(bare)
    assert str(bare["message"]).endswith("See also b.py:3-4.")
    stale = diagnostic_of(shown(kept(priority=0), stale=True, line=9), ALL, str)
    assert stale["severity"] == 4
    assert str(stale["message"]) == f"It is wrong {CHANGED}"
    assert stale["range"] == {"start": {"line": 2, "character": 0}, "end": {"line": 2, "character": 5}}
    empty = diagnostic_of(Shown("/p", Pinned(kept(None), 0, 0), ()), ALL, str)
    assert empty["range"] == {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}}


async def test_what_changed_together_is_sent_once_and_taken_back_once() -> None:
    """Under the name that the file has now; a file without findings that never had any is not named."""
    sheets = {"/a": Sheet("file:///a", 3, [{"message": "x"}]), "/b": Sheet("file:///b", None, [])}
    sent: list[tuple[str, Json]] = []
    publisher = Publisher(lambda method, params: sent.append((method, params)), sheets.__getitem__)
    for key in ("/a", "/b", "/a"):
        publisher.mark(key)
    await asyncio.sleep(0)
    assert [params for _, params in sent] == [
        {"uri": "file:///a", "version": 3, "diagnostics": [{"message": "x"}]}
    ]
    sent.clear()
    sheets["/a"] = Sheet("file:///A", None, [{"message": "x"}])
    publisher.mark("/a")
    await asyncio.sleep(0)
    assert [params["uri"] for _, params in sent] == ["file:///a", "file:///A"]
    sent.clear()
    sheets["/a"] = Sheet("file:///A", None, [])
    for _ in range(2):
        publisher.mark("/a")
        await asyncio.sleep(0)
    assert [params for _, params in sent] == [{"uri": "file:///A", "diagnostics": []}]


async def test_an_editor_that_asks_is_told_once_to_ask_again() -> None:
    """And not when it edits, for then it asks by itself."""
    asked: list[str] = []
    publisher = Publisher(
        lambda *_: pytest.fail("it is sent nothing"),
        lambda _: pytest.fail("it is asked nothing"),
        lambda: asked.append("again"),
    )
    publisher.mark("/a", edited=True)
    await asyncio.sleep(0)
    assert not asked
    for key in ("/a", "/b"):
        publisher.mark(key)
    await asyncio.sleep(0)
    assert asked == ["again"]


def test_reports_say_what_is_as_it_was_and_what_is_gone() -> None:
    """An editor that has something of a file that has nothing now is given nothing of it."""
    full = report_of([{"message": "x"}], None)
    assert full["kind"] == "full"
    assert report_of([{"message": "x"}], str(full["resultId"]))["kind"] == "unchanged"
    report = workspace_report([Sheet("file:///a", None, [{"message": "x"}])], {"file:///b": "old"})
    items = report["items"]
    assert isinstance(items, list)
    assert [(each["uri"], len(each["items"])) for each in items] == [("file:///a", 1), ("file:///b", 0)]
    nothing = str(report_of((), None)["resultId"])
    again = workspace_report([], {"file:///b": nothing})["items"]
    assert isinstance(again, list)
    assert again[0]["kind"] == "unchanged"


@pytest.mark.parametrize(
    ("push", "pull", "wish", "pulls"),
    [
        (True, True, False, False),
        (True, True, True, True),
        (False, True, False, True),
        (True, False, True, False),
        (False, False, False, False),
    ],
)
def test_an_editor_is_sent_diagnostics_unless_it_cannot_be_or_wishes_to_ask(
    push: bool, pull: bool, wish: bool, pulls: bool
) -> None:
    """Never both."""
    text = types.TextDocumentClientCapabilities(
        publish_diagnostics=types.PublishDiagnosticsClientCapabilities() if push else None,
        diagnostic=types.DiagnosticClientCapabilities() if pull else None,
    )
    capabilities = types.ClientCapabilities(text_document=text)
    assert traits_of(capabilities, prefers_pull=wish).pulls is pulls


def test_an_editor_without_literals_is_given_commands() -> None:
    """Each with our one object, found by its lines alone."""
    asked = Asked(first=0, last=5, codes={}, only=(), literals=False)
    found = actions_for(asked, [shown(kept())], lambda _: ())
    assert found[0] == {
        "title": "Create a bead",
        "command": "beadwork.createBeads",
        "arguments": [{"folder": "/p", "findings": ["f-1"]}],
    }
    beyond = Asked(first=2, last=5, codes={}, only=(), literals=False)
    assert not actions_for(beyond, [shown(kept())], lambda _: ())


def test_texts_of_what_is_no_file_are_not_kept() -> None:
    """A change to a text that is not open changes nothing; a whole new text takes the place of the old."""
    documents = Documents()
    assert documents.open("untitled:one", 1, "x") is None
    assert documents.change("file:///a", 2, ["x"]) is None
    document = documents.open("file:///a", 1, "one\n")
    assert document is not None
    documents.change("file:///a", 2, ["two\n", Edit((0, 0), (0, 1), "T")])
    assert (document.text.whole, document.version) == ("Two\n", 2)
    assert documents.close("file:///a") is document
    assert documents.close("file:///a") is None
