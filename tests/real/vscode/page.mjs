// The page of a bead, light and dark: its links are followed, its texts are edited in an editor, its fields by keyboard;
// what is changed elsewhere meanwhile is not lost. Then beads are made from a selection and from a TODO, and findings gone through.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, given, play } from "./workbench.mjs";

const CONFLICT = /The content of the file is newer/;

/** The page that is in front. */
const shown = (code) => code.page.frameLocator("iframe.webview.ready:visible").frameLocator("iframe#active-frame");
const tab = (code, name) => code.page.getByRole("tab", { name });
const editor = (code) => code.page.locator(".part.editor .monaco-editor .native-edit-context, .part.editor .monaco-editor textarea").first();
const quickInput = (code) => code.page.locator(".quick-input-widget");

/** Change the description of a bead as another program does: in the file of beads. */
function write(bead, description) {
  const file = join(given.workspace, ".beads", "issues.jsonl");
  const all = readFileSync(file, "utf8").trimEnd().split("\n").map((line) => JSON.parse(line));
  expect(all.some(({ id }) => id === bead), `${bead} is not in the file of beads`);
  const now = all.map((one) => (one.id === bead ? { ...one, description, updated_at: new Date().toISOString() } : one));
  writeFileSync(file, now.map((one) => `${JSON.stringify(one)}\n`).join(""));
}

const described = (bead) => readFileSync(join(given.workspace, ".beads", "issues.jsonl"), "utf8").trimEnd().split("\n")
  .map((line) => JSON.parse(line)).find(({ id }) => id === bead)?.description ?? "";

async function reads(code) {
  await code.row("demo-1").click();
  await tab(code, /^demo-1: Greet politely/).waitFor();
  await shown(code).getByRole("heading", { level: 1, name: /Greet politely/ }).waitFor();
  await shown(code).getByRole("link", { name: /demo-2 Greet in French/ }).click();
  await tab(code, /^demo-2: Greet in French/).waitFor();
  await shown(code).getByRole("heading", { level: 1, name: /Greet in French/ }).waitFor();
  await shown(code).getByRole("link", { name: /demo-1 Greet politely/ }).click();
  await shown(code).getByRole("heading", { level: 1, name: /Greet politely/ }).waitFor();
  expect((await tab(code, /^demo-1: /).count()) === 1, "the page of a bead is open twice");
}

async function changesByKeyboard(code) {
  const priority = shown(code).getByRole("link", { name: /edit the priority/ });
  await priority.focus();
  await code.page.keyboard.press("Enter");
  await code.choice("P1 high").filter({ hasText: "now" }).waitFor();
  await code.page.keyboard.type("P0");
  await code.page.keyboard.press("Enter");
  await shown(code).getByRole("link", { name: /^0 \(critical\)/ }).waitFor();
  await shown(code).getByRole("link", { name: /edit the labels/ }).focus();
  await code.page.keyboard.press("Enter");
  await code.choice("greeting").waitFor();
  await code.page.keyboard.type("tone");
  await code.choice("tone").waitFor();
  await code.page.keyboard.press("ArrowDown");
  await code.page.keyboard.press("Space");
  await code.page.keyboard.press("Enter");
  await shown(code).getByRole("link", { name: /^greeting, tone/ }).waitFor();
}

async function writesInAnEditor(code) {
  await shown(code).getByRole("link", { name: "Add description" }).click();
  await tab(code, /^description.md/).waitFor();
  await editor(code).focus();
  await code.page.keyboard.type("Say *good day*, as demo-3 says goodbye.\n");
  await code.page.keyboard.press("Control+S");
  await code.until(async () => described("demo-1").startsWith("Say *good day*"), async () => `it is ${described("demo-1")}`);
  await tab(code, /^demo-1: Greet politely/).click();
  await shown(code).getByRole("link", { name: "demo-3" }).waitFor();
  await code.screenshot("page-light");
  await code.run("Preferences: Toggle between Light/Dark Themes");
  await code.page.locator(".monaco-workbench.vs-dark").waitFor();
  await code.screenshot("page-dark");
}

/** What another program writes is of the same length: VS Code's own look at the size would not see it. */
async function losesNothing(code) {
  await tab(code, /^description.md/).click();
  await editor(code).focus();
  await code.page.keyboard.press("Control+End");
  await code.page.keyboard.type("And smile.");
  const theirs = described("demo-1").replace("good", "kind");
  write("demo-1", theirs);
  await code.page.keyboard.press("Control+S");
  const asks = code.toast(CONFLICT);
  await asks.waitFor();
  await code.screenshot("page-conflict");
  expect(described("demo-1") === theirs, "what another program wrote was overwritten unasked");
  await asks.getByRole("button", { name: "Overwrite" }).click();
  await code.until(async () => described("demo-1").endsWith("And smile."), async () => `it is ${described("demo-1")}`);
}

async function makesBeads(code) {
  await code.page.keyboard.press("Control+P");
  await quickInput(code).locator("input").fill("README.md");
  await code.choice("README.md").first().waitFor();
  await code.page.keyboard.press("Enter");
  await tab(code, /^README.md/).waitFor();
  await editor(code).focus();
  await code.page.keyboard.press("Control+End");
  await code.page.keyboard.type("\nTODO: write how to say hello");
  await code.quickFix("Create a bead from this TODO");
  await quickInput(code).filter({ hasText: "New bead" }).waitFor();
  await code.screenshot("page-todo");
  await code.page.keyboard.press("Enter");
  await code.row("Write how to say hello").waitFor();
  await code.page.locator(".part.editor .view-line").filter({ hasText: /TODO\(demo-[\w.]+\):\swrite\show/ }).waitFor();
  await editor(code).focus();
  await code.page.keyboard.press("Control+Home");
  await code.page.keyboard.press("Shift+End");
  await code.run("Beadwork: Create Bead from Selection…");
  await quickInput(code).filter({ hasText: "from the selection" }).waitFor();
  expect((await quickInput(code).locator("input").inputValue()) === "A demo project", "the title is not that of the selection");
  await code.page.keyboard.press("Enter");
  await code.row("A demo project").waitFor();
  await code.page.keyboard.press("Control+S");
}

async function goesThroughFindings(code) {
  const finding = { title: "The first line is cold", description: "It names nobody.", priority: 1, type: "bug", category: "tone", file: "README.md", line: 1, failure_scenario: "" };
  const other = { ...finding, title: "The end comes soon", priority: 3, line: 3 };
  writeFileSync(given.script, JSON.stringify({ steps: [{ answer: { findings: [other, finding], summary: "It is nearly there.", pr_ready: false } }] }));
  await code.run("Beadwork: Review Uncommitted Changes");
  await code.toast(/2 findings/).waitFor();
  await code.run("Notifications: Clear All Notifications");
  await tab(code, /^README.md/).click();
  await editor(code).focus();
  await code.page.keyboard.press("Control+Home");
  const said = (words) => code.page.locator(".part.statusbar").getByText(words).waitFor();
  await code.page.keyboard.press("Shift+Alt+F9");
  await said("2 of 2: The end comes soon");
  await code.page.keyboard.press("Alt+F9");
  await said("1 of 2: The first line is cold");
  await code.run("Beadwork: Show Review Summary…");
  await quickInput(code).filter({ hasText: "2 open findings (1 P1, 1 P3), not ready for a pull request" }).waitFor();
  await code.screenshot("page-summary");
  await code.choice("The end comes soon").click();
  await code.page.locator(".part.statusbar").getByText(/Ln 3/).waitFor();
}

/** What was open is open again. */
async function comesBack(code) {
  await code.page.reload();
  await tab(code, /^demo-1: Greet politely/).click();
  await shown(code).getByRole("heading", { level: 1, name: /Greet politely/ }).waitFor();
  await tab(code, /^description.md/).click();
  await code.page.locator(".part.editor .view-line").filter({ hasText: /And\ssmile/ }).waitFor();
  await code.run("Beadwork: Check What Works on this Machine");
  await code.awaitOutput("works without it");
  await code.screenshot("page-doctor");
}

await play(async (code) => {
  await code.openBeads();
  for (const part of [reads, changesByKeyboard, writesInAnEditor, losesNothing, makesBeads, goesThroughFindings, comesBack]) await code.chapter(part);
});
