// Beads in a database of bd's on a machine without bd: the view says so and what to do, and goes on when that is done.
import { writeFileSync } from "node:fs";
import { expect, given, play } from "./workbench.mjs";

await play(async (code) => {
  await code.openBeads();
  await code.row("There is no bd that starts as `bd`: install it, or name it in the setting `bd`.").waitFor();
  const [{ label }] = await code.rows();
  expect(label.startsWith("Error: There is no bd"), `a screen reader says ${label}`);
  await code.screenshot("no-bd");
  writeFileSync(given.settings, `bd = "${given.bd}"\n`);
  await code.run("Beadwork: Refresh Beads");
  await code.row("Known to bd").waitFor();
});
