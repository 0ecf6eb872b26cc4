// Five thousand beads: opened, closed, scrolled and searched; a change from elsewhere moves nothing and unselects nothing.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, given, play } from "./workbench.mjs";

/** Give a bead another title, as another program does: in the file of beads. */
function rename(bead, title) {
  const file = join(given.workspace, ".beads", "issues.jsonl");
  const all = readFileSync(file, "utf8").trimEnd().split("\n").map((line) => JSON.parse(line));
  const named = all.map((one) => (one.id === bead ? { ...one, title, updated_at: new Date().toISOString() } : one));
  writeFileSync(file, named.map((one) => `${JSON.stringify(one)}\n`).join(""));
}

await play(async (code) => {
  const { keyboard } = code.page;
  await code.openBeads();
  await code.group(/^Ready/).filter({ hasText: given.ready }).waitFor();
  await code.row("demo-0001").waitFor();
  await code.screenshot("many");

  await code.group("Ready").click();
  await code.row("demo-0001").waitFor({ state: "detached" });
  await code.group("Blocked").click();
  await code.group("Blocked").and(code.page.locator("[aria-expanded=false]")).waitFor();
  await code.group("Ready").click();
  await code.row("demo-0001").waitFor();
  await keyboard.press("End");
  await code.group("Closed").waitFor();
  const seen = await code.rows();
  const beads = seen.filter(({ text }) => text.startsWith("demo-")).map(({ text }) => text.slice(0, 9));
  const [chosen, renamed] = [beads.at(-1), beads.at(-2)];
  await code.row(chosen).click();
  const at = await code.row(chosen).boundingBox();

  rename(renamed, "Said otherwise");
  await code.row("Said otherwise").waitFor();
  await code.tree().locator("[role=treeitem][aria-selected=true]").filter({ hasText: chosen }).waitFor();
  const then = await code.row(chosen).boundingBox();
  expect(at.y === then.y, `${chosen} stood at ${at.y} and stands at ${then.y}`);
  expect((await code.group("Blocked").getAttribute("aria-expanded")) === "false", "a change from elsewhere has opened what was closed");
  await code.screenshot("many-end");

  await code.run("Beadwork: Filter Beads…");
  await code.page.locator(".quick-input-widget").filter({ hasText: "Words that a bead has" }).waitFor(); // the title is in the palette, too
  await keyboard.type("otherwise");
  await code.row(chosen).waitFor({ state: "detached" });
  await code.row("Said otherwise").waitFor();
  await keyboard.press("Escape");
  await code.row("demo-0001").waitFor();
});
