import assert from "node:assert/strict";
import { test } from "node:test";
import { asked, beadRow, beadsMade, called, capabilities, minutes, needsYou, notice, walked } from "../src/present";
import { ask, bead, project, run } from "./samples";

const now = Date.parse("2026-01-15T10:07:30Z");

test("a ready bead shows its priority as text, and what the server says can be done", () => {
  const row = beadRow(bead({ labels: ["greeting"], actions: ["work", "close"] }), now);
  assert.equal(row.label, "demo-1  Greet");
  assert.equal(row.description, "P1 · greeting");
  assert.equal(row.look[0], "bug");
  assert.equal(row.contextValue, "bead.ready.work.close");
});

test("a running bead shows its phase and minutes and can be cancelled", () => {
  const row = beadRow(bead({ group: "running", run: run() }), now);
  assert.equal(row.description, "agent · 7 min · P1");
  assert.equal(row.contextValue, "bead.running.tell.pause.cancel.checkout.log");
  assert.match(row.spoken, /bug, priority 1, open, agent · 7 min/);
});

test("the cost of a run stands beside its minutes", () => {
  const row = beadRow(bead({ group: "running", run: run({ costUsd: 0.42 }) }), now);
  assert.equal(row.description, "agent · 7 min · $0.42 · P1");
});

test("an epic says how many of its parts are closed, and a row that stands in no group says its state", () => {
  const epic = bead({ type: "epic", children: 7, closedChildren: 3 });
  assert.equal(beadRow(epic, now).description, "3 of 7 closed · P1");
  assert.equal(beadRow(bead({ group: "done_to_review" }), now, false).description, "done to review · P1");
  assert.match(beadRow(bead({ group: "blocked" }), now, false).spoken, /open, blocked/);
});

test("a tooltip has ten lines at most, however much an agent said", () => {
  const said = Array.from({ length: 40 }, (_, at) => `line ${at} ${"long ".repeat(100)}`).join("\n\n");
  const lines = beadRow(bead({ group: "needs_you", run: run({ state: "failed", summary: said }) }), now).tooltip.split("\n");
  assert.equal(lines.length, 10);
  assert.equal(lines.at(-1), "…");
  assert.ok(lines.every((line) => line.length <= 160));
});

test("a bead needs somebody when its run does, also in its turn", () => {
  assert.ok(needsYou(bead({ group: "needs_you" })));
  assert.ok(needsYou(bead({ group: "running", run: run({ state: "needs_input", ask: ask() }) })));
  assert.ok(!needsYou(bead({ group: "running", run: run() })));
});

test("a walk that is over says how many beads were done, and names the others", () => {
  const [done, failed] = [run({ state: "completed" }), run({ bead: "demo-3", state: "failed" })];
  assert.equal(walked([done]), "The work on all ready beads is over: 1 of 1 bead done.");
  assert.equal(walked([done, failed]), "The work on all ready beads is over: 1 of 2 beads done. demo-3 failed");
});

test("a run that is being ended cannot be cancelled again", () => {
  const ending = bead({ group: "running", run: run({ intent: "cancel", cancellable: false, pausable: false, tellable: false }) });
  assert.equal(capabilities(ending), "bead.running.checkout.log");
  assert.match(beadRow(ending, now).description, /^ending/);
});

test("an unknown type, group and state pass through", () => {
  const row = beadRow(bead({ type: "saga", group: "later", run: run({ state: "dreaming", cancellable: false, pausable: false, tellable: false }) }), now);
  assert.equal(row.look[0], "circle-outline");
  assert.equal(row.look[1], undefined);
  assert.equal(row.contextValue, "bead.later.checkout.log");
});

test("a bead that needs a person says why", () => {
  const failed = run({ state: "failed", reason: "no-commit", cancellable: false });
  assert.equal(beadRow(bead({ group: "needs_you", run: failed }), now).description, "no commit · P1");
});

test("an agent that waits in its turn shows so, with its question and a way to answer", () => {
  const row = beadRow(bead({ group: "running", run: run({ state: "needs_input", ask: ask() }) }), now);
  assert.equal(row.description, "needs input · P1");
  assert.equal(row.look[0], "question");
  assert.equal(row.contextValue, "bead.running.answer.tell.pause.cancel.checkout.log");
  assert.match(row.tooltip, /Which greeting\?\n {2}1\. Polite: Good day\n {2}2\. Short$/);
});

test("a question that waits without its agent can be answered, and its bead not be worked on", () => {
  const kept = run({ state: "needs_input", endedAt: "2026-01-15T10:05:00Z", ask: ask(), pausable: false });
  assert.equal(capabilities(bead({ group: "needs_you", run: kept })), "bead.needs_you.answer.tell.cancel.checkout.log");
});

test("a paused run shows so and can be resumed, one that is about to be cannot", () => {
  const paused = bead({ group: "needs_you", run: run({ state: "paused", pausable: false, resumable: true }) });
  assert.equal(beadRow(paused, now).description, "paused · P1");
  assert.equal(beadRow(paused, now).look[0], "debug-pause");
  assert.equal(capabilities(paused), "bead.needs_you.tell.resume.cancel.checkout.log");
  const pausing = bead({ group: "running", run: run({ intent: "pause", cancellable: false, pausable: false }) });
  assert.match(beadRow(pausing, now).description, /^pausing/);
});

test("a run in the queue can be moved to its front, a failed one be tried again", () => {
  const queued = run({ state: "queued", startedAt: null, tellable: false });
  assert.equal(capabilities(bead({ group: "running", run: queued })), "bead.running.pause.first.cancel.checkout.log");
  const failed = run({ state: "failed", retryable: true, cancellable: false, pausable: false });
  assert.equal(capabilities(bead({ group: "needs_you", run: failed })), "bead.needs_you.tell.retry.checkout.log");
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

test("a review is called by what it reads, and its row says that it is one", () => {
  const reading = run({ verb: "review" });
  assert.equal(called(reading), "Review of demo-1");
  assert.equal(called(run({ verb: "review", bead: "@changes", title: "What is not committed" })), "Review of what is not committed");
  assert.equal(beadRow(bead({ group: "running", run: reading }), now).description, "review: agent · 7 min · P1");
});

test("beads that were made and beads that were there are told apart, many of them by their number", () => {
  const made = (from: number, to: number, fresh: boolean): { finding: string; bead: string; new: boolean }[] =>
    Array.from({ length: to - from }, (_, at) => ({ finding: `f${from + at}`, bead: `demo-${from + at}`, new: fresh }));
  assert.equal(beadsMade(made(5, 6, true)), "Made demo-5.");
  assert.equal(beadsMade([...made(5, 7, true), ...made(8, 9, false)]), "Made demo-5, demo-6. demo-8 was there already.");
  assert.equal(beadsMade(made(1, 13, true)), "Made demo-1, demo-2, demo-3, demo-4, demo-5 and 7 more.");
});

test("a bead that is being closed says so", () => {
  const closing = run({ verb: "close", phase: "gates", pausable: false, tellable: false });
  assert.equal(beadRow(bead({ group: "running", run: closing }), now).description, "close: gates · 7 min · P1");
  assert.equal(called(closing), "Closing demo-1");
});
