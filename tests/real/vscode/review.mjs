// A review of a bead's branch, played after the work on it: what it found is in Problems and follows its line,
// a quick fix makes a bead of it, and it goes when that bead is closed.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, given } from "./workbench.mjs";

const FOUND = {
  title: "The greeting is cold", description: "It names nobody.", priority: 1, type: "bug", category: "tone",
  file: "GREETING.md", line: 1, failure_scenario: "Somebody is greeted.",
};
const TRIFLE = { ...FOUND, title: "The greeting is short", description: "Two words.", priority: 3, failure_scenario: "" };

/** Let agents answer reviews from now on, once they did `before`. */
function reviewer(...before) {
  const answer = { findings: [FOUND, TRIFLE], summary: "It is nearly there.", pr_ready: false };
  writeFileSync(given.script, JSON.stringify({ steps: [...before, { answer }] }));
}

/** Close a bead as another program does: in the file of beads. */
function close(bead) {
  const file = join(given.workspace, ".beads", "issues.jsonl");
  const at = new Date().toISOString();
  const beads = readFileSync(file, "utf8").trimEnd().split("\n").map((line) => JSON.parse(line));
  expect(beads.some(({ id }) => id === bead), `${bead} is not in the file of beads`);
  const closed = beads.map((one) => (one.id === bead ? { ...one, status: "closed", closed_at: at, updated_at: at } : one));
  writeFileSync(file, closed.map((one) => `${JSON.stringify(one)}\n`).join(""));
}

export async function review(code, bead) {
  const { keyboard } = code.page;
  const squiggle = code.page.locator(".part.editor .squiggly-error");
  reviewer();
  await code.menu(code.row(bead), "Review");
  const ended = code.toast(new RegExp(`Review of ${bead}: completed.*2 findings`));
  await ended.getByRole("button", { name: "Open Log" }).waitFor();
  await code.screenshot("reviewed");
  await ended.getByRole("button", { name: "Show Findings" }).click();
  const problem = code.problem(FOUND.title);
  const trifle = code.problem(TRIFLE.title);
  await problem.filter({ hasText: "Ln 1" }).waitFor();
  await trifle.waitFor();
  await code.problemFile("checkouts").waitFor(); // what was reviewed is not checked out, so it is shown where it was read
  await code.screenshot("finding-elsewhere");
  execFileSync("git", ["checkout", "-q", `bead/${bead}`], { cwd: given.workspace });
  await code.problemFile("checkouts").waitFor({ state: "detached" });
  await trifle.waitFor();
  for (const each of [problem, trifle]) expect((await each.count()) === 1, `a finding is shown ${await each.count()} times`);
  await code.awaitInGroup(bead, "Done to review");

  await problem.dblclick();
  await squiggle.first().waitFor();
  await keyboard.press("Control+Home");
  await keyboard.type("# Greetings\n");
  await problem.filter({ hasText: "Ln 2" }).waitFor();
  await code.screenshot("finding-moved");

  await code.quickFix(`Create a bead: ${FOUND.title}`);
  await code.row(FOUND.title).waitFor();
  const made = /demo-[\w.]+/.exec(await code.row(FOUND.title).innerText())[0];
  await problem.filter({ hasText: made }).waitFor();
  await code.screenshot("finding-bead");
  await code.quickFix(`Open ${made}: ${FOUND.title}`);
  await code.tree().locator('[role=treeitem][aria-selected="true"]').filter({ hasText: made }).waitFor();

  close(made);
  await problem.waitFor({ state: "detached" });
  await squiggle.waitFor({ state: "detached" });
  await code.awaitInGroup(bead, "Done to review");
  await code.screenshot("finding-closed");

  await code.quickFix("Copy");
  const copied = () => code.page.evaluate(() => navigator.clipboard.readText());
  await code.until(async () => /^GREETING.md:1: The greeting is short/.test(await copied()), async () => `copied is ${await copied()}`);
  await code.quickFix("Dismiss");
  await code.page.locator(".quick-input-widget").filter({ hasText: "Why does it not count?" }).waitFor();
  await code.screenshot("dismiss");
  await keyboard.type("Two words will do.\n");
  await trifle.waitFor({ state: "detached" });

  reviewer({ say: "I read what is not committed." }, { stall: true });
  await code.run("Beadwork: Review Uncommitted Changes");
  await code.awaitOutput("I read what is not committed.");
  const runs = code.page.getByRole("tree", { name: /^Runs/ });
  const going = runs.getByRole("treeitem").filter({ hasText: "Review of what is not committed" }).first();
  await code.screenshot("review-of-changes");
  await code.inline(going, "Cancel");
  await code.awaitOutput("Cancelled");
}
