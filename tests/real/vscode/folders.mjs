// Several folders: each is a row with its own groups, and one that has no beads says so, and begins with them.
import { expect, play } from "./workbench.mjs";

await play(async (code) => {
  await code.openBeads();
  await code.row("demo-1").waitFor();
  await code.row("other-1").waitFor();
  await code.row("no beads").waitFor();
  const heads = (await code.rows()).filter(({ level }) => level === "1").map(({ text }) => text);
  expect(heads.some((head) => /^empty\s*no beads/.test(head)), `the empty folder reads ${JSON.stringify(heads)}`);
  expect(heads.length === 3, `the folders are ${JSON.stringify(heads)}`);
  await code.screenshot("folders");
  await code.inline(code.row("other-1"), "Work");
  await code.row("other-1").filter({ hasText: "agent" }).waitFor();
  await code.inline(code.row("other-1"), "Cancel");
  await code.awaitOutput("Cancelled");
  await code.menu(code.row("no beads"), "Begin with Beads in this Folder…");
  await code.choice("Embedded").waitFor();
  await code.page.keyboard.press("Enter");
  await code.toast(/empty is ready for its first bead/).getByRole("button", { name: "Create a Bead" }).click();
  await code.page.locator(".quick-input-widget").filter({ hasText: "New bead" }).waitFor();
  await code.page.keyboard.type("Fill the folder");
  await code.page.keyboard.press("Enter");
  await code.row("empty-").filter({ hasText: "Fill the folder" }).waitFor();
});
