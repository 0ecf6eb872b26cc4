// Cancel a run from its row; the panel says how it ended, and Work is offered again.
import { play } from "./workbench.mjs";

await play(async (code) => {
  await code.openBeads();
  await code.inline(code.row("demo-1"), "Work");
  await code.awaitInGroup("demo-1", "Running");
  await code.awaitOutput("I wait to be let go.");
  await code.inline(code.row("demo-1"), "Cancel");
  await code.awaitOutput("Cancelled");
  await code.awaitInGroup("demo-1", "Ready");
  await code.row("demo-1").hover();
  await code.row("demo-1").getByRole("button", { name: "Work", exact: true }).waitFor();
  await code.screenshot("cancelled");
});
