/** How a bead and its run read in the tree: texts, icons, colours. What it leaves out: VS Code's own classes. */
import type { Ask, Bead, Made, Project, Run } from "./protocol";

/** What a row of a view shows, in plain values. */
export interface Row { label: string; description: string; tooltip: string; spoken: string; look: Look; contextValue: string }
/** An icon, and a colour where it has one. */
export type Look = readonly [icon: string, color?: string | undefined];

const TYPE_ICONS: Readonly<Record<string, string>> = {
  bug: "bug",
  feature: "lightbulb",
  task: "tasklist",
  chore: "tools",
  epic: "layers",
  decision: "law",
};

const GROUP_COLORS: Readonly<Record<string, string>> = {
  running: "charts.blue",
  needs_you: "list.warningForeground",
  ready: "charts.green",
  blocked: "charts.red",
  in_progress: "charts.yellow",
  done_to_review: "charts.purple",
  closed: "disabledForeground",
};

export const CLOSED = "closed";
/** The groups that are always listed; the closed ones are when somebody looks at them. */
export const OPEN_GROUPS = ["running", "needs_you", "ready", "blocked", "in_progress", "done_to_review", "open"];
/** Lines of a tooltip, and characters of each, at most. */
const [TALLEST, WIDEST] = [10, 160];

const VERBS: Readonly<Record<string, string>> = {
  review: "Review of",
  gates: "Gates of",
  publish: "Publishing",
  land: "Landing",
  close: "Closing",
};

const RESTING: ReadonlySet<string> = new Set(["needs_input", "paused"]);

const STATE_ICONS: Readonly<Record<string, string>> = { queued: "clock", needs_input: "question", paused: "debug-pause" };

/** Whether a run is queued, or somebody is at it: its agent works, or waits for an answer in its turn. */
export function isActive(run: Run | null): boolean {
  if (run === null) return false;
  return run.state === "queued" || run.state === "running" || (run.state === "needs_input" && run.endedAt === null);
}

/** Whether a run rests, to go on later. */
export function isResting(run: Run | null): boolean {
  return run !== null && !isActive(run) && RESTING.has(run.state);
}

/** Whether somebody has to do something about a bead before it goes on. */
export function needsYou({ group, run }: Bead): boolean {
  return group === "needs_you" || (isActive(run) && run?.state === "needs_input");
}

/** Whether a run is about a bead, and not about a branch or what is not committed. */
export function isAboutBead(run: Run): boolean {
  return !run.bead.startsWith("@");
}

/** Give what a run is called: its bead, with what is done with it unless that is work. */
export function called(run: Run): string {
  const about = isAboutBead(run) ? run.bead : run.title.charAt(0).toLowerCase() + run.title.slice(1);
  return [VERBS[run.verb], about].filter(Boolean).join(" ");
}

/** Say which beads were made of findings, and which were there. */
export function beadsMade(made: Made[]): string {
  const ids = (fresh: boolean): string[] => [...new Set(made.filter((each) => each.new === fresh).map(({ bead }) => bead))];
  const [fresh, there] = [ids(true), ids(false)];
  return [
    fresh.length > 0 ? `Made ${listed(fresh)}.` : "",
    there.length > 0 ? `${listed(there)} ${there.length === 1 ? "was" : "were"} there already.` : "",
  ].filter(Boolean).join(" ");
}

/** Give the row of `bead` as it is at `now` (milliseconds since the epoch), with the name of its group where it stands in none. */
export function beadRow(bead: Bead, now: number, grouped = true): Row {
  const active = isActive(bead.run);
  const progress = runProgress(bead, now);
  const group = grouped || (active && bead.group === "running") ? "" : words(bead.group);
  const parts = bead.children === 0 ? "" : `${bead.closedChildren} of ${bead.children} closed`;
  return {
    label: `${bead.id}  ${bead.title}`,
    description: [group, progress, parts, `P${bead.priority}`, ...(active ? [] : bead.labels)].filter(Boolean).join(" · "),
    tooltip: tooltip(bead, progress),
    spoken: [
      bead.id, bead.title, bead.type, `priority ${bead.priority}`, words(bead.status), group, progress, parts,
      ...bead.labels.map((label) => `label ${label}`),
    ].filter((word, at, all) => word !== "" && all.indexOf(word) === at).join(", "),
    look: [icon(bead), GROUP_COLORS[bead.group]],
    contextValue: capabilities(bead),
  };
}

/** Give what can be done with a bead, for the menus: `bead.<group>`, then a word for each, of its newest run too. */
export function capabilities(bead: Bead): string {
  const ofRun = runCapabilities(bead.run).filter((word) => word !== "retry" || bead.group !== "closed");
  return [`bead.${bead.group}`, ...bead.actions, ...ofRun].join(".");
}

/** Give what can be done with a run, in words for the menus. */
export function runCapabilities(run: Run | null): string[] {
  if (run === null) return [];
  const can: Record<string, boolean> = {
    answer: run.ask !== null, tell: run.tellable, pause: run.pausable, resume: run.resumable, retry: run.retryable,
    first: run.state === "queued", cancel: run.cancellable, checkout: isAboutBead(run) && run.checkout !== "", log: true,
  };
  return Object.keys(can).filter((word) => can[word]);
}

/** Give what the newest run is doing, or how it ended when that needs a person; empty when there is nothing to say. */
export function runProgress(bead: Bead, now: number): string {
  const run = bead.run;
  if (run === null) return "";
  const doing = progressOf(run, now);
  const cost = isActive(run) && run.costUsd !== null ? dollars(run.costUsd) : "";
  return [doing, cost].filter(Boolean).join(" · ") || (bead.group === "needs_you" ? words(run.reason ?? run.state) : "");
}

/** Give what a run is doing; empty when it has ended. With `now`, for how long. */
export function progressOf(run: Run, now?: number): string {
  if (run.intent === null && RESTING.has(run.state)) return words(run.state);
  if (run.state === "queued") return run.notBefore === null ? "waiting for a slot" : `trying again soon, attempt ${run.attempt}`;
  if (isActive(run)) {
    const at = run.phase ?? "starting";
    const phase = run.verb === "work" || run.verb === at || !isAboutBead(run) ? at : `${run.verb}: ${at}`;
    const doing = run.intent === null ? phase : run.intent === "pause" ? "pausing" : "ending";
    return run.startedAt === null || now === undefined ? doing : `${doing} · ${minutes(now - Date.parse(run.startedAt))}`;
  }
  return "";
}

/** Give what an agent asks, as lines: each question, then its choices with their numbers. */
export function asked(ask: Ask): string[] {
  const title = ask.title && !ask.questions.some(({ text }) => text.includes(ask.title)) ? [ask.title] : [];
  return [...title, ...ask.questions.flatMap(({ text, choices }) => [
    text,
    ...choices.map(({ label, description }, at) => `  ${at + 1}. ${[label, description].filter(Boolean).join(": ")}`),
  ])];
}

/** Give a duration (milliseconds) as a person says it: `<1 min`, `7 min`, `2 h 5 min`. */
export function minutes(duration: number): string {
  const whole = Math.max(0, Math.floor(duration / 60_000));
  if (whole < 1) return "<1 min";
  return whole < 60 ? `${whole} min` : `${Math.floor(whole / 60)} h ${whole % 60} min`;
}

/** Give what a run has cost. */
export function dollars(usd: number): string {
  return usd > 0 && usd < 0.01 ? "<$0.01" : `$${usd.toFixed(2)}`;
}

/** Give a number of things: "1 bead", "12 beads"; and what one or more of them do. */
export const counted = (count: number, thing: string): string => `${count} ${thing}${count === 1 ? "" : "s"}`;
export const needing = (count: number): string => (count === 1 ? "needs you" : "need you");

/** Say how a walk through the ready beads went, by the runs that it made. */
export function walked(runs: Run[]): string {
  const done = runs.filter(({ state }) => state === "completed").length;
  const others = runs.filter(({ state }) => state !== "completed").map(({ bead, state }) => `${bead} ${words(state)}`);
  return [`The work on all ready beads is over: ${done} of ${counted(runs.length, "bead")} done.`, listed(others)].filter(Boolean).join(" ");
}

/** Give what stands above a project's beads: why they cannot be changed, what is wrong with their data. */
export function notice(project: Project): string {
  const troubles = project.troubles.map(({ text, line }) => (line === null ? text : `Line ${line}: ${text}`));
  const [first, ...more] = [project.readOnly, ...troubles].filter(Boolean);
  if (first === undefined) return "";
  return more.length === 0 ? first : `${first} (and ${more.length} more)`;
}

function tooltip(bead: Bead, progress: string): string {
  const lines = [`${bead.id}  ${bead.title}`, `${bead.type}, P${bead.priority}, ${words(bead.status)}`];
  if (bead.assignee) lines.push(`Assigned to ${bead.assignee}`);
  if (bead.labels.length > 0) lines.push(`Labels: ${bead.labels.join(", ")}`);
  if (bead.blockedBy.length > 0) lines.push(`Blocked by ${bead.blockedBy.join(", ")}`);
  if (progress) lines.push(`Run: ${progress}`);
  if (bead.run?.ask) lines.push(...asked(bead.run.ask));
  else if (bead.run?.summary) lines.push(bead.run.summary);
  const all = lines.flatMap((line) => line.split("\n")).filter((line) => line.trim() !== "");
  const shown = all.length > TALLEST ? [...all.slice(0, TALLEST - 1), "…"] : all;
  return shown.map((line) => (line.length > WIDEST ? `${line.slice(0, WIDEST - 1)}…` : line)).join("\n");
}

function listed(beads: string[]): string {
  return beads.length <= 5 ? beads.join(", ") : `${beads.slice(0, 5).join(", ")} and ${beads.length - 5} more`;
}

function icon({ run, type }: Bead): string {
  if (run !== null && run.intent === null && STATE_ICONS[run.state] !== undefined) return STATE_ICONS[run.state] as string;
  return isActive(run) ? "loading~spin" : (TYPE_ICONS[type] ?? "circle-outline");
}

/** Give a name of the protocol's as words. */
export function words(name: string): string {
  return name.replaceAll(/[_-]/g, " ");
}
