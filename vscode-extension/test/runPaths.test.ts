import assert from "node:assert/strict";
import { test } from "node:test";
import { pathsIn } from "../src/runPaths";
import { run } from "./samples";

const here = run({ folder: "/home/ada/a project", checkout: "/state/checkouts/demo-1", readableLog: "/state/my logs/work.log" });
const both = (path: string): string[] => [`/home/ada/a project/${path}`, `/state/checkouts/demo-1/${path}`];

test("a path may be the person's own file, or else the checkout's, with line and column", () => {
  const text = "  see src/greet.py:12:3, README.md and (docs/ü.md:7).";
  const found = pathsIn(text, here);
  assert.deepEqual(found.map(({ at, length }) => text.slice(at, at + length)), ["src/greet.py:12:3", "README.md", "docs/ü.md:7"]);
  assert.deepEqual(found.map(({ line, column }) => [line, column]), [[12, 3], [0, 0], [7, 0]]);
  assert.deepEqual(found[0]?.files, both("src/greet.py"));
});

test("an absolute path below the checkout or the project is one in both, with spaces in the folder's name too", () => {
  for (const root of [here.checkout, here.folder]) {
    assert.deepEqual(pathsIn(`● Read  ${root}/src/a.py:4`, here).map(({ files, line }) => [files, line]), [[both("src/a.py"), 4]]);
  }
});

test("the log is a link, and nothing else outside", () => {
  assert.deepEqual(pathsIn("all of them are in /state/my logs/work.log", here).flatMap(({ files }) => files), ["/state/my logs/work.log"]);
  assert.deepEqual(pathsIn("/etc/passwd ../../secret.txt a/../../b ~/x/../../../y", { ...here, readableLog: "" }).flatMap(({ files }) => files), []);
});

test("a sentence end is no part of a path, and a word alone is none", () => {
  const text = "I look at GREETING.md.";
  assert.deepEqual(pathsIn(text, here).map(({ at, length }) => text.slice(at, at + length)), ["GREETING.md"]);
});
