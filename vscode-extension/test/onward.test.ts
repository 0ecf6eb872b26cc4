import assert from "node:assert/strict";
import { test } from "node:test";
import { onward } from "../src/onward";
import type { Refused } from "../src/protocol";

function refused(canForce: boolean, ...codes: string[]): Refused {
  const obstacles = codes.map((code) => ({ code, message: code, file: "", paths: [] }));
  return { code: codes[0] ?? "", message: "No.", blockedBy: [], canForce, obstacles };
}

test("what can be overruled is named by what was asked for", () => {
  assert.deepEqual(onward(refused(true, "gates-failed", "blocked"), "Close"), { title: "Close Anyway", overrules: { force: true }, resolve: false });
  assert.equal(onward(refused(false, "tree-dirty"), "Land"), undefined);
});

test("a working tree is brought along for that alone, never with something else that is overruled", () => {
  assert.deepEqual(onward(refused(true, "tree-in-use"), "Land")?.overrules, { updateTree: true });
  assert.deepEqual(onward(refused(true, "gates-failed", "tree-in-use"), "Land")?.overrules, { force: true });
});

test("a conflict is for an agent, whatever else can be overruled", () => {
  assert.equal(onward(refused(false, "conflict"), "Land")?.resolve, true);
});
