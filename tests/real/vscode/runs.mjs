// The view of runs, and what the terminal of one gives: links, a line that is half typed, and itself after a reload.
import { expect, given, play } from "./workbench.mjs";
import { letGo } from "./held_run.mjs";

const runs = (code) => code.page.getByRole("tree", { name: /^Runs/ });
const row = (code, text) => runs(code).getByRole("treeitem").filter({ hasText: text });
const tabs = (code, text) => code.page.locator(".editor-group-container .tab").filter({ hasText: text });
const rowsText = async (code) => (await runs(code).getByRole("treeitem").allInnerTexts()).map((each) => each.replaceAll(/\s+/g, " "));

/** Wait until the view of runs has a row with these words in the section that is called so. */
async function awaitRun(code, section, ...words) {
  await code.until(async () => {
    const all = await rowsText(code);
    const at = all.findIndex((each) => words.every((word) => each.includes(word)));
    return at > 0 && all.slice(0, at).reverse().find((each) => /^(Queue|Running|Today)/.test(each))?.startsWith(section);
  }, async () => `no run ${words} under ${section}: ${JSON.stringify(await rowsText(code))}`);
}

/** Open what stands in the terminal as a link: a click with Control where it is seen. */
async function openLink(code, name) {
  await code.run("View: Toggle Maximized Panel");
  const line = code.terminal().locator("> div").filter({ hasText: name }).first();
  const text = (await line.innerText()).replaceAll("\u00a0", " ");
  const box = await line.boundingBox();
  const columns = await code.page.evaluate(() => {
    const mark = document.querySelector(".terminal-wrapper.active .xterm-rows span");
    return mark.getBoundingClientRect().width / mark.textContent.length;
  });
  await code.insist(tabs(code, name), 4, async () => {
    await code.page.mouse.move(box.x + 2, box.y - 40);
    await code.page.mouse.move(box.x + columns * (text.indexOf(name) + name.length / 2), box.y + box.height / 2, { steps: 4 });
    await code.page.keyboard.down("Control");
    await code.page.locator(".terminal-wrapper.active .xterm-cursor-pointer").waitFor({ timeout: 4000 }).catch(() => undefined);
    await code.page.mouse.down();
    await code.page.mouse.up();
    await code.page.keyboard.up("Control");
  });
}

await play(async (code) => {
  await code.openBeads();
  await code.page.getByText("Nothing has run here yet.").waitFor();
  await code.inline(code.row("demo-1"), "Work");
  await code.awaitOutput("I wait to be let go.");
  await awaitRun(code, "Running", "demo-1", "agent");
  await code.screenshot("runs-running");

  const field = code.page.locator(".part.panel .terminal-wrapper.active textarea.xterm-helper-textarea");
  await field.focus();
  await code.page.keyboard.type("half a li");
  await code.awaitOutput("» half a li");
  letGo(given.state, "demo-1");
  await code.awaitOutput("Completed");
  const shown = await code.output();
  for (const once of ["» half a li", "── verifying", "✔ Completed"]) expect(shown.split(once).length === 2, `"${once}" is not there just once: ${shown}`);
  expect(shown.trimEnd().endsWith("» half a li"), `what is being typed is not the last line: ${shown}`);
  await awaitRun(code, "Today", "demo-1", "completed");
  await code.screenshot("runs-half-typed");

  await openLink(code, "README.md");
  await openLink(code, "GREETING.md");
  await code.screenshot("runs-links");

  await code.page.reload();
  await code.openBeads();
  await code.awaitInGroup("demo-1", "Done to review");
  await code.screenshot("runs-reloaded");
  await code.page.locator(".part.panel .terminal-tabs-entry").filter({ hasText: "Beadwork" }).click(); // behind VS Code's own
  await code.awaitOutput("Completed");
  await code.run("Terminal: Scroll to Top");
  await code.awaitOutput("I look at the greeting first.");
  await code.screenshot("runs-whole-again");

  await awaitRun(code, "Today", "demo-1", "completed");
  await code.menu(row(code, "demo-1"), "Open Log");
  await tabs(code, ".log").waitFor();
  await row(code, "Today").hover();
  await code.page.locator(".pane").filter({ has: runs(code) }).getByRole("button", { name: "Search Runs…" }).click();
  await code.page.locator(".quick-input-widget").filter({ hasText: "Search Runs" }).waitFor();
  await code.page.keyboard.type("words of no run\n");
  await code.page.getByText("No run has these words.").waitFor();
  await code.page.getByRole("button", { name: "Clear Search" }).last().click();
  await awaitRun(code, "Today", "demo-1", "completed");
});
