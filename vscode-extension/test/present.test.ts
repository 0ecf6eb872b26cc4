import assert from "node:assert/strict";
import { test } from "node:test";
import { asked, beadRow, beadsMade, called, capabilities, minutes, notice } from "../src/present";
import { ask, bead, project, run } from "./samples";

const now = Date.parse("2026-01-15T10:07:30Z");
const writable = { readOnly: "" };

test("a ready bead shows its priority as text and can be worked on", () => {
  const row = beadRow(bead({ labels: ["greeting"] }), writable, now);
  assert.equal(row.label, "demo-1  Greet");
  assert.equal(row.description, "P1 · greeting");
  assert.equal(row.icon, "bug");
  assert.equal(row.capabilities, "bead.ready.workable.closable");
});

test("a running bead shows its phase and minutes and can be cancelled", () => {
  const row = beadRow(bead({ group: "running", run: run() }), writable, now);
  assert.equal(row.description, "agent · 7 min · P1");
  assert.equal(row.capabilities, "bead.running.tellable.pausable.cancellable.logged");
  assert.match(row.spoken, /bug, priority 1, open, agent · 7 min/);
});

test("a run that is being ended cannot be cancelled again", () => {
  const ending = bead({ group: "running", run: run({ intent: "cancel", cancellable: false, pausable: false, tellable: false }) });
  assert.equal(capabilities(ending, writable), "bead.running.logged");
  assert.match(beadRow(ending, writable, now).description, /^ending/);
});

test("closed beads and read-only folders offer no work", () => {
  assert.equal(capabilities(bead({ group: "closed" }), writable), "bead.closed.reopenable");
  assert.equal(capabilities(bead(), { readOnly: "bd is missing" }), "bead.ready");
});

test("an unknown type, group and state pass through", () => {
  const row = beadRow(bead({ type: "saga", group: "later", run: run({ state: "dreaming", cancellable: false, pausable: false, tellable: false }) }), writable, now);
  assert.equal(row.icon, "circle-outline");
  assert.equal(row.color, undefined);
  assert.equal(row.capabilities, "bead.later.workable.closable.logged");
});

test("a bead that needs a person says why", () => {
  const failed = run({ state: "failed", reason: "no-commit", cancellable: false });
  assert.equal(beadRow(bead({ group: "needs_you", run: failed }), writable, now).description, "no commit · P1");
});

test("an agent that waits in its turn shows so, with its question and a way to answer", () => {
  const row = beadRow(bead({ group: "running", run: run({ state: "needs_input", ask: ask() }) }), writable, now);
  assert.equal(row.description, "needs input · P1");
  assert.equal(row.icon, "question");
  assert.equal(row.capabilities, "bead.running.answerable.tellable.pausable.cancellable.logged");
  assert.match(row.tooltip, /Which greeting\?\n {2}1\. Polite: Good day\n {2}2\. Short$/);
});

test("a question that waits without its agent can be answered, and its bead not be worked on", () => {
  const kept = run({ state: "needs_input", endedAt: "2026-01-15T10:05:00Z", ask: ask(), pausable: false });
  assert.equal(capabilities(bead({ group: "needs_you", run: kept }), writable), "bead.needs_you.answerable.tellable.cancellable.logged");
});

test("a paused run shows so and can be resumed, one that is about to be cannot", () => {
  const paused = bead({ group: "needs_you", run: run({ state: "paused", pausable: false, resumable: true }) });
  assert.equal(beadRow(paused, writable, now).description, "paused · P1");
  assert.equal(beadRow(paused, writable, now).icon, "debug-pause");
  assert.equal(capabilities(paused, writable), "bead.needs_you.tellable.resumable.cancellable.logged");
  const pausing = bead({ group: "running", run: run({ intent: "pause", cancellable: false, pausable: false }) });
  assert.match(beadRow(pausing, writable, now).description, /^pausing/);
});

test("a run in the queue can be moved to its front, a failed one be tried again", () => {
  const queued = run({ state: "queued", startedAt: null, tellable: false });
  assert.equal(capabilities(bead({ group: "running", run: queued }), writable), "bead.running.pausable.queued.cancellable.logged");
  const failed = run({ state: "failed", retryable: true, cancellable: false, pausable: false });
  assert.equal(capabilities(bead({ group: "needs_you", run: failed }), writable), "bead.needs_you.workable.closable.tellable.retryable.logged");
});

test("the call that leave is asked for is said once", () => {
  assert.deepEqual(asked(ask({ kind: "permission", title: "make", questions: [{ text: "May it run make?", choices: [], several: false }] })), ["May it run make?"]);
  assert.equal(asked(ask({ title: "rm -r build" }))[0], "rm -r build");
});

test("durations read as a person says them", () => {
  assert.deepEqual([-5, 59_000, 60_000, 3_600_000, 7_500_000].map(minutes), ["<1 min", "<1 min", "1 min", "1 h 0 min", "2 h 5 min"]);
});

test("the notice names the first trouble and counts the others", () => {
  const troubles = [{ text: "not JSON", line: 3 }, { text: "twice", line: null }];
  assert.equal(notice(project([], { troubles })), "Line 3: not JSON (and 1 more)");
  assert.equal(notice(project([])), "");
});

test("a bead with commits on its branch can be reviewed, one without or a closed one cannot", () => {
  const ended = run({ state: "completed", cancellable: false, pausable: false, tellable: false, endedAt: "2026-01-15T10:05:00Z" });
  const worked = { ...ended, head: "b".repeat(40) };
  assert.equal(capabilities(bead({ group: "open", run: worked }), writable), "bead.open.workable.reviewable.branched.changed.closable.logged");
  assert.equal(capabilities(bead({ group: "done_to_review" }), { readOnly: "bd is missing" }), "bead.done_to_review.reviewable.branched.changed");
  assert.doesNotMatch(capabilities(bead({ group: "open", run: ended }), writable), /reviewable/);
  assert.doesNotMatch(capabilities(bead({ group: "open", run: { ...ended, head: ended.base } }), writable), /reviewable/);
  assert.doesNotMatch(capabilities(bead({ group: "closed", run: worked }), writable), /reviewable/);
  assert.doesNotMatch(capabilities(bead({ group: "running", run: run({ head: "b".repeat(40) }) }), writable), /reviewable/);
});

test("a review is called by what it reads, and its row says that it is one", () => {
  const reading = run({ verb: "review" });
  assert.equal(called(reading), "Review of demo-1");
  assert.equal(called(run({ verb: "review", bead: "@changes", title: "What is not committed" })), "Review of what is not committed");
  assert.equal(beadRow(bead({ group: "running", run: reading }), writable, now).description, "review: agent · 7 min · P1");
});

test("beads that were made and beads that were there are told apart, many of them by their number", () => {
  const made = (from: number, to: number, fresh: boolean): { finding: string; bead: string; new: boolean }[] =>
    Array.from({ length: to - from }, (_, at) => ({ finding: `f${from + at}`, bead: `demo-${from + at}`, new: fresh }));
  assert.equal(beadsMade(made(5, 6, true)), "Made demo-5.");
  assert.equal(beadsMade([...made(5, 7, true), ...made(8, 9, false)]), "Made demo-5, demo-6. demo-8 was there already.");
  assert.equal(beadsMade(made(1, 13, true)), "Made demo-1, demo-2, demo-3, demo-4, demo-5 and 7 more.");
});

test("a bead whose gates ran can be brought on, one that is being brought on only be looked at", () => {
  const ended = { verb: "gates", state: "completed", endedAt: "2026-01-15T10:05:00Z", cancellable: false, pausable: false, tellable: false };
  assert.equal(capabilities(bead({ run: run(ended) }), writable), "bead.ready.workable.branched.changed.closable.logged");
  const closing = run({ verb: "close", phase: "gates", pausable: false, tellable: false });
  assert.equal(capabilities(bead({ group: "running", run: closing }), writable), "bead.running.changed.cancellable.logged");
  assert.equal(beadRow(bead({ group: "running", run: closing }), writable, now).description, "close: gates · 7 min · P1");
  assert.equal(called(closing), "Closing demo-1");
});
