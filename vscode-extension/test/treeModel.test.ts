import assert from "node:assert/strict";
import { test } from "node:test";
import { TreeModel } from "../src/treeModel";
import { bead, project, run } from "./samples";

test("empty groups are left out", () => {
  const model = new TreeModel();
  model.take([project([bead(), bead({ id: "demo-2", group: "closed" })])]);
  assert.deepEqual(model.children().map(({ id }) => id), ["/p#ready", "/p#closed"]);
});

test("a bead that only changed its words is the only thing to draw again", () => {
  const model = new TreeModel();
  model.take([project([bead(), bead({ id: "demo-2" })])]);
  const [group] = model.children();
  const [, second] = model.children(group);
  const changes = model.take([project([bead(), bead({ id: "demo-2", title: "New" })])]);
  assert.ok(changes !== "all");
  assert.equal(changes.length, 1);
  assert.equal(changes[0], second, "an element keeps its identity");
});

test("a bead that moved changes all, and nothing changes nothing", () => {
  const model = new TreeModel();
  model.take([project([bead()])]);
  assert.deepEqual(model.take([project([bead()])]), []);
  assert.equal(model.take([project([bead({ group: "blocked" })])]), "all");
});

test("several folders are a level of their own", () => {
  const model = new TreeModel();
  model.take([project([bead()]), project([bead()], { folder: "/q" })]);
  assert.deepEqual(model.children().map(({ kind, id }) => [kind, id]), [["project", "/p"], ["project", "/q"]]);
  assert.deepEqual(model.children(model.children()[1]).map(({ id }) => id), ["/q#ready"]);
  const none = project([], { folder: "/q", error: { code: "tracker-missing", message: "none", detail: "" } });
  model.take([project([bead()]), none]);
  assert.deepEqual(model.children(model.children()[1]), []);
});

test("a run that goes on changes its row; one that ends needs a new listing", () => {
  const model = new TreeModel();
  model.take([project([bead({ group: "running", run: run() })])]);
  assert.equal(model.patch(run({ phase: "verifying" }))?.bead.run?.phase, "verifying");
  assert.equal(model.patch(run({ state: "needs_input" }))?.bead.run?.state, "needs_input");
  assert.equal(model.patch(run({ state: "completed" })), undefined);
  assert.equal(model.patch(run({ state: "paused" })), undefined);
  assert.equal(model.patch(run({ id: "r2" })), undefined);
  assert.equal(model.patch(run({ bead: "other" })), undefined);
});

test("a folder without beads is told from one whose beads cannot be read", () => {
  const model = new TreeModel();
  model.take([project([], { error: { code: "tracker-missing", message: "none", detail: "" } })]);
  assert.equal(model.contents, "missing");
  model.take([project([], { error: { code: "tracker-locked", message: "locked", detail: "" } })]);
  assert.deepEqual(model.children().map(({ kind }) => kind), ["error"]);
  model.take([project([])]);
  assert.equal(model.contents, "empty");
});

test("a bead is found by its id, and its row stands under its group, and that under its folder where there are several", () => {
  const model = new TreeModel();
  model.take([project([bead()]), project([bead(), bead({ id: "demo-2" })], { folder: "/q" })]);
  const found = model.find("demo-1", "/q");
  assert.ok(found);
  assert.equal(found.id, "/q##demo-1");
  assert.equal(model.find("demo-2")?.project.folder, "/q");
  assert.equal(model.find("demo-2", "/p"), undefined);
  const group = model.parent(found);
  assert.ok(group);
  assert.equal(group.id, "/q#ready");
  assert.equal(model.parent(group)?.id, "/q");
  model.take([project([bead()])]);
  const [only] = model.children();
  assert.ok(only);
  assert.equal(model.parent(only), undefined, "with one folder the groups stand at the top");
});
