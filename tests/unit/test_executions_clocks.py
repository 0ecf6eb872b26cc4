"""Two things that are measured in a run: what it used of its wall clock, and how long its agent is silent."""

import asyncio
import sys
import time

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from beadwork.executions import Signs, watch
from beadwork.executions.silence import Silence
from beadwork.executions.wall_clock import WallClock


@attrs.define
class Hands:
    """A clock that a test sets."""

    now: float = 0.0

    def __call__(self) -> float:
        """Give the time."""
        return self.now


steps = st.lists(st.tuples(st.sampled_from(["hold", "go on", "look"]), st.integers(0, 1000)), max_size=40)


@given(used=st.integers(0, 10**6), steps=steps)
def test_what_is_used_is_the_time_in_which_it_was_not_held(used: int, steps: list[tuple[str, int]]) -> None:
    """However often it is held and goes on: earlier stretches, plus each second without a hold."""
    hands = Hands()
    clock = WallClock(hands, float(used))
    expected, held = float(used), False
    for step, seconds in steps:
        match step:
            case "hold":
                clock.hold()
                held = True
            case "go on":
                clock.go_on()
                held = False
            case _:
                pass
        assert clock.held == held
        assert clock.used == expected
        hands.now += seconds
        expected += 0 if held else seconds
        assert clock.used == expected


@given(jumps=st.lists(st.integers(-1000, 1000), max_size=20))
def test_what_is_used_never_becomes_less_than_before_the_stretch(jumps: list[int]) -> None:
    """Even a clock that goes backwards takes nothing away of what was used before."""
    hands = Hands()
    clock = WallClock(hands, 5.0)
    for jump in jumps:
        hands.now += jump
        assert clock.used >= 5.0


async def test_the_loops_clock_rests_while_the_machine_sleeps() -> None:
    """The clock of the loop is the monotonic one, which on Linux leaves out what the machine slept."""
    assert time.get_clock_info("monotonic").implementation in {
        "clock_gettime(CLOCK_MONOTONIC)",
        "mach_absolute_time()",
    }
    before = time.monotonic()
    now = asyncio.get_running_loop().time()
    assert before <= now <= time.monotonic()


def test_a_silence_is_worth_one_word_and_the_next_one_another() -> None:
    """One warning for each silence, however often it is looked at; a sign ends the silence."""
    heard = Hands()
    silence = Silence(Signs(heard, lambda: 100.0, 10.0), 0.0)
    said = [silence.worth_a_word(now) for now in (5.0, 10.0, 10.5, 11.0, 50.0)]
    assert said == [False, False, True, False, False]
    heard.now = 51.0
    assert [silence.worth_a_word(now) for now in (52.0, 61.5, 62.0)] == [False, True, False]


def test_a_tool_that_runs_has_its_own_limit() -> None:
    """What is too long follows the limit of the moment, not that of the beginning."""
    limit = Hands(100.0)
    silence = Silence(Signs(lambda: 0.0, limit, 10.0), 0.0)
    assert not silence.too_long(100.0)
    assert silence.too_long(100.5)
    limit.now = 1000.0
    assert not silence.too_long(100.5)


def test_the_time_in_which_a_person_was_asked_is_no_silence() -> None:
    """An agent that was waiting for an answer begins a new silence when it has it."""
    silence = Silence(Signs(lambda: 0.0, lambda: 100.0, 10.0), 0.0)
    silence.excuse(500.0)
    assert not silence.too_long(600.0)
    assert silence.too_long(600.5)


@pytest.mark.skipif(sys.platform != "linux", reason="that clock has another name elsewhere")
async def test_the_wall_clock_is_read_from_a_clock_that_rests_while_the_machine_sleeps() -> None:
    """CLOCK_MONOTONIC does not count suspend, says the kernel; CLOCK_BOOTTIME and the time of day do."""
    before = time.clock_gettime(time.CLOCK_MONOTONIC)
    shown = watch.loop_time()
    assert before <= shown <= time.clock_gettime(time.CLOCK_MONOTONIC)
