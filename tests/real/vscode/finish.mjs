// Work that is done: what changed on its branch is looked at, its bead is closed over a gate that fails, and opened again.
import { expect, play } from "./workbench.mjs";

await play(async (code) => {
  const { page } = code;
  await code.openBeads();
  await code.inline(code.row("demo-1"), "Work");
  await code.awaitInGroup("demo-1", "Done to review");

  await code.menu(code.row("demo-1"), "Show Changes");
  const changes = page.locator(".part.editor .monaco-component.multiDiffEditor, .part.editor .multiDiffEntry");
  await changes.first().waitFor();
  await page.locator(".part.editor .view-lines").filter({ hasText: "Good day!" }).first().waitFor();
  await code.screenshot("changes");
  await code.menu(code.row("demo-1"), "Show Changes Since the Last Review");
  await code.toast(/demo-1 was not reviewed yet/).waitFor();

  await code.menu(code.row("demo-1"), "Run Gates");
  await code.awaitOutput("no fixed.txt here");
  await code.awaitOutput("Failed (gates-failed)");
  await code.screenshot("gates");
  await code.toast(/Gates of demo-1.*failed/).getByRole("button", { name: "Open Output" }).click();
  await page.locator(".part.editor .view-lines").filter({ hasText: "no fixed.txt here" }).first().waitFor();

  await code.run("Beadwork: Close…");
  await code.choice("demo-1").click();
  await page.locator(".quick-input-widget").filter({ hasText: "Why? It is written to the bead." }).waitFor();
  await page.keyboard.type("Good enough\n");
  await code.dialog().filter({ hasText: "demo-1 was not closed." }).waitFor();
  await code.screenshot("close-refused");
  await code.dialog().getByRole("button", { name: "Close Anyway" }).click();
  await code.awaitOutput("Closed demo-1: Good enough.");
  await code.group("Closed").click();
  await code.awaitInGroup("demo-1", "Closed");
  await code.screenshot("closed");

  await code.menu(code.row("demo-1"), "Reopen");
  await code.awaitInGroup("demo-1", "Done to review");
  expect((await code.rows()).filter(({ text }) => text.startsWith("demo-1")).length === 1, "demo-1 is shown twice");
});
