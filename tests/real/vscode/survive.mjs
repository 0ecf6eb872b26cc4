// A run outlives the server and the window; the view and the terminal take up where they were.
import { readdirSync, readFileSync } from "node:fs";
import { expect, given, play } from "./workbench.mjs";
import { letGo } from "./held_run.mjs";

/** The pids of the servers that serve our state folder: told by their environment, not by a name alone. */
function servers() {
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name)).filter((pid) => {
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").filter(Boolean);
      const environment = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
      return words.includes("serve") && environment.includes(`BEADWORK_STATE=${given.state}`);
    } catch {
      return false; // it has gone meanwhile
    }
  }).map(Number);
}

await play(async (code) => {
  await code.openBeads();
  await code.inline(code.row("demo-1"), "Work");
  await code.awaitOutput("I wait to be let go.");
  const [first, ...more] = servers();
  expect(first !== undefined && more.length === 0, `one window has these servers: ${servers()}`);

  process.kill(first, "SIGKILL");
  await code.until(async () => servers().some((pid) => pid !== first), async () => "no server was started again");
  await code.awaitInGroup("demo-1", "Running");
  letGo(given.state, "demo-1");
  await code.awaitOutput("Completed");
  await code.run("View: Toggle Maximized Panel");
  await code.awaitOutput("demo-1  Greet politely");
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
