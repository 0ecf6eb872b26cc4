// Work on a ready bead, seen from the click to the summary; then a review of it.
import { expect, given, play } from "./workbench.mjs";
import { letGo } from "./held_run.mjs";
import { review } from "./review.mjs";

await play(async (code) => {
  await code.openBeads();
  await code.awaitInGroup("demo-1", "Ready");
  await code.awaitInGroup("demo-2", "Blocked");
  const rows = await code.rows();
  expect(!rows.some(({ text }) => text.startsWith("Running")), `an empty group is shown: ${JSON.stringify(rows)}`);
  const spoken = rows.find(({ text }) => text.startsWith("demo-1")).label;
  expect(/bug, priority 1/.test(spoken), `a screen reader says ${spoken}`);
  await code.screenshot("groups");

  await code.inline(code.row("demo-1"), "Work");
  await code.awaitInGroup("demo-1", "Running");
  await code.row("demo-1").filter({ hasText: "agent" }).waitFor();
  await code.awaitOutput("I look at the greeting first.");
  await code.awaitOutput("I wait to be let go.");
  await code.screenshot("running");

  letGo(given.state, "demo-1");
  await code.awaitOutput("Completed");
  await code.awaitInGroup("demo-1", "Done to review");
  await code.screenshot("done");

  await code.page.reload();
  await code.openBeads();
  await code.menu(code.row("demo-1"), "Show Output");
  await code.awaitOutput("Completed");
  await code.run("Terminal: Scroll to Top");
  await code.awaitOutput("I look at the greeting first.");

  await review(code, "demo-1");
});
