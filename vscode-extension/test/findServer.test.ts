import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { after, test } from "node:test";
import { findServer, ServerNotFound } from "../src/findServer";

const folder = mkdtempSync(join(tmpdir(), "find server "));
after(() => rmSync(folder, { recursive: true }));

function program(name: string, mode = 0o755): string {
  const path = join(folder, name, "beadwork");
  mkdirSync(join(folder, name));
  writeFileSync(path, "");
  chmodSync(path, mode);
  return path;
}

test("the setting comes before the PATH", () => {
  const set = program("set");
  assert.equal(findServer(set, join(folder, "other"), false), set);
});

test("a setting that cannot be used is said, not passed over", () => {
  assert.throws(() => findServer("bin/beadwork", folder, false), (error) => error instanceof ServerNotFound && error.message.includes("absolute"));
  assert.throws(() => findServer(join(folder, "gone"), folder, false), ServerNotFound);
  assert.throws(() => findServer(folder, folder, false), ServerNotFound);
});

test("the PATH is searched in order, past what is no program", () => {
  const unmarked = program("unmarked", 0o644);
  const first = program("first");
  const path = [join(folder, "gone"), join(unmarked, ".."), join(first, "..")].join(delimiter);
  assert.equal(findServer("", path, false), first);
});

test("PATH entries that depend on the current folder are never used", () => {
  const here = program("here");
  const before = process.cwd();
  process.chdir(join(here, ".."));
  try {
    assert.throws(() => findServer("", [".", "", "../here"].join(delimiter), false), ServerNotFound);
  } finally {
    process.chdir(before);
  }
});
