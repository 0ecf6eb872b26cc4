// A program that ends at once: one message, not one for each try, and the view stays of use.
import { expect, play } from "./workbench.mjs";

await play(async (code) => {
  await code.page.getByRole("tab", { name: /^Beadwork/ }).click();
  await code.page.getByRole("button", { name: "Start the Server" }).waitFor();
  await code.toast(/could not be started/).first().waitFor();
  await code.run("Beadwork: Show Log");
  await code.page.locator(".part.panel .view-line").filter({ hasText: "This is not Beadwork" }).first().waitFor();
  await code.screenshot("broken-server");
  expect((await code.toast(/Beadwork server/).count()) === 1, "a person is told more than once");
});
