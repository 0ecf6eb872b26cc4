// Without the program a person is told what to do, and the view stays of use.
import { play } from "./workbench.mjs";

await play(async (code) => {
  await code.page.getByRole("tab", { name: /^Beadwork/ }).click();
  const toast = code.toast(/could not be started.*Install it/);
  await toast.getByRole("button", { name: "Open Settings" }).waitFor();
  await toast.getByRole("button", { name: "Show Log" }).waitFor();
  await code.page.getByRole("button", { name: "Start the Server" }).waitFor();
  await code.screenshot("no-server");
  await toast.getByRole("button", { name: "Open Settings" }).click();
  await code.page.locator(".settings-editor .setting-item-label").filter({ hasText: "Path" }).waitFor();
});
