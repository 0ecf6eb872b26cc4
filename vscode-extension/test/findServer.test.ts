import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { after, test } from "node:test";
import { PythonNotFound } from "../src/findPython";
import { findServer, ServerNotFound, type Search } from "../src/findServer";

const folder = mkdtempSync(join(tmpdir(), "find server "));
const bundle = join(folder, "bundled");
mkdirSync(join(bundle, "libs"), { recursive: true });
after(() => rmSync(folder, { recursive: true }));

/** Make `name` in a folder of its own; it says that it was asked, and ends as `ends` has it. */
function program(name: string, ends = "exit 0", mode = 0o755): string {
  const own = mkdtempSync(join(folder, `${name} `));
  const path = join(own, name);
  writeFileSync(path, `#!/bin/sh\necho "$PWD: $*" >>"$0.asked"\n${ends}\n`);
  chmodSync(path, mode);
  return path;
}

function old(name: string): string {
  return program(name, "echo 'it is Python 3.9' >&2; exit 1");
}

function path(...programs: string[]): string {
  return programs.map((each) => join(each, "..")).join(delimiter);
}

function found(search: Partial<Search>): Promise<string> {
  const nothing = { path: "", python: "", bundle, programs: "", chosen: () => Promise.resolve(undefined) };
  return findServer({ ...nothing, ...search }).then(({ command }) => command);
}

const unbundled = { bundle: join(folder, "none") };

test("the person's own program comes before all else", async () => {
  const set = program("beadwork");
  assert.equal(await found({ path: set, python: old("python3") }), set);
  assert.equal(await found({ ...unbundled, path: set, programs: path(program("beadwork")) }), set);
});

test("a setting that cannot be used is said, not passed over", async () => {
  const programs = path(program("python3"));
  await assert.rejects(found({ path: "bin/beadwork", programs }), (error) => error instanceof ServerNotFound && error.message.includes("absolute"));
  await assert.rejects(found({ path: join(folder, "gone"), programs }), ServerNotFound);
  await assert.rejects(found({ python: folder, programs }), /beadwork\.server\.python names .* no program/);
  await assert.rejects(found({ python: old("python"), programs }), (error) => error instanceof PythonNotFound && error.message.includes("3.9"));
});

test("without a bundle the PATH is searched in order, past what is no program", async () => {
  const first = program("beadwork");
  const programs = [join(folder, "gone"), path(program("beadwork", "exit 0", 0o644), first, program("beadwork"))].join(delimiter);
  assert.equal(await found({ ...unbundled, programs }), first);
});

test("PATH entries that depend on the current folder are never used", async () => {
  const before = process.cwd();
  const [beadwork, python] = [program("beadwork"), program("python3")];
  try {
    for (const [here, search] of [[beadwork, unbundled], [python, {}]] as const) {
      process.chdir(join(here, ".."));
      await assert.rejects(found({ ...search, programs: [".", "", "../here"].join(delimiter) }));
    }
  } finally {
    process.chdir(before);
  }
});

test("the Python of the setting, then the one that is chosen, then the newest on the PATH", async () => {
  const [set, chosen, newest, other] = [program("python"), program("python"), program("python3.13"), program("python3")];
  const search = { programs: path(other, newest), chosen: () => Promise.resolve(chosen) };
  assert.equal(await found({ ...search, python: set }), set);
  assert.equal(await found(search), chosen);
  assert.equal(await found({ programs: search.programs }), newest);
});

test("a Python that is too old or fails, as the stand-ins of version managers do, is passed over and asked once", async () => {
  const [stray, ancient, fit] = [program("python3.12", "exit 127"), old("python3.11"), program("python3")];
  assert.equal(await found({ programs: path(stray, ancient, stray, fit), chosen: () => Promise.resolve(ancient) }), fit);
  for (const each of [stray, ancient, fit]) {
    assert.equal(readFileSync(`${each}.asked`, "utf8"), `/: -I -S ${join(bundle, "run.py")}\n`);
  }
});

test("where no Python is fit, it is said which were found, and why they are not", async () => {
  const ancient = old("python3");
  const several = ["python3.14", "python3.13", "python3.12", "python3.11"].map((name) => program(name, "exit 1"));
  await assert.rejects(found({}), /3\.11 or newer\. There is none on the PATH/);
  await assert.rejects(found({ programs: path(ancient) }), (error) => error instanceof PythonNotFound && error.message.includes(`${ancient}: it is Python 3.9.`));
  await assert.rejects(found({ programs: path(ancient, ...several) }), /And 2 more\./);
});

test("only a server whose Python was the workspace's choice follows it to another", async () => {
  const [chosen, other] = [program("python"), program("python3")];
  const follows = async (choice: string | undefined): Promise<boolean> =>
    (await findServer({ path: "", python: "", bundle, programs: path(other), chosen: () => Promise.resolve(choice) })).follows;
  assert.equal(await follows(chosen), true);
  assert.equal(await follows(old("python")), false);
  assert.equal(await follows(undefined), false);
});
