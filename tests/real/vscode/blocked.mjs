// Work on a blocked bead is refused with the reason; a person can insist, or not.
import { expect, given, play } from "./workbench.mjs";
import { letGo } from "./held_run.mjs";

await play(async (code) => {
  await code.openBeads();
  await code.inline(code.row("demo-2"), "Work");
  await code.dialog().filter({ hasText: "demo-1" }).waitFor();
  await code.screenshot("refused");
  await code.dialog().getByRole("button", { name: "Cancel", exact: true }).click();
  await code.dialog().waitFor({ state: "detached" });
  await code.awaitInGroup("demo-2", "Blocked");
  expect((await code.terminal().count()) === 0, "a run was started although nobody insisted");

  await code.inline(code.row("demo-2"), "Work");
  await code.dialog().getByRole("button", { name: "Work Anyway" }).click();
  await code.awaitInGroup("demo-2", "Running");
  await code.awaitOutput("I wait to be let go.");
  letGo(given.state, "demo-2");
  await code.awaitOutput("Completed");
});
