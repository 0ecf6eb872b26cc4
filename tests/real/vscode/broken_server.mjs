// A program that ends at once: one message, not one for each try, and the view stays of use.
import { expect, play } from "./workbench.mjs";

await play(async (code) => {
  await code.page.getByRole("tab", { name: /^Beadwork/ }).click();
  await code.page.getByRole("button", { name: "Start the Server" }).waitFor();
  await code.toast(/could not be started/).first().waitFor();
  await code.run("Beadwork: Show Log");
  const said = code.page.locator(".part.panel .view-line").filter({ hasText: "This is not Beadwork" }).first();
  let end = "Home";
  await code.insist(said, 10, async () => {
    // What the client itself logs of it comes before or after, and is more than the panel shows at once.
    await code.page.locator(".part.panel .monaco-editor textarea, .part.panel .monaco-editor .native-edit-context").first().focus();
    end = end === "Home" ? "End" : "Home";
    await code.page.keyboard.press(`Control+${end}`);
  });
  await code.screenshot("broken-server");
  expect((await code.toast(/Beadwork server/).count()) === 1, "a person is told more than once");
});
