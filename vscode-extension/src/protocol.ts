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
  /** "work", "review", "gates", "publish", "land" or "close". A review that is about no bead has one that begins with `@`, and its title says about what. */
  verb: string;
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
  /** Why it is being ended; null when it is not. */
  intent: string | null;
  attempt: number;
  /** How often it went on after a rest. */
  resumed: number;
  /** With `queued`: when it may begin at the earliest, where that is not at once. */
  notBefore: string | null;
  /** With `needs_input`: what the agent wants to know. */
  ask: Ask | null;
  /** What its verb gives beside the summary. */
  results: { refused?: Refused; publish?: { pullRequest: { url: string } | null } };
  cancellable: boolean;
  pausable: boolean;
  resumable: boolean;
  retryable: boolean;
  tellable: boolean;
}

export interface Choice {
  label: string;
  description: string;
}

export interface Question {
  text: string;
  choices: Choice[];
  /** Whether several of the choices may be given. */
  several: boolean;
}

export interface Ask {
  id: string;
  /** "question", which any words answer, or "permission", which one of the choices does. */
  kind: string;
  questions: Question[];
  tool: string;
  title: string;
}

export interface Refused {
  code: string;
  message: string;
  blockedBy: string[];
  canForce: boolean;
  /** All that stands in the way, where there can be several things. */
  obstacles: Obstacle[];
}

export interface Obstacle {
  code: string;
  message: string;
  /** Path of the file with all that a gate said; empty when there is none. */
  file: string;
  /** Files of the repository that it is about. */
  paths: string[];
}

/** What a branch changed. The two sides of a file: `oldPath` at `base`, `path` at `head`. */
export interface Changes {
  folder: string;
  branch: string;
  base: string;
  /** What a person calls the base. */
  baseRef: string;
  head: string;
  files: ChangedFile[];
}

export interface ChangedFile {
  path: string;
  /** "added", "changed", "deleted" or "renamed". */
  kind: string;
  oldPath: string;
}

/** One line of a run's log; which of the other fields are there depends on `kind`, an open set. */
export interface Event {
  seq: number;
  at: string;
  kind: string;
  text?: string;
  tool?: string;
  title?: string;
  gate?: string;
  ok?: boolean;
  detail?: string;
  state?: string;
  phase?: string | null;
  /** Of a question the whole of it, of an answer the id of what it answers. */
  ask?: Ask | string;
  by?: string;
}

export interface Output {
  run: string;
  events: Event[];
  ended: boolean;
}

export type RunAnswer = { run: Run; refused?: undefined } | { run?: undefined; refused: Refused };

export interface Walk {
  folder: string;
  limit: number;
  why: string;
}

export type WalkAnswer = { walk: Walk; refused?: undefined } | { walk?: undefined; refused: Refused };

export interface Made {
  finding: string;
  bead: string;
  /** Whether the bead was made now, or was there. */
  new: boolean;
}

/** The server's commands: the argument and the answer of each. */
export interface Commands {
  "beadwork.list": [{ folder?: string }, { projects: Project[] }];
  "beadwork.work": [{ folder: string; id: string; force?: boolean }, RunAnswer];
  "beadwork.cancel": [{ run: string }, RunAnswer];
  "beadwork.answer": [{ run: string; texts: string[]; ask?: string }, RunAnswer];
  "beadwork.tell": [{ run: string; text: string }, RunAnswer];
  "beadwork.pause": [{ run: string }, RunAnswer];
  "beadwork.resume": [{ run: string }, RunAnswer];
  "beadwork.retry": [{ run: string; force?: boolean }, RunAnswer];
  "beadwork.first": [{ run: string }, RunAnswer];
  "beadwork.workAllReady": [{ folder?: string; limit?: number }, WalkAnswer];
  "beadwork.stopWalk": [{ folder?: string }, WalkAnswer];
  "beadwork.review": [{ folder?: string; id?: string; branch?: boolean; changes?: boolean }, RunAnswer];
  "beadwork.createBeads": [{ findings: string[]; folder?: string }, { made: Made[] }];
  "beadwork.dismiss": [{ finding: string; folder?: string; reason?: string }, unknown];
  "beadwork.fix": [{ findings: string[]; folder?: string }, RunAnswer];
  "beadwork.openBead": [{ id: string; folder?: string }, { page: { bead: Bead } }];
  "beadwork.copyFinding": [{ finding: string; folder?: string }, { text: string }];
  "beadwork.gates": [{ folder?: string; id?: string; here?: boolean; anew?: boolean }, RunAnswer];
  "beadwork.publish": [{ folder: string; id: string; force?: boolean }, RunAnswer];
  "beadwork.land": [{ folder: string; id: string; force?: boolean; updateTree?: boolean }, RunAnswer];
  "beadwork.resolve": [{ folder: string; id: string; force?: boolean }, RunAnswer];
  "beadwork.close": [{ folder: string; id: string; reason?: string; force?: boolean }, RunAnswer];
  "beadwork.reopen": [{ folder: string; id: string }, { refused?: Refused }];
  "beadwork.changes": [{ folder: string; id: string; since?: "base" | "review" }, { changes: Changes }];
  "beadwork.content": [{ folder: string; commit: string; path: string }, { text: string | null }];
  "beadwork.log": [{ run: string; after?: number; limit?: number }, { run: Run; events: Event[]; more: boolean }];
  "beadwork.output": [{ run: string; after?: number; follow?: boolean }, { run: Run; next: number }];
}

export const NOTIFICATION = {
  beadsChanged: "beadwork/beadsChanged",
  executionChanged: "beadwork/executionChanged",
  output: "beadwork/output",
} as const;
