/** The view of runs as plain values: its sections, their rows, and how a row reads. Leaves out VS Code's own classes. */
import { called, dollars, isAboutBead, isActive, isResting, type Look, minutes, progressOf, type Row, runCapabilities, words } from "./present";
import type { Queue, Run } from "./protocol";
import type { RunNode } from "./treeModel";

export interface SectionNode { kind: "section"; id: string; title: string; why: string; open: boolean; runs: RunNode[] }
/** The last row, with which older runs are shown. */
export interface MoreNode { kind: "more"; id: string }
export type RunsNode = SectionNode | RunNode | MoreNode;

const DAYS_OPEN = 2;
const DAY: Intl.DateTimeFormatOptions = { weekday: "long", month: "long", day: "numeric" };
const LOOKS: Readonly<Record<string, Look>> = {
  queued: ["clock", "charts.foreground"],
  running: ["loading~spin", "charts.blue"],
  needs_input: ["question", "list.warningForeground"],
  paused: ["debug-pause", "list.warningForeground"],
  completed: ["pass", "charts.green"],
  failed: ["error", "charts.red"],
  timeout: ["watch", "charts.red"],
  blocked: ["lock", "list.warningForeground"],
  cancelled: ["circle-slash", "disabledForeground"],
};

export class RunsModel {
  private nodes = new Map<string, RunNode>();
  private queue: Pick<Queue, "queued" | "held"> = { queued: [], held: "" };
  private more = false;

  /** Take in a new listing, and whether there is more. A run keeps its node, by which VS Code knows it. */
  take(runs: Run[], more = false): void {
    const known = this.nodes;
    this.nodes = new Map();
    for (const run of runs) this.nodes.set(run.id, Object.assign(known.get(run.id) ?? nodeOf(run), { run }));
    this.more = more;
  }

  /** Take in in which order what is queued begins, and why none does. */
  takeQueue(queue: Pick<Queue, "queued" | "held">): void {
    this.queue = queue;
  }

  /** Take in a run that changed or is new; gives its node. */
  patch(run: Run): RunNode {
    const node = Object.assign(this.nodes.get(run.id) ?? nodeOf(run), { run });
    this.nodes.set(run.id, node);
    return node;
  }

  find(id: string): Run | undefined {
    return this.nodes.get(id)?.run;
  }

  get all(): RunNode[] {
    return [...this.nodes.values()];
  }

  get running(): RunNode[] {
    return this.all.filter(({ run }) => isActive(run) && run.state !== "queued");
  }

  /** Give what is shown at `now` (milliseconds since the epoch); a section in which nothing is, is none. */
  rows(now: number): (SectionNode | MoreNode)[] {
    const order = new Map(this.queue.queued.map(({ id }, at) => [id, at]));
    const place = ({ id, run }: RunNode): number => order.get(id) ?? standsAt(run);
    const sections = new Map<string, SectionNode>();
    const add = (id: string, title: string, node: RunNode, open = true, why = ""): void => {
      const section = sections.get(id) ?? { kind: "section", id, title, why, open, runs: [] };
      sections.set(id, section).get(id)?.runs.push(node);
    };
    const newestFirst = this.all.sort((one, other) => standsAt(other.run) - standsAt(one.run));
    const [queued, begun] = [newestFirst.filter(({ run }) => run.state === "queued"), newestFirst.filter(({ run }) => run.state !== "queued")];
    for (const node of queued.sort((one, other) => place(one) - place(other))) add("queue", "Queue", node, true, this.queue.held);
    for (const node of begun.filter(({ run }) => isActive(run) || isResting(run))) add("running", "Running", node);
    const before = sections.size;
    for (const node of begun.filter(({ run }) => !isActive(run) && !isResting(run))) {
      const day = new Date(standsAt(node.run));
      add(day.toDateString(), dayOf(day, new Date(now)), node, sections.size < before + DAYS_OPEN);
    }
    return [...sections.values(), ...(this.more ? [{ kind: "more" as const, id: "more" }] : [])];
  }
}

/** Give the row of a run at `now`; `folder` is its folder's name where there are several. */
export function runRow(run: Run, now: number, folder = ""): Row {
  const state = isResting(run) || run.ask !== null ? `waits for you: ${words(run.state)}` : progressOf(run, now) || words(run.state);
  const label = run.attempt > 1 ? `${called(run)} (attempt ${run.attempt})` : called(run);
  const title = isAboutBead(run) ? run.title : "";
  const time = new Date(standsAt(run)).toLocaleTimeString("en", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const facts = [state, title, time, isActive(run) ? "" : took(run), run.costUsd === null ? "" : dollars(run.costUsd), folder].filter(Boolean);
  const by = [run.agent, run.runner].filter(Boolean).join(", ");
  return {
    label,
    description: facts.join(" · "),
    tooltip: [`${label}  ${title}`.trim(), words(run.reason ?? run.state), run.summary, run.branch && `Branch ${run.branch}`, by].filter(Boolean).join("\n"),
    spoken: [label, ...facts].join(", "),
    look: LOOKS[run.state] ?? ["circle-outline", "charts.foreground"],
    contextValue: [`run.${run.state}`, ...runCapabilities(run), ...(isAboutBead(run) ? ["bead"] : [])].join("."),
  };
}

function nodeOf(run: Run): RunNode {
  return { kind: "run", id: run.id, run };
}

/** When a run ended, or else was queued: by this it stands in the history. */
function standsAt({ endedAt, queuedAt }: Run): number {
  return Date.parse(endedAt ?? queuedAt);
}

/** Give a day as a person says it, in local time. */
function dayOf(day: Date, today: Date): string {
  const yesterday = new Date(today.getFullYear(), today.getMonth(), today.getDate() - 1);
  if (day.toDateString() === today.toDateString()) return "Today";
  if (day.toDateString() === yesterday.toDateString()) return "Yesterday";
  return day.toLocaleDateString("en", day.getFullYear() === today.getFullYear() ? DAY : { ...DAY, year: "numeric" });
}

/** Give how long a run took; empty when it has not ended, or never began. */
function took({ startedAt, endedAt }: Run): string {
  if (startedAt === null || endedAt === null) return "";
  const duration = Date.parse(endedAt) - Date.parse(startedAt);
  return duration < 60_000 ? `${Math.round(duration / 1000)} s` : minutes(duration);
}
