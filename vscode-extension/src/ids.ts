/** Every name that package.json, VS Code and the server know us by. A UI command never has a server command's id. */

export const CLIENT_ID = "beadwork";
export const VIEW = "beadwork.beads";
export const RUNS_VIEW = "beadwork.runs";
export const WALKTHROUGH = "beadwork.beadwork#start";
/** Of documents that are files at a commit. */
export const SCHEME = "beadwork";

/** What a person can do, by the ends of its ids: UI.work is "beadwork.ui.work". */
const ACTIONS = [
  "work", "review", "reviewBranch", "reviewChanges", "cancel", "answer", "tell", "pause", "resume", "retry", "moveFirst", "workAllReady",
  "stopWalk", "showOutput", "gates", "gatesHere", "showChanges", "showChangesSinceReview", "publish", "land", "resolve", "close",
  "reopen", "createBead", "createFromSelection", "createChild", "openPage", "copyId", "editTitle", "editStatus", "editType",
  "editPriority", "editAssignee", "editLabels", "editText", "addDependency", "addComment", "filter", "clearFilter", "byEpic", "byGroup",
  "filterRuns", "clearRunFilter", "openLog", "openTerminal", "nextFinding", "previousFinding", "reviewSummary", "status", "init", "demo",
  "doctor", "walkthrough", "refresh", "restart", "showLog", "openSettings",
] as const;
export const UI = Object.fromEntries(ACTIONS.map((name) => [name, `beadwork.ui.${name}`])) as { readonly [Name in (typeof ACTIONS)[number]]: `beadwork.ui.${Name}` };

/** Of a row only, so package.json does not have it. */
export const MORE_RUNS = "beadwork.runs.more";

/** Context keys that the welcome views and menus of package.json ask for. */
export const CONTEXT = {
  /** "starting", "running", "stopped", or "nopython". */
  server: "beadwork.server",
  /** "some", "empty" or "missing". */
  beads: "beadwork.beads",
  /** Whether the list of beads is narrowed by words. */
  filtered: "beadwork.filtered",
  /** "group" or "epic". */
  grouping: "beadwork.grouping",
  /** "some" or "empty". */
  runs: "beadwork.runs",
  runsFiltered: "beadwork.runsFiltered",
} as const;

export const SETTING = { server: "beadwork.server", serverPath: "beadwork.server.path", python: "beadwork.server.python" } as const;
