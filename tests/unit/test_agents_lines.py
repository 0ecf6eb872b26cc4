"""Lines from pieces."""

from hypothesis import given
from hypothesis import strategies as st

from beadwork.agents.lines import Line, Lines, TooLong

PIECES = st.lists(
    st.one_of(st.binary(max_size=8), st.sampled_from([b"\n", b"\r\n", "ö€😀".encode(), b"{}\n"]))
)
CUTS = st.lists(st.integers(min_value=0, max_value=200))


def read(content: bytes, cuts: list[int], limit: int = 1000) -> list[Line | TooLong]:
    """Feed `content` in pieces that end at `cuts`."""
    lines = Lines(limit)
    ends = sorted({min(cut, len(content)) for cut in cuts} | {len(content)})
    found: list[Line | TooLong] = []
    for begin, end in zip([0, *ends], ends, strict=False):
        found += lines.feed(content[begin:end])
    return found + lines.close()


@given(PIECES, CUTS, st.integers(min_value=1, max_value=30))
def test_pieces_do_not_matter(pieces: list[bytes], cuts: list[int], limit: int) -> None:
    """The same bytes give the same lines, wherever they are cut, also with lines above the limit."""
    content = b"".join(pieces)
    assert read(content, cuts, limit) == read(content, [], limit)


@given(PIECES, CUTS)
def test_nothing_is_lost(pieces: list[bytes], cuts: list[int]) -> None:
    """Each line of the bytes comes out once, in order."""
    content = b"".join(pieces)
    wanted = content.removesuffix(b"\n").split(b"\n") if content else []
    assert read(content, cuts) == [
        Line(line.removesuffix(b"\r").decode("utf-8", "replace")) for line in wanted
    ]


def test_a_cut_character() -> None:
    """A character whose bytes arrive apart is whole."""
    lines = Lines()
    euro = "€".encode()
    assert lines.feed(b"5 " + euro[:1]) == []
    assert lines.feed(euro[1:2]) == []
    assert lines.feed(euro[2:] + b"\n") == [Line("5 €")]


def test_a_last_line_without_its_newline() -> None:
    """It is a line, once the end is known."""
    lines = Lines()
    assert lines.feed(b"one\ntwo") == [Line("one")]
    assert lines.close() == [Line("two")]
    assert lines.close() == []


def test_a_line_of_five_megabytes() -> None:
    """It arrives whole."""
    lines = Lines()
    piece = b"x" * 65536
    for _ in range(80):
        assert lines.feed(piece) == []
    assert lines.feed(b"\n") == [Line("x" * 65536 * 80)]


def test_a_line_above_the_limit() -> None:
    """It is let go with its size said, and the next one is read."""
    lines = Lines(limit=10)
    assert lines.feed(b"12345678") == []
    assert lines.feed(b"9012\nnext\n") == [TooLong(12), Line("next")]
