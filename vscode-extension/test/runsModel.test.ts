import assert from "node:assert/strict";
import { test } from "node:test";
import { runRow, RunsModel, type SectionNode } from "../src/runsModel";
import type { Run } from "../src/protocol";
import { ask, run } from "./samples";

/** A moment in local time, since days are days of the person. */
const at = (day: number, hour: number): string => new Date(2026, 0, day, hour).toISOString();
const NOW = Date.parse(at(15, 18));
const over = (id: string, day: number, hour: number, about: Partial<Run> = {}): Run =>
  run({ id, state: "completed", queuedAt: at(day, hour - 1), startedAt: at(day, hour - 1), endedAt: at(day, hour), ...about });

const sections = (model: RunsModel): SectionNode[] => model.rows(NOW).filter((row) => row.kind === "section");

function shown(model: RunsModel): string[] {
  return sections(model).map(({ title, runs }) => `${title}: ${runs.map(({ id }) => id).join(" ")}`);
}

test("the history is by day in local time, the newest first", () => {
  const model = new RunsModel();
  model.take([over("a", 15, 1), over("b", 15, 9), over("c", 14, 23), over("d", 12, 10), over("e", -20, 10)]);
  assert.deepEqual(shown(model), ["Today: b a", "Yesterday: c", "Monday, January 12: d", "Thursday, December 11, 2025: e"]);
  assert.deepEqual(sections(model).map(({ open }) => open), [true, true, false, false]);
  assert.equal(model.rows(NOW).at(-1)?.kind, "section");
  model.take([over("a", 15, 1)], true);
  assert.equal(model.rows(NOW).at(-1)?.kind, "more");
});

test("the queue is in the order in which runs begin, and says why none does", () => {
  const model = new RunsModel();
  const queued = (id: string): Run => run({ id, state: "queued", startedAt: null });
  model.take([queued("a"), queued("b"), queued("new"), run({ id: "r", queuedAt: at(15, 9) }), run({ id: "p", state: "paused", endedAt: at(15, 3) })]);
  model.takeQueue({ queued: [queued("b"), queued("elsewhere"), queued("a")], held: "The day's budget is spent." });
  assert.deepEqual(shown(model), ["Queue: b a new", "Running: r p"]);
  assert.equal(sections(model)[0]?.why, "The day's budget is spent.");
});

test("a run that goes on keeps its node, and moves to the day on which it ended", () => {
  const model = new RunsModel();
  model.take([run({ id: "r" })]);
  const node = sections(model)[0]?.runs[0];
  assert.equal(model.patch(over("r", 15, 12)), node);
  assert.deepEqual(shown(model), ["Today: r"]);
  model.take([over("r", 15, 12)]);
  assert.equal(sections(model)[0]?.runs[0], node);
});

test("a row says in words what its icon and colour say", () => {
  const ended = over("r", 15, 12, { attempt: 2, costUsd: 0.125, verb: "review" });
  const row = runRow(ended, NOW, "p");
  assert.equal(row.label, "Review of demo-1 (attempt 2)");
  assert.equal(row.description, "completed · Greet · 12:00 · 1 h 0 min · $0.13 · p");
  assert.equal(row.spoken, "Review of demo-1 (attempt 2), completed, Greet, 12:00, 1 h 0 min, $0.13, p");
  assert.match(runRow(run({ startedAt: at(15, 17) }), NOW).description, /^agent · 1 h 0 min · Greet/);
  assert.match(runRow(run({ state: "paused" }), NOW).description, /^waits for you: paused/);
  assert.match(runRow(run({ state: "needs_input", ask: ask() }), NOW).description, /^waits for you: needs input/);
  const states = ["queued", "running", "needs_input", "paused", "completed", "failed", "timeout", "cancelled", "blocked"];
  assert.equal(new Set(states.map((state) => runRow(run({ state }), NOW).look[0])).size, states.length);
});

test("the menus know the state, what can be asked for, and whether there is a bead", () => {
  assert.equal(runRow(run({ state: "completed", cancellable: false, pausable: false }), NOW).contextValue, "run.completed.tell.checkout.log.bead");
  assert.doesNotMatch(runRow(run({ bead: "@changes", title: "Uncommitted changes", verb: "review" }), NOW).contextValue, /\.bead\b/);
});

test("the tooltip has the summary, the branch and who worked", () => {
  const lines = runRow(run({ state: "failed", reason: "agent_error", summary: "It broke." }), NOW).tooltip.split("\n");
  assert.deepEqual(lines, ["demo-1  Greet", "agent error", "It broke.", "Branch bead/demo-1", "scripted agent, sandbox"]);
});
