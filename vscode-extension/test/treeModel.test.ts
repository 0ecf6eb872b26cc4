import assert from "node:assert/strict";
import { test } from "node:test";
import { type Changes, type Node, TreeModel } from "../src/treeModel";
import { bead, project, run } from "./samples";

/** The rows as they stand, each behind a blank for each row that it stands under. */
function outline(model: TreeModel, node?: Node, depth = 0): string[] {
  return model.children(node).flatMap((each) => [" ".repeat(depth) + each.id, ...outline(model, each, depth + 1)]);
}

function ids(changes: Changes): string[] {
  assert.ok(changes !== "all");
  return changes.map(({ id }) => id);
}

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

test("a bead that moved changes the two groups, and itself; a group that came changes all; nothing changes nothing", () => {
  const model = new TreeModel();
  const other = bead({ id: "demo-2" });
  const others = [other, bead({ id: "demo-3", group: "blocked" })];
  model.take([project([bead(), ...others])]);
  assert.deepEqual(model.take([project([bead(), ...others])]), []);
  const moved = bead({ group: "blocked" });
  assert.deepEqual(ids(model.take([project([moved, ...others])])), ["/p#ready", "/p#blocked", "/p##demo-1"]);
  assert.equal(model.take([project([moved, other, bead({ id: "demo-3", group: "running" })])]), "all");
});

test("a bead stands under the one that it is a part of, where that is in its group", () => {
  const model = new TreeModel();
  const part = bead({ id: "demo-1.1", parent: "demo-1" });
  const elsewhere = bead({ id: "demo-1.2", parent: "demo-1", group: "blocked" });
  model.take([project([part, bead({ children: 2 }), elsewhere])]);
  assert.deepEqual(outline(model), ["/p#ready", " /p##demo-1", "  /p##demo-1.1", "/p#blocked", " /p##demo-1.2"]);
  const found = model.find("demo-1.1");
  assert.ok(found);
  assert.equal(model.parent(found)?.id, "/p##demo-1");
  const changes = model.take([project([bead({ children: 2 }), part, elsewhere, bead({ id: "demo-1.3", parent: "demo-1" })])]);
  assert.deepEqual(ids(changes), ["/p#ready", "/p##demo-1"], "only what has another row under it is drawn again");
});

test("by epic all that is open stands under its parent at any depth, those with parts first", () => {
  const model = new TreeModel();
  const beads = [
    bead({ id: "lone" }), bead({ id: "a", children: 1, group: "blocked" }), bead({ id: "b", parent: "a", children: 1 }), bead({ id: "c", parent: "b" }),
    bead({ id: "gone", group: "closed" }),
  ];
  const look = { grouping: "epic", filtered: false } as const;
  assert.equal(model.take([project(beads)], look), "all");
  assert.deepEqual(outline(model), ["/p##a", " /p##b", "  /p##c", "/p##lone"]);
  model.take([project(beads)], { ...look, filtered: true });
  assert.deepEqual(outline(model).slice(-2), ["/p#closed?", " /p##gone"], "what was searched for is found among the closed, too");
});

test("beads that are parts of each other in a circle are all listed, once", () => {
  const model = new TreeModel();
  const circle = [bead({ id: "a", parent: "c" }), bead({ id: "b", parent: "a" }), bead({ id: "c", parent: "b" }), bead({ id: "own", parent: "own" })];
  model.take([project(circle)], { grouping: "epic", filtered: false });
  assert.deepEqual(outline(model), ["/p##a", " /p##b", "  /p##c", "/p##own"]);
});

test("of closed beads those that are loaded are shown, with a way to the rest; one that moved meanwhile is shown once", () => {
  const model = new TreeModel();
  const listed = project([bead(), bead({ group: "closed" }), bead({ id: "demo-2", group: "closed" })]);
  const groups = listed.groups.map((group) => (group.group === "closed" ? { ...group, count: 12 } : group));
  model.take([{ ...listed, groups }]);
  assert.deepEqual(outline(model), ["/p#ready", " /p##demo-1", "/p#closed", " /p##demo-2", " /p#closed+"]);
  model.take([{ ...listed, groups: groups.map((group) => (group.group === "closed" ? { ...group, beads: [] } : group)) }]);
  assert.deepEqual(outline(model).slice(-1), ["/p#closed"], "a group of which nothing is loaded is shown with its number");
});

test("ten thousand beads, deep and wide, are taken in and compared", (context) => {
  const many = (title: string): ReturnType<typeof project>[] => [project(Array.from({ length: 10_000 }, (_, at) =>
    bead({ id: `demo-${at}`, parent: at % 3 === 0 ? "" : `demo-${at - 1}`, title: at === 7 ? title : "Greet", labels: ["one", "two"] })))];
  const model = new TreeModel();
  const timed = (title: string): ReturnType<TreeModel["take"]> => {
    const [listing, from] = [many(title), performance.now()];
    const changes = model.take(listing);
    context.diagnostic(`taken in ${Math.round(performance.now() - from)} ms`);
    return changes;
  };
  assert.equal(timed("Old"), "all");
  assert.deepEqual(ids(timed("New")), ["/p##demo-7"]);
});

test("several folders are a level of their own", () => {
  const model = new TreeModel();
  model.take([project([bead()]), project([bead()], { folder: "/q" })]);
  assert.deepEqual(model.children().map(({ kind, id }) => [kind, id]), [["project", "/p"], ["project", "/q"]]);
  assert.deepEqual(model.children(model.children()[1]).map(({ id }) => id), ["/q#ready"]);
  const none = project([], { folder: "/q", error: { code: "tracker-missing", message: "none", detail: "" } });
  model.take([project([bead()]), none]);
  assert.deepEqual(model.children(model.children()[1]), []);
  assert.deepEqual(model.take([project([bead()]), project([], { folder: "/q" })]), [model.children()[1]], "it begins with beads");
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
