/** The view of runs as plain values: its sections, their rows, and how a row reads. Leaves out VS Code's own classes. */
import { called, dollars, isAboutBead, isActive, isResting, minutes, progressOf, runCapabilities, words } from "./present";
import type { Run } from "./protocol";
import type { RunNode } from "./treeModel";

export interface SectionNode { kind: "section"; id: string; title: string; why: string; open: boolean; runs: RunNode[] }
/** The last row, with which older runs are shown. */
export interface MoreNode { kind: "more"; id: string }
export type RunsNode = SectionNode | RunNode | MoreNode;

/** How a run's row reads. */
export interface RunRow { label: string; description: string; spoken: string; icon: string; color: string; capabilities: string }

const DAYS_OPEN = 2;
const DAY: Intl.DateTimeFormatOptions = { weekday: "long", month: "long", day: "numeric" };
const LOOKS: Readonly<Record<string, readonly [icon: string, color: string]>> = {
  queued: ["clock", "charts.foreground"],
  running: ["loading~spin", "charts.blue"],
  needs_input: ["question", "charts.orange"],
  paused: ["debug-pause", "charts.orange"],
  completed: ["pass", "charts.green"],
  failed: ["error", "charts.red"],
  timeout: ["watch", "charts.red"],
  blocked: ["lock", "charts.orange"],
  cancelled: ["circle-slash", "disabledForeground"],
};

export class RunsModel {
  private nodes = new Map<string, RunNode>();
  private order: string[] = [];
  private held = "";

  /** Take in a new listing. A run keeps its node, by which VS Code knows it. */
  take(runs: Run[]): void {
    const known = this.nodes;
    this.nodes = new Map();
    for (const run of runs) this.nodes.set(run.id, Object.assign(known.get(run.id) ?? node(run), { run }));
  }

  /** Take in in which order what is queued begins, and why none does. */
  takeQueue(order: string[], held: string): void {
    [this.order, this.held] = [order, held];
  }

  /** Take in a run that changed or is new; gives its node. */
  patch(run: Run): RunNode {
    const patched = Object.assign(this.nodes.get(run.id) ?? node(run), { run });
    this.nodes.set(run.id, patched);
    return patched;
  }

  find(id: string): Run | undefined {
    return this.nodes.get(id)?.run;
  }

  get running(): RunNode[] {
    return [...this.nodes.values()].filter(({ run }) => isActive(run) && run.state !== "queued");
  }

  /** Give what is shown at `now` (milliseconds since the epoch); a section in which nothing is, is none. */
  sections(now: number): SectionNode[] {
    const all = [...this.nodes.values()].sort((one, other) => ended(other.run) - ended(one.run));
    const at = ({ id }: RunNode): number => (this.order.includes(id) ? this.order.indexOf(id) : Infinity);
    const queued = all.filter(({ run }) => run.state === "queued").sort((one, other) => at(one) - at(other) || ended(one.run) - ended(other.run));
    const running = all.filter(({ run }) => run.state !== "queued" && (isActive(run) || isResting(run)));
    const days = new Map<string, SectionNode>();
    for (const each of all.filter(({ run }) => !isActive(run) && !isResting(run))) {
      const title = dayOf(ended(each.run), now);
      const id = `day:${new Date(ended(each.run)).toDateString()}`;
      const day = days.get(id) ?? { kind: "section", id, title, why: "", open: days.size < DAYS_OPEN, runs: [] };
      days.set(id, day).get(id)?.runs.push(each);
    }
    const sections: SectionNode[] = [
      { kind: "section", id: "queue", title: "Queue", why: this.held, open: true, runs: queued },
      { kind: "section", id: "running", title: "Running", why: "", open: true, runs: running },
      ...days.values(),
    ];
    return sections.filter(({ runs }) => runs.length > 0);
  }
}

/** Give the row of a run at `now`; `folder` is its folder's name where there are several. */
export function runRow(run: Run, now: number, folder = ""): RunRow {
  const state = isResting(run) || run.ask !== null ? `waits for you: ${words(run.state)}` : progressOf(run, now) || words(run.state);
  const name = run.attempt > 1 ? `${called(run)} (attempt ${run.attempt})` : called(run);
  const time = new Date(ended(run)).toLocaleTimeString("en", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const facts = [state, isAboutBead(run) ? run.title : "", time, isActive(run) ? "" : took(run), run.costUsd === null ? "" : dollars(run.costUsd), folder];
  const [icon, color] = LOOKS[run.state] ?? ["circle-outline", "charts.foreground"];
  return {
    label: name,
    description: facts.filter(Boolean).join(" · "),
    spoken: [name, ...facts].filter(Boolean).join(", "),
    icon,
    color,
    capabilities: [`run.${run.state}`, ...runCapabilities(run), ...(isAboutBead(run) ? ["bead"] : [])].join("."),
  };
}

/** Give what there is to know of a run, in lines. */
export function runTooltip(run: Run): string {
  const by = [run.agent, run.runner].filter(Boolean).join(", ");
  return [`${called(run)}  ${isAboutBead(run) ? run.title : ""}`.trim(), words(run.reason ?? run.state), run.summary, run.branch && `Branch ${run.branch}`, by].filter(Boolean).join("\n");
}

function node(run: Run): RunNode {
  return { kind: "run", id: run.id, run };
}

/** When a run ended, or else was queued: by this it stands in the history. */
function ended({ endedAt, queuedAt }: Run): number {
  return Date.parse(endedAt ?? queuedAt);
}

/** Give a day as a person says it, in local time. */
function dayOf(at: number, now: number): string {
  const [day, today, yesterday] = [new Date(at), new Date(now), new Date(now)];
  yesterday.setDate(today.getDate() - 1);
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
