import assert from "node:assert/strict";
import { test } from "node:test";
import type { Event } from "../src/protocol";
import { clean, closing, heading, transcribe } from "../src/transcript";
import { ask, run } from "./samples";

const event = (about: Partial<Event>): Event => ({ seq: 1, at: "", kind: "text", ...about });
const plain = (text: string): string => clean(text);

test("control characters of an agent never reach the terminal", () => {
  const hostile = "a\x1b[2Jb\x1b]0;title\x07c\x1b]52;c;AAAA\x1b\\d\re\x08f\x9bg\x1bPdcs\x1b\\h\u202e";
  assert.equal(clean(hostile), "abcdefgh");
  for (const kind of ["text", "thinking", "tool_result", "git", "note", "error", "question", "answer", "message", "gate"]) {
    // Our own colours begin with ESC [; nothing else may begin with ESC.
    assert.doesNotMatch(transcribe(event({ kind, text: hostile })), /\x1b[^[]|\x07|\x08|\x9b|\x1b\[2J/);
  }
  assert.doesNotMatch(transcribe(event({ kind: "tool", tool: hostile, title: hostile })), /\x07|\x1b\[2J/);
  const questions = [{ text: hostile, choices: [{ label: hostile, description: hostile }], several: false }];
  assert.doesNotMatch(transcribe(event({ kind: "question", ask: ask({ questions }) })), /\x07|\x1b\[2J/);
  assert.doesNotMatch(closing(run({ state: "failed", reason: hostile, summary: hostile })), /\x07|\x1b\[2J/);
});

test("line ends move the cursor back to the first column", () => {
  assert.equal(transcribe(event({ text: "one\ntwo" })), "one\r\ntwo\r\n");
});

test("a gate has its name before what it says, and how it ended after", () => {
  const gate = "test: make test";
  const said = [{ state: "started" }, { text: "1 failed" }, { state: "failed", text: "test: make test failed (exit code 1)." }];
  assert.equal(
    plain(said.map((about) => transcribe(event({ kind: "gate", gate, ...about }))).join("")).replaceAll("\r", ""),
    "▸ test: make test\n  1 failed\n✗ test: make test failed (exit code 1).\n",
  );
});

test("a tool call is one line", () => {
  assert.equal(plain(transcribe(event({ kind: "tool", tool: "Bash", title: "make\ntest" }))).split("\n").length, 2);
});

test("a long result is cut, and says so", () => {
  const shown = plain(transcribe(event({ kind: "tool_result", ok: false, text: `${"x".repeat(5_000_000)}\n${"y\n".repeat(40)}` })));
  assert.match(shown, /… 35 more lines/);
  assert.ok(shown.length < 2000);
});

test("unknown kinds and missing fields show nothing", () => {
  assert.equal(transcribe(event({ kind: "weather", text: "sun" })), "");
  assert.equal(transcribe(event({})), "");
});

test("the closing says how the run ended and where to look", () => {
  const ended = run({ state: "completed", reason: "verified", summary: "Polite now.", head: "b".repeat(40), endedAt: "2026-01-15T10:00:12Z" });
  assert.deepEqual(plain(closing(ended)).trim().split("\n"), [
    "✔ Completed (verified)", "Polite now.", "branch bead/demo-1 at bbbbbbbb · 12 s", "/logs/work.log",
  ]);
  assert.match(plain(closing(run({ state: "cancelled", reason: "cancelled" }))), /■ Cancelled\n/);
});

test("an error shows the words of the tool that failed", () => {
  assert.equal(plain(transcribe(event({ kind: "error", text: "No push.", detail: "denied" }))), "✗ No push.\n  denied\n");
});

test("a heading is one line", () => {
  assert.equal(plain(heading(run({ title: "Greet\nall" }))), "demo-1  Greet all\n");
});

test("a question shows its choices with their numbers, and then what was said", () => {
  const shown = plain(transcribe(event({ kind: "question", text: "Which greeting?", ask: ask() }))).split("\n");
  assert.deepEqual(shown.slice(0, 3), ["? Which greeting?", "    1. Polite: Good day", "    2. Short"]);
  assert.equal(plain(transcribe(event({ kind: "answer", text: "Polite", ask: "q1", by: "person" }))), "↳ Polite\n");
  assert.match(plain(transcribe(event({ kind: "answer", text: "Allow once", by: "standing" }))), /as you said before/);
  assert.equal(plain(transcribe(event({ kind: "message", text: "Be brief." }))), "» Be brief.\n");
});

test("a run that rests says that it goes on here", () => {
  assert.match(plain(closing(run({ state: "paused", reason: "paused" }))), /‖ Paused\nIt goes on here when it is resumed\.\n/);
  const kept = run({ state: "needs_input", endedAt: "2026-01-15T10:05:00Z" });
  assert.match(plain(closing(kept)), /\? Needs input\nIt goes on here when it is answered\.\n/);
});
