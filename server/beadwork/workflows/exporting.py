"""A run and its log as one HTML page that needs nothing else: no tool, no network, no script.

The text in it is other people's: it is escaped, what would steer a terminal or turn the reading order is
written out, and the page's own policy forbids whatever could still run or load. It is given in pieces, for a
log may be large. What it leaves out: reading the log.
"""

import base64
import datetime
import hashlib
import html
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import PurePath

from beadwork.executions import Event, EventKind, Execution, Verb

_LONG = 600
"""Characters, and beyond which a text is shown when a reader opens it."""
_MANY_LINES = 12
_SUMMARY = 160

_COLOURS = re.compile(r"\x1b\[[0-9;:]*m")
_ODD = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)

_STYLE = """
:root { color-scheme: light dark; --text: #1f2328; --soft: #59636e; --line: #d1d9e0; --back: #ffffff;
  --box: #f6f8fa; --good: #1a7f37; --bad: #cf222e; --wait: #9a6700; --link: #0969da; }
@media (prefers-color-scheme: dark) { :root { --text: #e6edf3; --soft: #9198a1; --line: #3d444d;
  --back: #0d1117; --box: #151b23; --good: #3fb950; --bad: #ff7b72; --wait: #d29922; --link: #58a6ff; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 62rem; padding: 1.5rem 1rem 4rem; background: var(--back);
  color: var(--text); font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .25rem; overflow-wrap: anywhere; }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
pre, code, .text { font: 13px/1.45 ui-monospace, monospace; }
pre, .text { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }
.said { font: inherit; white-space: pre-wrap; overflow-wrap: anywhere; margin: 0; }
.state { display: inline-block; padding: .1rem .6rem; border-radius: 1rem; border: 1px solid currentColor;
  font-weight: 600; }
.completed, .ok { color: var(--good); } .failed, .timeout, .error { color: var(--bad); }
.blocked, .needs_input, .paused, .cancelled, .question { color: var(--wait); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; margin: 1rem 0; }
dt, .kind, time, .soft { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
ol { list-style: none; margin: 0; padding: 0; }
li { display: grid; grid-template-columns: 5.5rem 6.5rem 1fr; gap: .75rem; padding: .4rem 0;
  border-top: 1px solid var(--line); }
li > div { min-width: 0; }
time, .kind { font-size: .8rem; padding-top: .15rem; font-variant-numeric: tabular-nums; }
details { background: var(--box); border: 1px solid var(--line); border-radius: .4rem; }
summary { cursor: pointer; padding: .35rem .6rem; overflow-wrap: anywhere; }
details > .text { padding: .35rem .6rem .6rem; border-top: 1px solid var(--line); }
.box { background: var(--box); border: 1px solid var(--line); border-radius: .4rem; padding: .35rem .6rem; }
@media (max-width: 40rem) { li { grid-template-columns: 1fr; gap: 0; } dl { grid-template-columns: 1fr; } }
@media print { body { max-width: none; } details { break-inside: avoid; } }
"""
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_POLICY = f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; form-action 'none'"


def page_of(run: Execution, events: Iterable[Event]) -> Iterator[str]:
    """Give the page of `run`, whose log has `events`, in pieces that are to be written as UTF-8."""
    title = shown(f"{run.order.bead}: {run.state.value}")
    yield (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{html.escape(_POLICY)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
    )
    yield from _header(run)
    yield "<h2>What happened</h2>\n<ol>\n"
    for event in events:
        yield from _item(event)
    yield "</ol>\n</body>\n</html>\n"


def shown(text: str) -> str:
    """Give `text` for a place in the page: escaped, without colours of a terminal, odd characters spelled."""
    return html.escape(plain(text))


def plain(text: str) -> str:
    """Give `text` without colours of a terminal, and with what steers or is not seen spelled out."""
    return _ODD.sub(_spelled, _COLOURS.sub("", text).replace("\r\n", "\n"))


def _spelled(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code < 0x20:  # noqa: PLR2004  (control characters have pictures of their own)
        return chr(0x2400 + code)
    return f"\\u{code:04x}"


def _header(run: Execution) -> Iterator[str]:
    order = run.order
    yield (
        f"<header>\n<h1>{shown(order.bead)}: {shown(order.title)}</h1>\n"
        f'<p><span class="state {run.state.value}">{shown(run.state.value.replace("_", " "))}</span></p>\n'
    )
    if run.summary:
        yield f'<p class="said">{shown(run.summary)}</p>\n'
    yield "<dl>\n"
    for name, value in _facts(run):
        if value:
            yield f"<dt>{shown(name)}</dt><dd>{value}</dd>\n"
    yield "</dl>\n</header>\n"


def _facts(run: Execution) -> Iterator[tuple[str, str]]:
    """Give what is known of a run, each with its name, as HTML."""
    yield "Run", f"<code>{shown(run.id)}</code>"
    yield "Asked for", shown("" if run.order.verb is Verb.WORK else run.order.verb.value)
    yield "Project", shown(f"{PurePath(run.order.project).name} ({run.order.project})")
    yield "Agent", shown(", ".join(filter(None, [run.agent_label, run.runner_label])))
    yield "Reason", shown(run.reason.value if run.reason else "")
    yield "Blocked by", shown(run.blocked_by)
    yield "Branch", shown(f"{run.branch} at {run.head[:10]}" if run.head else run.branch)
    yield "Queued", _moment(run.queued_at)
    yield "Began", _moment(run.started_at)
    yield "Ended", _moment(run.ended_at)
    yield "Took", _duration(run)
    yield "Attempt", shown(_attempt(run))
    yield "Cost", shown(_cost(run.cost_usd, run.input_tokens, run.output_tokens))


def _attempt(run: Execution) -> str:
    before = f", after run {run.retry_of[:8]}" if run.retry_of else ""
    after = f", tried again by run {run.retried_by[:8]}" if run.retried_by else ""
    return f"{run.attempt}{before}{after}" if before or after else ""


def _item(event: Event) -> Iterator[str]:
    when = _local(event.at)
    kind, content = _CONTENTS.get(event.kind, (event.kind, _anything))
    yield (
        f'<li><time datetime="{when.isoformat()}">{when:%H:%M:%S}</time>'
        f'<span class="kind">{shown(kind)}</span><div>'
    )
    yield from content(event.data)
    yield "</div></li>\n"


def _anything(data: Mapping[str, object]) -> Iterator[str]:
    yield from _text(_said(data, "text") or _pretty(data), "text")


def _plain(data: Mapping[str, object]) -> Iterator[str]:
    yield from _text(_said(data, "text"), "said")


def _order(data: Mapping[str, object]) -> Iterator[str]:
    if "order" in data:
        yield from _folded("what was asked for", _pretty(data))
    else:  # what became known of the run
        yield from _anything(data)


def _thought(data: Mapping[str, object]) -> Iterator[str]:
    text = _said(data, "text")
    yield from _folded(_first_line(text), text)


def _question(data: Mapping[str, object]) -> Iterator[str]:
    yield from _text(_said(data, "text"), "said question")
    if data.get("ask"):
        yield from _folded("with its choices", _pretty(data["ask"]))


def _call(data: Mapping[str, object]) -> Iterator[str]:
    yield from _text(f"{_said(data, 'tool')}: {_said(data, 'title')}", "text")
    if data.get("data"):
        yield from _folded("the whole call", _pretty(data["data"]))


def _result(data: Mapping[str, object]) -> Iterator[str]:
    ok = data.get("ok") is True
    yield f'<span class="{"ok" if ok else "error"}">{"ok" if ok else "failed"}</span> '
    yield from _text(_said(data, "text"), "text box")


def _git(data: Mapping[str, object]) -> Iterator[str]:
    yield from _plain(data)
    yield from _text(_said(data, "diffstat"), "text box")


def _trouble(data: Mapping[str, object]) -> Iterator[str]:
    yield from _text(_said(data, "text"), "said error")
    yield from _text(_said(data, "detail"), "text box")


def _gate(data: Mapping[str, object]) -> Iterator[str]:
    ends = "error" if data.get("state") in {"failed", "timeout", "broken"} else ""
    yield from _text(_said(data, "text"), f"said {ends}".strip() if "state" in data else "text box")


def _spent(data: Mapping[str, object]) -> Iterator[str]:
    yield shown(_cost_of(data))


def _state(data: Mapping[str, object]) -> Iterator[str]:
    words = ", ".join(_said(data, name) for name in ("state", "phase", "reason") if data.get(name))
    more = " ".join(_said(data, name) for name in ("summary", "text") if data.get(name))
    yield f'<p class="said"><strong>{shown(words)}</strong>{" " + shown(more) if more else ""}</p>'


def _text(text: str, style: str) -> Iterator[str]:
    """Show a text, a long one only when it is opened."""
    if not text:
        return
    if len(text) <= _LONG and text.count("\n") <= _MANY_LINES:
        yield f'<div class="{style}">{shown(text)}</div>'
        return
    yield from _folded(_first_line(text), text)


def _folded(summary: str, text: str) -> Iterator[str]:
    if text:
        size = f"{len(text):,} characters"
        yield f'<details><summary>{shown(summary)} <span class="soft">({size})</span></summary>'
        yield f'<div class="text">{shown(text)}</div></details>'


def _first_line(text: str) -> str:
    line = _COLOURS.sub("", text[: _SUMMARY * 4]).strip().partition("\n")[0]
    return line[:_SUMMARY] + "…" if len(line) > _SUMMARY else line


def _said(data: Mapping[str, object], name: str) -> str:
    value = data.get(name, "")
    return value if isinstance(value, str) else "" if value is None else json.dumps(value)


def _pretty(value: object) -> str:
    try:
        return json.dumps(dict(value) if isinstance(value, Mapping) else value, indent=2, ensure_ascii=False)
    except RecursionError:  # no line of ours is nested so deeply
        return "(nested too deeply to be shown)"


def _cost_of(data: Mapping[str, object]) -> str:
    def number(*names: str) -> float:
        return next((v for name in names if isinstance(v := data.get(name), int | float)), 0)

    usd = data.get("usd")
    return _cost(
        float(usd) if isinstance(usd, int | float) else None,
        int(number("inputTokens", "input_tokens")),
        int(number("outputTokens", "output_tokens")),
    )


def _cost(usd: float | None, tokens_in: int, tokens_out: int) -> str:
    parts = [f"${usd:.2f}"] if usd is not None else []
    parts += [f"{tokens_in:,} tokens in, {tokens_out:,} out"] if tokens_in or tokens_out else []
    return ", ".join(parts)


def _duration(run: Execution) -> str:
    if run.started_at is None or run.ended_at is None:
        return ""
    return str(datetime.timedelta(seconds=round(max(0.0, run.ended_at - run.started_at))))


def _moment(at: float | None) -> str:
    if not at:
        return ""
    when = _local(at)
    return f'<time datetime="{when.isoformat()}">{when:%Y-%m-%d %H:%M:%S %z}</time>'


def _local(at: float) -> datetime.datetime:
    try:
        return datetime.datetime.fromtimestamp(at, datetime.UTC).astimezone()
    except (OverflowError, ValueError, OSError):  # a line that somebody else wrote into the log
        return datetime.datetime.fromtimestamp(0, datetime.UTC)


_CONTENTS: Mapping[str, tuple[str, Callable[[Mapping[str, object]], Iterator[str]]]] = {
    EventKind.RUN: ("run", _order),
    EventKind.STATE: ("state", _state),
    EventKind.TEXT: ("agent", _plain),
    EventKind.THINKING: ("thinking", _thought),
    EventKind.TOOL: ("tool", _call),
    EventKind.TOOL_RESULT: ("result", _result),
    EventKind.GATE: ("gate", _gate),
    EventKind.GIT: ("git", _git),
    EventKind.COST: ("cost", _spent),
    EventKind.QUESTION: ("question", _question),
    EventKind.ANSWER: ("answer", _plain),
    EventKind.MESSAGE: ("you said", _plain),
    EventKind.NOTE: ("note", _plain),
    EventKind.ERROR: ("error", _trouble),
}
"""What each kind of event is called on the page, and how its fields are shown; other kinds as they are."""
