/** What travels between the editor and the server, as docs/protocol.md has it. Only what this client uses. */

export interface Bead {
  id: string; title: string; status: string; type: string; priority: number; group: string; assignee: string; labels: string[];
  blockedBy: string[]; run: Run | null;
  /** The bead that it is a part of; empty when there is none here. */
  parent: string;
  children: number; closedChildren: number;
  /** What can be asked for: "work", "review", "gates", "changes", "publish", "land", "resolve", "close", "reopen", "edit". */
  actions: string[];
}

export interface Group {
  group: string; title: string; beads: Bead[];
  /** Of all its beads, also of those that are not given. */
  count: number;
}

export interface Project {
  folder: string; name: string; tracker: string;
  /** Why beads cannot be changed; empty when they can. */
  readOnly: string;
  groups: Group[]; troubles: { text: string; line: number | null }[];
  error: { code: string; message: string; detail: string } | null;
}

export interface Run {
  id: string; folder: string; bead: string; title: string;
  /** "work", "review", "gates", "publish", "land" or "close". A review that is about no bead has one that begins with `@`, and its title says about what. */
  verb: string;
  state: string; phase: string | null; reason: string | null; summary: string; agent: string; runner: string; branch: string;
  base: string; head: string; queuedAt: string; startedAt: string | null; endedAt: string | null; costUsd: number | null;
  readableLog: string;
  /** Path of the bead's checkout, which may not be there (any more). */
  checkout: string;
  /** Why it is being ended; null when it is not. */
  intent: string | null;
  attempt: number;
  /** The id of the walk through ready beads that it belongs to; empty when to none. */
  walk: string;
  /** How often it went on after a rest. */
  resumed: number;
  /** With `queued`: when it may begin at the earliest, where that is not at once. */
  notBefore: string | null;
  /** With `needs_input`: what the agent wants to know. */
  ask: Ask | null;
  /** What its verb gives beside the summary. */
  results: { refused?: Refused; publish?: { pullRequest: { url: string } | null } };
  cancellable: boolean; pausable: boolean; resumable: boolean; retryable: boolean; tellable: boolean;
}

export interface Question {
  text: string; choices: { label: string; description: string }[];
  /** Whether several of the choices may be given. */
  several: boolean;
}

export interface Ask {
  id: string;
  /** "question", which any words answer, or "permission", which one of the choices does. */
  kind: string;
  questions: Question[]; tool: string; title: string;
}

export interface Refused {
  code: string; message: string; blockedBy: string[]; canForce: boolean;
  /** All that stands in the way, where there can be several things. */
  obstacles: Obstacle[];
}

export interface Obstacle {
  code: string; message: string;
  /** Path of the file with all that a gate said; empty when there is none. */
  file: string;
  /** Files of the repository that it is about. */
  paths: string[];
}

/** What a branch changed. The two sides of a file: `oldPath` at `base`, `path` at `head`. */
export interface Changes {
  folder: string; branch: string; base: string;
  /** What a person calls the base. */
  baseRef: string;
  head: string; files: ChangedFile[];
}

export interface ChangedFile {
  path: string;
  /** "added", "changed", "deleted" or "renamed". */
  kind: string;
  oldPath: string;
}

/** What is new of a run's output: as a terminal shows it, and up to which event it is. */
export interface Output {
  run: string; text?: string; next?: number; ended: boolean;
  /** With its end: how the run is by then. */
  now?: Run;
}

export type RunAnswer = { run: Run; refused?: undefined } | { run?: undefined; refused: Refused };

export interface Made {
  finding: string; bead: string;
  /** Whether the bead was made now, or was there. */
  new: boolean;
}

export interface BeadPage {
  bead: Bead; description: string; design: string; acceptance: string; notes: string;
  /** When it was changed last. */
  updatedAt: string;
}

/** What the fields of beads can be: what bd has, then what is in use. */
export interface Choices {
  statuses: string[]; types: string[]; assignees: string[]; labels: string[];
}

/** Of a bead, what a person can change in one go; what is left out stays. */
export interface Change {
  title?: string; description?: string; design?: string; acceptance?: string; notes?: string; status?: string; type?: string;
  priority?: number; assignee?: string; addLabels?: string[]; removeLabels?: string[];
}

export interface NewBead {
  title: string; folder?: string; description?: string; parent?: string;
  /** The place that it is about: path or `file:` URI, line from 1, what stands there. */
  file?: string;
  line?: number; text?: string;
}

export interface Finding {
  id: string; subject: string; title: string; priority: number;
  /** Relative to the folder; empty where it is about no file. */
  path: string;
  /** From 1, of the reviewed commit. */
  line: number | null;
  state: string; bead: string;
}

export interface Review {
  run: string; subject: string; summary: string; prReady: boolean;
}

export interface Queue {
  /** In the order in which they begin. */
  queued: Run[];
  running: Run[];
  /** Why none begins although a slot is free; empty when nothing is in the way. */
  held: string;
  /** The walks that go on. */
  walks: { folder: string }[];
}

/** The server's commands: the argument and the answer of each. */
export interface Commands {
  "beadwork.list": [{ folder?: string; search?: string; only?: string[]; limit?: number }, { projects: Project[] }];
  "beadwork.show": [{ id: string; folder?: string }, { page: BeadPage }];
  "beadwork.page": [{ id: string; folder?: string }, { title: string; html: string }];
  "beadwork.create": [NewBead, { page: BeadPage }];
  "beadwork.change": [Change & { id: string; folder?: string }, { page: BeadPage }];
  "beadwork.depend": [{ id: string; on: string; folder?: string; kind?: string; remove?: boolean }, { page: BeadPage }];
  "beadwork.comment": [{ id: string; text: string; folder?: string }, { page: BeadPage }];
  "beadwork.choices": [{ folder?: string }, { choices: Choices }];
  "beadwork.init": [{ folder?: string; tracker?: string; prefix?: string }, { project: Project }];
  "beadwork.queue": [Record<string, never>, { queue: Queue }];
  "beadwork.runs": [{ folder?: string; bead?: string; limit?: number; states?: readonly string[]; text?: string }, { runs: Run[] }];
  "beadwork.findings": [{ folder?: string; id?: string; all?: boolean }, { findings: { folder: string; reviews: Review[]; findings: Finding[] } }];
  "beadwork.work": [{ folder: string; id: string; force?: boolean }, RunAnswer];
  "beadwork.cancel": [{ run: string }, RunAnswer];
  "beadwork.answer": [{ run: string; texts: string[]; ask?: string }, RunAnswer];
  "beadwork.tell": [{ run: string; text: string }, RunAnswer];
  "beadwork.pause": [{ run: string }, RunAnswer];
  "beadwork.resume": [{ run: string }, RunAnswer];
  "beadwork.retry": [{ run: string; force?: boolean }, RunAnswer];
  "beadwork.first": [{ run: string }, RunAnswer];
  "beadwork.workAllReady": [{ folder?: string; limit?: number }, { refused?: Refused }];
  "beadwork.stopWalk": [{ folder?: string }, { refused?: Refused }];
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
  "beadwork.log": [{ run: string; after?: number; limit?: number }, { run: Run }];
  "beadwork.output": [{ run: string; after?: number; last?: number; follow?: boolean; text?: boolean }, { run: Run; next: number; text: string }];
}

export const NOTIFICATION = {
  beadsChanged: "beadwork/beadsChanged",
  findingsChanged: "beadwork/findingsChanged",
  executionChanged: "beadwork/executionChanged",
  output: "beadwork/output",
} as const;
