// A bead that somebody creates outside the editor is shown, without anything being clicked.
import { execFileSync } from "node:child_process";
import { given, play } from "./workbench.mjs";

await play(async (code) => {
  await code.openBeads();
  await code.row(given.known).waitFor();
  const [program, ...words] = given.create;
  execFileSync(program, words, { cwd: given.workspace, stdio: ["ignore", "inherit", "inherit"] });
  await code.row("Made in a shell").waitFor();
  await code.screenshot("created");
});
