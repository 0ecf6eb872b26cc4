// A folder without beads: a person begins with them, and makes the first one.
import { play } from "./workbench.mjs";

await play(async (code) => {
  await code.page.getByRole("tab", { name: /^Beadwork/ }).click();
  await code.welcome().getByRole("button", { name: "Begin with Beads" }).click();
  await code.choice("Embedded").waitFor();
  await code.screenshot("begin");
  await code.page.keyboard.press("Enter");
  await code.toast(/ready for its first bead/).getByRole("button", { name: "Create a Bead" }).click();
  await code.page.locator(".quick-input-widget").filter({ hasText: "New bead" }).waitFor();
  await code.page.keyboard.type("Greet everybody");
  await code.page.keyboard.press("Enter");
  await code.row("Greet everybody").waitFor();
  await code.page.getByRole("tab", { name: /Greet everybody/ }).waitFor();
  const page = code.page.frameLocator("iframe.webview.ready:visible").frameLocator("iframe#active-frame");
  await page.getByRole("heading", { level: 1, name: /Greet everybody/ }).waitFor();
  await code.screenshot("begun");
  await code.run("Beadwork: Open Walkthrough");
  await code.page.getByText("Try the demo project").first().waitFor();
  await code.screenshot("walkthrough");
});
