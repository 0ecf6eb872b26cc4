"""The command that asks once more for what an order asked, for who reads that a run of it came to nothing.

Without an agent there is no session to go on with, so such a run is not tried again but asked for anew.
What it leaves out: the options that overrule something: that is decided each time.
"""

import shlex

from beadwork.executions import Order, Verb


def command_of(order: Order) -> str:
    """Give the command line, as a person can type it."""
    subject = (order.bead,) if order.about_bead else ()
    return shlex.join(["beadwork", order.verb.value, *subject, *_options(order)])


def _options(order: Order) -> tuple[str, ...]:
    match order.verb:
        case Verb.GATES:
            return ("--here",) if order.here else ()
        case Verb.LAND:
            pushed = ("--push",) if order.push else ()
            return (*(("--how", order.how) if order.how else ()), *pushed)
        case Verb.PUBLISH:
            return {None: (), True: ("--draft",), False: ("--ready",)}[order.draft]
        case Verb.CLOSE:
            return ("--reason", order.why) if order.why else ()
        case Verb.WORK | Verb.REVIEW:
            return ()
