import assert from "node:assert/strict";
import { test } from "node:test";
import { beadRow, capabilities, minutes, notice } from "../src/present";
import { bead, project, run } from "./samples";

const now = Date.parse("2026-01-15T10:07:30Z");
const writable = { readOnly: "" };

test("a ready bead shows its priority as text and can be worked on", () => {
  const row = beadRow(bead({ labels: ["greeting"] }), writable, now);
  assert.equal(row.label, "demo-1  Greet");
  assert.equal(row.description, "P1 · greeting");
  assert.equal(row.icon, "bug");
  assert.equal(row.capabilities, "bead.ready.workable");
});

test("a running bead shows its phase and minutes and can be cancelled", () => {
  const row = beadRow(bead({ group: "running", run: run() }), writable, now);
  assert.equal(row.description, "agent · 7 min · P1");
  assert.equal(row.capabilities, "bead.running.cancellable.logged");
  assert.match(row.spoken, /bug, priority 1, open, agent · 7 min/);
});

test("a run that is being ended cannot be cancelled again", () => {
  const ending = bead({ group: "running", run: run({ cancellable: false }) });
  assert.equal(capabilities(ending, writable), "bead.running.logged");
  assert.match(beadRow(ending, writable, now).description, /^ending/);
});

test("closed beads and read-only folders offer no work", () => {
  assert.equal(capabilities(bead({ group: "closed" }), writable), "bead.closed");
  assert.equal(capabilities(bead(), { readOnly: "bd is missing" }), "bead.ready");
});

test("an unknown type, group and state pass through", () => {
  const row = beadRow(bead({ type: "saga", group: "later", run: run({ state: "dreaming" }) }), writable, now);
  assert.equal(row.icon, "circle-outline");
  assert.equal(row.color, undefined);
  assert.equal(row.capabilities, "bead.later.workable.logged");
});

test("a bead that needs a person says why", () => {
  const failed = run({ state: "failed", reason: "no-commit", cancellable: false });
  assert.equal(beadRow(bead({ group: "needs_you", run: failed }), writable, now).description, "no commit · P1");
});

test("durations read as a person says them", () => {
  assert.deepEqual([-5, 59_000, 60_000, 3_600_000, 7_500_000].map(minutes), ["<1 min", "<1 min", "1 min", "1 h 0 min", "2 h 5 min"]);
});

test("the notice names the first trouble and counts the others", () => {
  const troubles = [{ text: "not JSON", line: 3 }, { text: "twice", line: null }];
  assert.equal(notice(project([], { troubles })), "Line 3: not JSON (and 1 more)");
  assert.equal(notice(project([])), "");
});
