"""What is kept of a gate's output, and the end of it, whatever it is and in whatever pieces it comes."""

import re
import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from beadwork.gates import Gate, GateReport, GateResult, GateState, Standing, report_data, report_of
from beadwork.gates.output import Output, readable_end


@given(chunks=st.lists(st.binary(max_size=60), max_size=40), most=st.integers(4, 400))
def test_the_beginning_and_the_end_are_kept(chunks: list[bytes], most: int) -> None:
    """Up to the bound all of it; beyond it half of the bound from the beginning, a quarter from the end."""
    said = b"".join(chunks)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "said"
        with Output(path, most=most) as output:
            for chunk in chunks:
                output.write(chunk)
        kept = path.read_bytes()
        assert [each.name for each in Path(folder).iterdir()] == ["said"]
    half = most // 2
    mark = re.search(rb"\n\[([0-9,]+) bytes are left out here\]\n", kept[half:])
    if len(said) <= half + half // 2 or mark is None:
        assert kept == said
    else:
        end = kept[half + mark.end() :]
        assert kept[:half] == said[:half]
        assert said.endswith(end)
        assert int(mark[1].replace(b",", b"")) == len(said) - half - len(end)
        assert half // 2 <= len(end) <= half


@given(said=st.binary(max_size=500), most=st.integers(1, 100))
def test_the_end_is_readable_and_bounded(said: bytes, most: int) -> None:
    """No control character but line ends, never more than asked for, and never nothing of something."""
    end = readable_end(said, most)
    assert len(end) <= most
    assert all(each == "\n" or each.isprintable() for each in end)


@given(begun=st.lists(st.sampled_from(["\x1b]", "\x1b[", "\x1bP", "\x1b ", "\r", "\b", "\n"]), min_size=1))
def test_sequences_that_never_end_hide_nothing(begun: list[str]) -> None:
    """A program can be cut off in the midst of one; many thousands of them are read through all the same."""
    said = "".join(begun).encode() * (64 * 1024 // len("".join(begun)))
    assert readable_end(said + b"\x1b[0m\r\nthe end\r\n").endswith("the end")


@given(lines=st.lists(st.from_regex(r"[a-z ]{0,20}[a-z]", fullmatch=True), min_size=1, max_size=30))
def test_the_end_of_text_is_its_last_lines(lines: list[str]) -> None:
    """Whole ones, as they were."""
    end = readable_end("\n".join(lines).encode(), 80)
    assert "\n".join(lines).endswith(end)
    assert end.split("\n")[-1] == lines[-1]


_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=10)
_RESULTS = st.builds(
    GateResult,
    gate=st.builds(Gate, _TEXT, _TEXT, _TEXT, _TEXT),
    state=st.sampled_from(GateState),
    code=st.none() | st.integers(-64, 255),
    seconds=st.integers(0, 10_000).map(float),
    tail=_TEXT,
    output=_TEXT,
    hint=_TEXT,
    at=st.integers(0, 2**31).map(float),
    runner=_TEXT,
    known=st.booleans(),
)


@given(report=st.builds(GateReport, _TEXT, st.lists(_RESULTS, max_size=3).map(tuple), st.tuples(_TEXT)))
def test_a_report_is_the_same_after_a_way_through_json(report: GateReport) -> None:
    """Nothing is lost, and how it stands is said."""
    data = report_data(report)
    assert report_of(data) == report
    passed = all(result.passed for result in report.results)
    gates = [result for result in report.results if result.gate.purpose != "setup"]
    expected = (Standing.PASSED if gates else Standing.NONE) if passed else Standing.FAILED
    assert data["standing"] == expected.value
