/** Beads, runs and projects for the tests, each with what the test is about. */
import type { Ask, Bead, Project, Run } from "../src/protocol";

export function run(about: Partial<Run> = {}): Run {
  return {
    id: "r1", folder: "/p", bead: "demo-1", title: "Greet", verb: "work", state: "running", phase: "agent", reason: null, summary: "",
    agent: "scripted agent", runner: "sandbox", branch: "bead/demo-1", base: "a".repeat(40), head: "",
    queuedAt: "2026-01-15T10:00:00Z", startedAt: "2026-01-15T10:00:00Z", endedAt: null, costUsd: null,
    readableLog: "/logs/work.log", checkout: "/checkouts/demo-1", intent: null, attempt: 1, walk: "", resumed: 0, notBefore: null, ask: null, results: {}, cancellable: true,
    pausable: true, resumable: false, retryable: false, tellable: true, ...about,
  };
}

export function ask(about: Partial<Ask> = {}): Ask {
  const choices = [{ label: "Polite", description: "Good day" }, { label: "Short", description: "" }];
  return { id: "q1", kind: "question", questions: [{ text: "Which greeting?", choices, several: false }], tool: "", title: "", ...about };
}

export function bead(about: Partial<Bead> = {}): Bead {
  return {
    id: "demo-1", title: "Greet", status: "open", type: "bug", priority: 1, group: "ready", assignee: "", labels: [],
    blockedBy: [], run: null, parent: "", children: 0, closedChildren: 0, actions: [], ...about,
  };
}

export function project(beads: Bead[], about: Partial<Project> = {}): Project {
  const groups = ["running", "needs_you", "ready", "blocked", "closed"];
  return {
    folder: "/p", name: "p", tracker: "bd", readOnly: "", troubles: [], error: null,
    groups: groups.map((group) => ({ group, title: group, beads: beads.filter((one) => one.group === group), count: beads.filter((one) => one.group === group).length })),
    ...about,
  };
}
