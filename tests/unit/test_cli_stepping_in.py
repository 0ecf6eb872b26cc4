"""`answer`, `tell`, `pause`, `resume`, `retry`, and following a run that asks: what is shown."""

import json

import attrs
import pytest
from click.testing import CliRunner, Result

from application_double import RUN_ID, Rehearsal, a_run, a_running, an_event
from beadwork.cli import program
from beadwork.executions import Ask, AskKind, Choice, Permit, Question
from beadwork.workflows import RefusalCode, Refused, RunView

COLOUR = Question("Which colour?", (Choice("Red", "as it was"), Choice("Blue")))
ASK = Ask("q1", AskKind.QUESTION, (COLOUR,))
LEAVE = Ask(
    "p1",
    AskKind.PERMISSION,
    (Question("May I?", tuple(Choice(permit.value) for permit in Permit)),),
    tool="Bash",
    title="make install",
)


def ask(held: Rehearsal, *words: str, typed: str = "") -> Result:
    """Use the command line with a double of the application."""
    return CliRunner().invoke(program, words, obj=held.application, input=typed)


def asking(what: Ask = ASK, **changes: object) -> RunView:
    """Give a run whose agent waits for an answer in its turn."""
    return a_running(**{"state": "needs_input", "ask": what, **changes})


def test_answer() -> None:
    """An answer reaches the run with the question that it was given to, and what to do next is said."""
    held = Rehearsal(runs_there=[asking()])
    result = ask(held, "answer", "demo-1", "2")
    assert (result.exit_code, result.stderr) == (0, "")
    assert held.said == [("answer", RUN_ID, ("2",), "q1")]
    assert result.stdout.splitlines() == [
        "Answered the agent at demo-1: run 1a2b3c4d",
        "  follow  beadwork log 1a2b3c4d --follow",
        "  cancel  beadwork cancel 1a2b3c4d",
    ]
    answer = json.loads(ask(held, "answer", "1a2b", "2", "--json").stdout)
    assert answer["run"]["id"] == RUN_ID


@pytest.mark.parametrize(
    ("questions", "words", "texts"),
    [
        ((COLOUR,), ("a", "warm", "one"), ("a warm one",)),
        ((attrs.evolve(COLOUR, several=True),), ("1", "2"), ("1, 2",)),
        ((COLOUR, COLOUR), ("1", "Blue"), ("1", "Blue")),
    ],
)
def test_words_of_an_answer(
    questions: tuple[Question, ...], words: tuple[str, ...], texts: tuple[str, ...]
) -> None:
    """One question takes all words, as one text or as several choices; several take one each."""
    held = Rehearsal(runs_there=[asking(attrs.evolve(ASK, questions=questions))])
    assert ask(held, "answer", "demo-1", *words).exit_code == 0
    assert held.said == [("answer", RUN_ID, texts, "q1")]


def test_a_question_where_nobody_can_type() -> None:
    """Without an answer and without a keyboard the question is printed, and that is wrong usage."""
    held = Rehearsal(runs_there=[asking()])
    result = ask(held, "answer", "demo-1")
    assert (result.exit_code, result.stderr) == (2, "Say the answer: beadwork answer 1a2b3c4d ANSWER\n")
    assert result.stdout == "\nThe agent asks\n  Which colour?\n    1  Red   as it was\n    2  Blue\n"
    assert held.said == []
    result = ask(held, "answer", "demo-1", "--json")
    assert result.exit_code == 2
    assert json.loads(result.stdout)["run"]["ask"]["questions"][0]["choices"][1]["label"] == "Blue"


def test_leave_is_asked_for() -> None:
    """A request for leave shows the call, and each answer that it takes."""
    result = ask(Rehearsal(runs_there=[asking(LEAVE)]), "answer", "demo-1")
    assert result.stdout.startswith("\nThe agent asks for leave\n  Bash  make install\n  May I?\n")
    assert "    3  Always allow in this project\n" in result.stdout


@pytest.mark.parametrize("words", [(), ("1",)])
def test_nothing_is_asked(words: tuple[str, ...]) -> None:
    """A run that asks nothing is refused, with words and with none."""
    refused = Refused(RefusalCode.NOT_ASKING, "Run 1a2b3c4d waits for no answer.")
    result = ask(Rehearsal(runs_there=[a_running()], answer=refused), "answer", "demo-1", *words)
    assert (result.exit_code, result.stderr) == (3, "refused: Run 1a2b3c4d waits for no answer.\n")


def test_tell() -> None:
    """A text, also from standard input, reaches the run."""
    held = Rehearsal(runs_there=[a_running()])
    assert "Told the agent at demo-1" in ask(held, "tell", "demo-1", "Use sqlite.").stdout
    assert ask(held, "tell", "demo-1", "-", typed="Größe.\nMore.\n").exit_code == 0
    assert held.said == [("tell", RUN_ID, "Use sqlite."), ("tell", RUN_ID, "Größe.\nMore.\n")]


def test_tell_what_has_ended() -> None:
    """A run that has ended goes on as a new one, which is said."""
    held = Rehearsal(runs_there=[a_run()], answer=a_running(id="ffff0000-1", retry_of=RUN_ID))
    result = ask(held, "tell", "demo-1", "One thing more.")
    assert result.stdout.startswith("Told in a new run on demo-1: run ffff0000\n")


def test_tell_nothing() -> None:
    """An empty text is wrong usage, and nothing is told."""
    held = Rehearsal(runs_there=[a_running()])
    for words, typed in ((" ", ""), ("-", "\n")):
        assert ask(held, "tell", "demo-1", words, typed=typed).exit_code == 2
    assert held.said == []


def test_pause() -> None:
    """`pause` waits until the run rests, and says how it goes on."""
    held = Rehearsal(runs_there=[a_running()], on_wait=lambda: a_run(state="paused", reason="paused"))
    result = ask(held, "pause", "demo-1")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == "Run 1a2b3c4d of demo-1 is paused. Go on with: beadwork resume 1a2b3c4d\n"
    assert json.loads(ask(held, "pause", "demo-1", "--json").stdout)["run"]["state"] == "paused"
    held.on_wait = a_run
    assert ask(held, "pause", "demo-1").stdout == "Run 1a2b3c4d of demo-1 had already ended: completed.\n"


def test_resume_and_retry() -> None:
    """Both name the run that goes on, and pass on what they were given."""
    held = Rehearsal(runs_there=[a_run(state="paused")])
    assert ask(held, "resume", "demo-1").stdout.startswith("Resumed work on demo-1: run 1a2b3c4d\n")
    assert ask(held, "retry", "demo-1", "--force").stdout.startswith("Trying again on demo-1: run ")
    assert held.said == [("resume", RUN_ID), ("retry", RUN_ID, True)]


@pytest.mark.parametrize("words", [("tell", "demo-1", "x"), ("pause", "demo-1"), ("resume", "demo-1")])
def test_refused(words: tuple[str, ...]) -> None:
    """What cannot be is one sentence and exit code 3, or the object."""
    refused = Refused(RefusalCode.RETRIED, "Run 1a2b3c4d was tried again.")
    held = Rehearsal(runs_there=[a_run()], answer=refused)
    result = ask(held, *words)
    assert (result.exit_code, result.stdout) == (3, "")
    assert result.stderr == "refused: Run 1a2b3c4d was tried again.\n"
    result = ask(held, *words, "--json")
    assert (result.exit_code, result.stderr) == (3, "")
    assert json.loads(result.stdout)["refused"]["code"] == "retried"


QUESTION = an_event(2, "question", text="Which colour?", ask=attrs.asdict(ASK))


def test_following_a_run_that_asks() -> None:
    """A follower who cannot type sees the question, its choices, and the command that answers it."""
    held = Rehearsal(runs_there=[asking()], log_of={RUN_ID: [QUESTION]})

    def end() -> RunView:
        held.log_of[RUN_ID].append(an_event(3, "answer", text="Blue", ask="q1", by="person"))
        held.runs_there = [a_run()]
        return a_run()

    held.on_wait = end
    held.ends_after = 4
    result = ask(held, "log", "demo-1", "--follow")
    assert (result.exit_code, result.stderr) == (0, "")
    told = "\nThe agent asks\n  Which colour?\n    1  Red   as it was\n    2  Blue\n"
    assert told + "  answer  beadwork answer 1a2b3c4d\nanswer: Blue\n" in result.stdout


def test_only_a_new_part_is_followed() -> None:
    """`--follow` after an answer shows what comes from then on, not what was there before."""
    held = Rehearsal(
        runs_there=[asking()], log_of={RUN_ID: [an_event(1, "text", text="Long ago."), QUESTION]}
    )

    def end() -> RunView:
        held.log_of[RUN_ID].append(an_event(3, "text", text="Blue it is."))
        return a_run()

    held.on_wait = end
    result = ask(held, "answer", "demo-1", "2", "--follow")
    assert result.exit_code == 0
    assert "Blue it is." in result.stdout
    assert "Long ago." not in result.stdout
    assert "Which colour?" not in result.stdout


@pytest.mark.parametrize(
    ("state", "command"),
    [("needs_input", "answer"), ("paused", "resume"), ("failed", "retry"), ("timeout", "retry")],
)
def test_a_followed_run_rests(state: str, command: str) -> None:
    """What rests or failed is followed no further; the last lines say what to do, and the exit code is 4."""
    retryable = command == "retry"
    held = Rehearsal(
        runs_there=[a_running()], on_wait=lambda: a_run(state=state, ask=ASK, retryable=retryable)
    )
    result = ask(held, "log", "demo-1", "--follow")
    assert result.exit_code == 4
    assert f"  next     beadwork {command} 1a2b3c4d\n" in result.stdout


def test_a_question_of_another_version() -> None:
    """A question that is written otherwise than we know it is shown in its words."""
    odd = an_event(1, "question", text="Which?", ask={"id": "q1", "questions": [{}]})
    result = ask(Rehearsal(runs_there=[a_run()], log_of={RUN_ID: [odd]}), "log", "demo-1")
    assert result.exit_code == 0
    assert "\nThe agent asks\n  Which?\n" in result.stdout


def test_what_was_said_and_standing_answers() -> None:
    """The log has what a person told the agent, and which answers were given for them."""
    events = [
        an_event(1, "run", run=RUN_ID, order={}),
        an_event(2, "message", text="Use sqlite."),
        an_event(3, "answer", text="Allow once", ask="p1", by="standing"),
        an_event(4, "run", run=RUN_ID, order={}),
        an_event(5, "run", run=RUN_ID, branch="bead/demo-1"),
    ]
    shown = ask(Rehearsal(runs_there=[a_run()], log_of={RUN_ID: events}), "log", "demo-1").stdout
    assert "\nyou: Use sqlite.\nanswer, as you had said before: Allow once\n\ngoes on after a rest\n" in shown
    assert shown.count("goes on") == 1
