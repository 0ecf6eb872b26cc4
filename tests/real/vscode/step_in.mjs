// Step into a run: answer what its agent asks, pause it and go on, tell it something, and cancel it.
import { expect, play } from "./workbench.mjs";

await play(async (code) => {
  await code.openBeads();
  const row = code.row("demo-1");
  await code.inline(row, "Work");
  await code.choice("Polite").waitFor(); // its output is in front, so it asks at once
  await code.awaitOutput("? Which greeting?");
  await code.screenshot("question");
  await code.page.keyboard.press("Escape");
  await code.choice("Polite").waitFor({ state: "hidden" });
  await row.filter({ hasText: "needs input" }).waitFor();
  expect(!(await code.output()).includes("The answer was"), "a list that was closed has answered");
  await code.inline(row, "Answer");
  await code.choice("Short").click();
  await code.awaitOutput("The answer was: Short");

  await code.awaitOutput("I wait to be let go.");
  await code.awaitInGroup("demo-1", "Running");
  await row.filter({ hasText: "agent" }).waitFor();
  await code.menu(row, "Pause");
  await code.awaitOutput("It goes on here when it is resumed.");
  await code.awaitInGroup("demo-1", "Needs you");
  await row.filter({ hasText: "paused" }).waitFor();
  await code.screenshot("paused");
  await code.inline(row, "Resume");
  await code.awaitOutput("I listen.");
  await code.type("Be brief.");
  await code.awaitOutput("I was told: Be brief.");
  await code.awaitInGroup("demo-1", "Running");

  await code.inline(row, "Cancel");
  await code.awaitOutput("Cancelled");
  await code.awaitInGroup("demo-1", "Ready");
  await row.hover();
  await row.getByRole("button", { name: "Work", exact: true }).waitFor();
  await code.screenshot("cancelled");
});
