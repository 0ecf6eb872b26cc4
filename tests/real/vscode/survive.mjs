// A run outlives the server and the window; the view and the terminal take up where they were.
import { expect, given, play } from "./workbench.mjs";
import { letGo } from "./held_run.mjs";
import { servers } from "./processes.mjs";

await play(async (code) => {
  await code.openBeads();
  await code.inline(code.row("demo-1"), "Work");
  await code.awaitOutput("I wait to be let go.");
  const [first, ...more] = servers(given.state);
  expect(first !== undefined && more.length === 0, `one window has these servers: ${servers(given.state)}`);

  process.kill(first, "SIGKILL");
  await code.until(async () => servers(given.state).some((pid) => pid !== first), async () => "no server was started again");
  await code.awaitInGroup("demo-1", "Running");
  letGo(given.state, "demo-1");
  await code.awaitOutput("Completed");
  await code.run("View: Toggle Maximized Panel");
  await code.awaitOutput("demo-1 Greet politely");
  const shown = await code.output();
  for (const once of ["I look at the greeting first.", "I wait to be let go.", "── verifying", "Completed"]) {
    expect(shown.split(once).length === 2, `"${once}" is not there just once: ${shown}`);
  }
  await code.screenshot("whole-run");
  await code.run("View: Toggle Maximized Panel");
  await code.awaitInGroup("demo-1", "Done to review");

  await code.inline(code.row("demo-3"), "Work");
  await code.awaitOutput("I wait to be let go.");
  await code.page.reload();
  await code.openBeads();
  await code.awaitInGroup("demo-3", "Running");
  await code.row("demo-3").click();
  await code.awaitOutput("I wait to be let go.");
  letGo(given.state, "demo-3");
  await code.awaitOutput("Completed");
  await code.awaitInGroup("demo-3", "Done to review");
  await code.screenshot("survived");
});
