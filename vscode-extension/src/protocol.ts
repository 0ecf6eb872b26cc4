/** What travels between the editor and the server, as docs/protocol.md has it. Only what this client uses. */

export interface Bead {
  id: string;
  title: string;
  status: string;
  type: string;
  priority: number;
  group: string;
  assignee: string;
  labels: string[];
  blockedBy: string[];
  run: Run | null;
}

export interface Group {
  group: string;
  title: string;
  beads: Bead[];
}

export interface Project {
  folder: string;
  name: string;
  tracker: string;
  /** Why beads cannot be changed; empty when they can. */
  readOnly: string;
  groups: Group[];
  troubles: { text: string; line: number | null }[];
  error: { code: string; message: string; detail: string } | null;
}

export interface Run {
  id: string;
  folder: string;
  bead: string;
  title: string;
  state: string;
  phase: string | null;
  reason: string | null;
  summary: string;
  agent: string;
  runner: string;
  branch: string;
  base: string;
  head: string;
  queuedAt: string;
  startedAt: string | null;
  endedAt: string | null;
  costUsd: number | null;
  readableLog: string;
  cancellable: boolean;
}

export interface Refused {
  code: string;
  message: string;
  blockedBy: string[];
  canForce: boolean;
}

/** One line of a run's log; which of the other fields are there depends on `kind`, an open set. */
export interface Event {
  seq: number;
  at: string;
  kind: string;
  text?: string;
  tool?: string;
  title?: string;
  ok?: boolean;
  detail?: string;
  state?: string;
  phase?: string | null;
}

export interface Output {
  run: string;
  events: Event[];
  ended: boolean;
}

export type RunAnswer = { run: Run; refused?: undefined } | { run?: undefined; refused: Refused };

/** The server's commands: the argument and the answer of each. */
export interface Commands {
  "beadwork.list": [{ folder?: string }, { projects: Project[] }];
  "beadwork.work": [{ folder: string; id: string; force?: boolean }, RunAnswer];
  "beadwork.cancel": [{ run: string }, RunAnswer];
  "beadwork.log": [{ run: string; after?: number; limit?: number }, { run: Run; events: Event[]; more: boolean }];
  "beadwork.output": [{ run: string; after?: number; follow?: boolean }, { run: Run; next: number }];
}

export const NOTIFICATION = {
  beadsChanged: "beadwork/beadsChanged",
  executionChanged: "beadwork/executionChanged",
  output: "beadwork/output",
} as const;
