// The list of beads, handled as people do: by names alone, by keyboard alone, several at once, by epic, by words, from the status bar.
import { expect, play } from "./workbench.mjs";

/** What is read out for each row, and the names of all buttons of both views. */
async function namesAreRead(code) {
  await code.row("demo-1").hover();
  const rows = await code.rows();
  const said = rows.filter(({ level }) => level !== "1").map(({ label }) => label);
  expect(said.length >= 6 && said.every((label) => /, priority \d, (open|closed|in progress|blocked)/.test(label)), `rows are read as ${JSON.stringify(rows)}`);
  expect(rows.filter(({ level }) => level === "1").every(({ label }) => /, \d+ beads?$/.test(label)), `groups are read as ${JSON.stringify(rows)}`);
  const buttons = await code.page.locator(".part.sidebar").locator("[role=button]:visible, .action-label:visible")
    .evaluateAll((all) => all.map((each) => [each.className, each.getAttribute("aria-label") || each.innerText.trim()]));
  expect(buttons.length > 6 && buttons.every(([, name]) => name !== ""), `buttons are called ${JSON.stringify(buttons)}`);
  for (const name of ["Create Bead…", "Filter Beads…", "Group by Epic", "Refresh Beads"]) expect(buttons.some(([, said]) => said === name), `there is no button ${name}`);
}

/** Go down to the row of a bead, or to an entry of a menu; from the top again, should it have been passed unseen. */
async function down(code, focused, words) {
  const seen = [];
  await code.until(async () => {
    await code.page.keyboard.press(seen.length % 40 === 39 ? "Home" : "ArrowDown");
    seen.push((await focused.allInnerTexts()).join(" "));
    return seen.at(-1).includes(words);
  }, async () => `no way down to ${words}: ${JSON.stringify(seen.slice(-30))}`);
}

async function worksByKeyboard(code) {
  await code.run("Beadwork: Focus on Beads View");
  await code.page.keyboard.press("Home");
  await down(code, code.tree().locator(".monaco-list-row.focused"), "demo-3");
  await code.page.keyboard.press("Shift+F10");
  await code.page.getByRole("menuitem", { name: "Work", exact: true }).waitFor();
  await down(code, code.page.locator(".monaco-menu .action-item.focused"), "Work");
  await code.page.keyboard.press("Enter");
  await code.awaitInGroup("demo-3", "Running");
  await code.awaitOutput("I wait to be let go.");
  await code.inline(code.row("demo-3"), "Cancel");
  await code.awaitInGroup("demo-3", "Ready");
}

async function worksOnSeveral(code) {
  await code.row("demo-1").click();
  await code.row("demo-6").click({ modifiers: ["Control"] });
  await code.menu(code.row("demo-6"), "Work");
  for (const bead of ["demo-1", "demo-6"]) await code.awaitInGroup(bead, "Running");
  await code.screenshot("several");
}

async function goesByStatusBar(code) {
  const item = code.page.locator(".part.statusbar").getByRole("button", { name: /^Beadwork: 2 (running|.*waiting)|^Beadwork: 1 running, 1 waiting/ });
  await item.click();
  await code.choice("demo-6").waitFor();
  await code.screenshot("status-bar");
  await code.choice("demo-6").click();
  await code.page.locator(".part.panel").getByText("Beadwork: demo-6").first().waitFor();
  for (const bead of ["demo-1", "demo-6"]) {
    await code.inline(code.row(bead), "Cancel");
    await code.awaitInGroup(bead, "Ready");
  }
}

async function standsByEpic(code) {
  await code.run("Beadwork: Focus on Beads View");
  await code.page.getByRole("button", { name: "Group by Epic" }).click();
  await code.group(/^Ready/).waitFor({ state: "detached" });
  const rows = await code.rows();
  const level = (bead) => Number(rows.find(({ text }) => text.startsWith(bead)).level);
  expect(level("demo-6") === level("demo-5") + 1 && level("demo-1") === level("demo-5"), `the rows are ${JSON.stringify(rows)}`);
  expect(/ready/.test(rows.find(({ text }) => text.startsWith("demo-3")).label), `without groups demo-3 is read as ${JSON.stringify(rows)}`);
  await code.screenshot("by-epic");
  await code.page.getByRole("button", { name: "Group by State" }).click();
  await code.awaitInGroup("demo-1", "Ready");
}

async function findsByWords(code) {
  await code.page.getByRole("button", { name: "Filter Beads…" }).click();
  await code.page.locator(".quick-input-widget").filter({ hasText: "Filter Beads" }).waitFor();
  await code.page.keyboard.type("french");
  await code.row("demo-1").waitFor({ state: "detached" });
  await code.row("demo-2").waitFor();
  await code.page.keyboard.press("Enter");
  await code.screenshot("filtered");
  await code.page.getByRole("button", { name: "Clear Filter" }).click();
  await code.row("demo-1").waitFor();
}

await play(async (code) => {
  await code.openBeads();
  await code.awaitInGroup("demo-1", "Ready");
  for (const part of [namesAreRead, worksByKeyboard, worksOnSeveral, goesByStatusBar, standsByEpic, findsByWords]) await code.chapter(part);
});
