// Without a Python that fits a person is told which was found and what to do, and once there is one it goes on.
import { spawnSync } from "node:child_process";
import { expect, given, play } from "./workbench.mjs";

await play(async (code) => {
  await code.page.getByRole("tab", { name: /^Beadwork/ }).click();
  const toast = code.toast(/needs Python 3\.11 or newer/);
  await toast.filter({ hasText: `${given.old}: it is Python 3.9.` }).waitFor();
  await toast.getByRole("button", { name: "Look Again" }).waitFor();
  const view = code.page.locator(".part.sidebar");
  await view.getByText("needs Python 3.11 or newer, and found none").waitFor();
  await view.getByRole("button", { name: "Choose a Python…" }).waitFor();
  await code.screenshot("no-python");
  await toast.getByRole("button", { name: "Choose a Python…" }).click();
  await code.page.locator(".settings-editor .setting-item-label").filter({ hasText: "Python" }).waitFor();
  await code.page.keyboard.press("Escape");
  await code.page.locator(".settings-editor").waitFor({ state: "hidden" });
  const [program, ...words] = given.install;
  expect(spawnSync(program, words).status === 0, "a Python cannot be put there");
  await view.getByText("Look Again").click();
  await code.row("demo-1").waitFor();
});
