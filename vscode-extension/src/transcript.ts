/**
 * A run's events as a terminal shows them.
 *
 * What an agent or its tools print may hold control characters: none of them reach the terminal, so that no text
 * can move the cursor, set the title, hide something or turn its order round. Long texts are cut here; the log has all of them.
 */
import { asked, called, isAboutBead, isResting, minutes } from "./present";
import type { Event, Run } from "./protocol";

const LONGEST_LINE = 600;
const RESULT_LINES = 6;

// eslint-disable-next-line no-control-regex -- these characters are what it is about
const SEQUENCES = /\x1b(?:\[[0-9;?]*[ -/]*[@-~]|[\]P^_X][^\x07\x1b]*(?:\x07|\x1b\\)?)/g;
// eslint-disable-next-line no-control-regex
const CONTROLS = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

const style = (code: number) => (text: string) => `\x1b[${code}m${text}\x1b[0m`;
const bold = style(1);
const dim = style(2);
const red = style(31);
const green = style(32);
const yellow = style(33);
const blue = style(34);
const cyan = style(36);

const MARKS: Readonly<Record<string, string>> = {
  completed: green("✔"),
  cancelled: yellow("■"),
  paused: yellow("‖"),
  needs_input: yellow("?"),
};

/** Give the first lines of a run's transcript. */
export function heading(run: Run): string {
  return lines(bold(oneLine(isAboutBead(run) ? `${called(run)}  ${run.title}` : called(run))));
}

/** Say that a person can write here. */
export function hint(): string {
  return lines(dim("A line that you type here is told to the agent."));
}

/** Give what an event adds to the transcript; empty for kinds that a person need not see. */
export function transcribe(event: Event): string {
  const text = event.text ?? "";
  switch (event.kind) {
    case "state":
      return event.phase ? lines(dim(`── ${oneLine(event.phase)}`)) : "";
    case "text":
      return lines(...linesOf(text));
    case "thinking":
      return lines(...linesOf(text).map(dim));
    case "tool":
      return lines(`${cyan("●")} ${bold(oneLine(event.tool ?? ""))}  ${oneLine(event.title ?? "")}`);
    case "tool_result":
      return lines(...result(text, event.ok !== false));
    case "git":
      return lines(...linesOf(text).map((line) => `${green("±")} ${line}`));
    case "gate":
      return lines(...gate(event));
    case "question":
      return lines(...question(event));
    case "answer":
      return lines(...linesOf(text).map((line) => `${yellow("↳")} ${line}${event.by === "standing" ? dim(" (as you said before)") : ""}`));
    case "message":
      return lines(...linesOf(text).map((line) => `${yellow("»")} ${line}`));
    case "note":
      return lines(...linesOf(text).map((line) => `${blue("›")} ${line}`));
    case "error":
      return lines(...linesOf(text).map((line) => red(`✗ ${line}`)), ...linesOf(event.detail ?? "").map((line) => dim(`  ${line}`)));
    default:
      return "";
  }
}

/** Give the last lines: how the run ended or rests, and what there is to see of it. */
export function closing(run: Run): string {
  const mark = MARKS[run.state] ?? red("✗");
  const facts = [
    run.head && run.head !== run.base ? `branch ${run.branch} at ${run.head.slice(0, 8)}` : "",
    took(run),
    run.costUsd === null ? "" : `$${run.costUsd.toFixed(2)}`,
  ].filter(Boolean).join(" · ");
  const reason = run.reason && run.reason !== run.state ? dim(` (${oneLine(run.reason)})`) : "";
  const head = `${mark} ${bold(oneLine(sentence(run.state)))}${reason}`;
  // "Cancelled", and then a summary that says "Cancelled.", would be one too many.
  const summary = run.summary.replace(/\.$/, "").toLowerCase() === run.state ? "" : run.summary;
  return lines("", head, ...linesOf(summary), ...(isResting(run) ? linesOf(onward(run)) : []), ...[facts, run.readableLog].filter(Boolean).map((line) => dim(oneLine(line))));
}

/** Take out every control character but line ends and tabs, and what belongs to it. */
export function clean(text: string): string {
  return text.replaceAll(SEQUENCES, "").replaceAll(CONTROLS, "");
}

function question({ text = "", ask }: Event): string[] {
  const all = typeof ask === "object" ? asked(ask).flatMap(linesOf) : linesOf(text);
  return [...all.map((line, at) => `${at === 0 ? yellow("?") : " "} ${bold(line)}`), dim("  Type the answer here, or choose Answer in the list of beads.")];
}

/** A gate that begins, what it says, and how it ended. */
function gate({ gate: name = "", state, text = "" }: Event): string[] {
  if (state === undefined) return linesOf(text).map((line) => dim(`  ${line}`));
  if (state === "started") return [`${cyan("▸")} ${bold(oneLine(name))}`];
  const mark = state === "passed" ? green("✔") : red("✗");
  return linesOf(text || `${name}: ${state}`).map((line, at) => `${at === 0 ? mark : " "} ${line}`);
}

function onward(run: Run): string {
  return run.state === "paused" ? "It goes on here when it is resumed." : "It goes on here when it is answered.";
}

function result(text: string, ok: boolean): string[] {
  const all = linesOf(text).filter((line) => line.trim() !== "");
  const shown = all.slice(0, RESULT_LINES).map((line) => (ok ? dim(`  ${line}`) : red(`  ${line}`)));
  if (all.length > RESULT_LINES) shown.push(dim(`  … ${all.length - RESULT_LINES} more lines`));
  return shown.length > 0 || ok ? shown : [red("  failed, no output")];
}

function linesOf(text: string): string[] {
  if (text.trim() === "") return [];
  return clean(text).trimEnd().split("\n").map(cut);
}

function oneLine(text: string): string {
  return cut(clean(text).trim().replaceAll(/\s*\n\s*/g, " "));
}

function cut(line: string): string {
  return line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)} …` : line;
}

/** Give how long a run took; empty when it has not ended, or never began. */
export function took({ startedAt, endedAt }: Run): string {
  if (startedAt === null || endedAt === null) return "";
  const duration = Date.parse(endedAt) - Date.parse(startedAt);
  return duration < 60_000 ? `${Math.round(duration / 1000)} s` : minutes(duration);
}

function sentence(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1).replaceAll("_", " ");
}

function lines(...all: string[]): string {
  return all.map((line) => `${line}\r\n`).join("");
}
