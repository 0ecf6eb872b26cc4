// The processes of this machine, told by what they were started with and not by a name alone.
import { readdirSync, readFileSync } from "node:fs";

/** Give pid, words and environment of every process that can be looked at. */
function* all() {
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name)).map(Number)) {
    try {
      const [words, environment] = ["cmdline", "environ"].map((file) => readFileSync(`/proc/${pid}/${file}`, "utf8").split("\0").filter(Boolean));
      yield { pid, words, environment };
    } catch {
      // it has gone meanwhile
    }
  }
}

/** The pids of the servers that serve this state folder. */
export function servers(state) {
  const ours = `BEADWORK_STATE=${state}`;
  return [...all()].filter(({ words, environment }) => words.includes("serve") && environment.includes(ours)).map(({ pid }) => pid);
}

/** The command lines of what carries `token` as a word, or belongs to a run of this state folder. */
export function left(state, token) {
  const ours = ({ words, environment }) =>
    words.includes(token) || (environment.includes(`BEADWORK_STATE=${state}`) && environment.some((each) => each.startsWith("BEADWORK_EXECUTION=")));
  return [...all()].filter(ours).map(({ words }) => words.join(" "));
}
