// The whole of it, as one person meets it: trust, work, a review, a shell, a reload, a crash; with real bd and Claude Code.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { expect, given, play } from "./workbench.mjs";
import { letGo } from "./held_run.mjs";
import { left, servers } from "./processes.mjs";

const { greet, start, again, state, token } = given;

const git = (...words) => execFileSync("git", words, { cwd: given.workspace, encoding: "utf8" }).trim();

async function trust(code) {
  const { page } = code;
  await page.getByRole("tab", { name: /^Beadwork/ }).click();
  const manage = page.getByRole("button", { name: "Manage Workspace Trust" });
  await manage.waitFor();
  expect((await code.welcome().innerText()).includes("Restricted Mode"), `the view reads ${await code.welcome().innerText()}`);
  await code.screenshot("restricted");
  expect(servers(state).length === 0, "a server runs in Restricted Mode");
  expect(!existsSync(given.bdCalls), "bd was run in Restricted Mode");
  await manage.click();
  const editor = page.locator(".workspace-trust-editor");
  await editor.getByRole("button", { name: "Trust", exact: true }).click();
  await code.awaitInGroup(greet, "Ready");
  expect(servers(state).length === 1, `one window has these servers: ${servers(state)}`);
  await page.locator(".monaco-modal-editor-block").getByRole("button", { name: /^Close/ }).click();
  await editor.waitFor({ state: "detached" });
}

async function work(code) {
  await code.inline(code.row(greet), "Work");
  await code.awaitOutput("I write the greeting.");
  await code.awaitOutput("I wait to be let go.");
  await code.awaitInGroup(greet, "Running");
  await code.screenshot("claude-works");
  letGo(state, greet);
  await code.awaitOutput("Completed");
  await code.awaitInGroup(greet, "Done to review");
  expect(git("show", `bead/${greet}:greeting.txt`) === "hello", "the commit is not on the branch");
}

async function cancel(code) {
  await code.inline(code.row(start), "Work");
  await code.awaitOutput("I start something.");
  await code.until(async () => left(state, token).some((words) => words.includes(token)), async () => "the agent has started nothing");
  await code.inline(code.row(start), "Cancel");
  await code.awaitOutput("Cancelled");
  await code.awaitInGroup(start, "Ready");
  await code.until(async () => left(state, token).length === 0, async () => `left running: ${left(state, token)}`);
}

async function review(code) {
  const problem = code.problem("It is short");
  await code.menu(code.row(greet), "Review");
  await code.toast(/Review of .*1 finding/).getByRole("button", { name: "Show Findings" }).click();
  await code.problemFile("checkouts").waitFor(); // what was reviewed is not checked out yet
  git("checkout", "-q", `bead/${greet}`);
  await code.problemFile("checkouts").waitFor({ state: "detached" });
  await problem.filter({ hasText: "Ln 1" }).dblclick();
  const squiggle = code.page.locator(".part.editor .squiggly-warning, .part.editor .squiggly-error").first();
  await squiggle.waitFor();
  await code.quickFix("Create a bead");
  await code.row("It is short").waitFor();
  const [made] = /demo-[\w.]+/.exec(await code.row("It is short").innerText());
  await problem.filter({ hasText: made }).waitFor();
  await code.screenshot("claude-reviewed");

  await code.inline(code.row(made), "Close…");
  await code.page.locator(".quick-input-widget").filter({ hasText: "Why? It is written to the bead." }).waitFor();
  await code.page.keyboard.type("Short is good\n");
  await code.awaitOutput(`Closed ${made}: Short is good`);
  await code.run("View: Focus Problems");
  await problem.waitFor({ state: "detached" });
  await squiggle.waitFor({ state: "detached" });
}

async function shell(code) {
  await code.run("Terminal: Create New Terminal");
  await code.until(async () => /[$#]\s*$/.test(await code.output()), async () => "the shell does not ask for a command");
  await code.type("bd create --title 'Made in a shell' --priority 1");
  await code.row("Made in a shell").filter({ hasText: "P1" }).waitFor();
  await code.type(`bd update ${start} --title 'Said otherwise'`);
  await code.row("Said otherwise").filter({ hasText: start }).waitFor();
  await code.screenshot("shell");
  await code.type("exit");
}

async function survive(code) {
  await code.inline(code.row(again), "Work");
  await code.awaitOutput("I wait once more.");
  await code.page.reload();
  await code.openBeads();
  await code.awaitInGroup(again, "Running");
  await code.row(again).click();
  await code.awaitOutput("I wait once more.");

  const [first] = servers(state);
  process.kill(first, "SIGKILL");
  await code.until(async () => servers(state).some((pid) => pid !== first), async () => "no server was started again");
  await code.awaitInGroup(again, "Running");
  letGo(state, again);
  await code.awaitOutput("Completed");
  await code.run("View: Toggle Maximized Panel");
  await code.awaitOutput("I begin again.");
  const shown = await code.output();
  for (const once of ["I begin again.", "I wait once more.", "Completed"]) {
    expect(shown.split(once).length === 2, `"${once}" is not there just once: ${shown}`);
  }
  await code.run("View: Toggle Maximized Panel");
  await code.awaitInGroup(again, "Done to review");
}

await play(async (code) => {
  for (const chapter of [trust, work, cancel, review, shell, survive]) await code.chapter(chapter);
});
