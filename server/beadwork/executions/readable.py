"""The text of an event for people: one line, cut where it is long, without what would move a cursor.

What it leaves out: colours and layout on a terminal, which are the command line's.
"""

import datetime
import json
import re
from collections.abc import Mapping

from beadwork.executions.events import Event, EventKind

WIDEST = 2000
"""Characters of an event that are shown; the event log has them all."""
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_INDENT = "\n" + " " * 22


def readable(event: Event) -> str:
    """Give the line of `event`, with its end; further lines of its text are indented."""
    when = datetime.datetime.fromtimestamp(event.at, datetime.UTC).astimezone().strftime("%H:%M:%S")
    text = words(event).replace("\r\n", "\n")
    shown = text[:WIDEST] + (f" … ({len(text) - WIDEST} more characters)" if len(text) > WIDEST else "")
    return f"{when}  {event.kind:<12}{_CONTROL.sub('�', shown).rstrip().replace(chr(10), _INDENT)}\n"


def words(event: Event) -> str:
    """Give what an event says in plain words, of any length."""
    data = event.data
    match event.kind:
        case EventKind.STATE:
            main = [str(data[name]) for name in ("state", "phase", "reason") if data.get(name)]
            said = [str(data[name]) for name in ("summary", "text") if data.get(name)]
            return ": ".join(part for part in (", ".join(main), " ".join(said)) if part)
        case EventKind.TOOL:
            return f"{data.get('tool', '')}: {data.get('title', '')}"
        case EventKind.TOOL_RESULT:
            return f"{'ok' if data.get('ok') else 'failed'}: {data.get('text', '')}"
        case EventKind.COST:
            return _cost(data)
        case EventKind.ERROR:
            detail = f"\n{data['detail']}" if data.get("detail") else ""
            return f"{data.get('text', '')}{detail}"
        case _:
            return str(data["text"]) if "text" in data else json.dumps(dict(data), ensure_ascii=False)


def _cost(data: Mapping[str, object]) -> str:
    usd = data.get("usd")
    money = f"${usd:.2f}, " if isinstance(usd, int | float) else ""
    return f"{money}{data.get('inputTokens', 0)} tokens in, {data.get('outputTokens', 0)} out"
