/** Every name that package.json, VS Code and the server know us by. A UI command never has a server command's id. */

export const CLIENT_ID = "beadwork";
export const VIEW = "beadwork.beads";
export const RUNS_VIEW = "beadwork.runs";
export const WALKTHROUGH = "beadwork.beadwork#start";
/** Of documents that are files at a commit. */
export const SCHEME = "beadwork";

export const UI = {
  work: "beadwork.ui.work",
  review: "beadwork.ui.review",
  reviewBranch: "beadwork.ui.reviewBranch",
  reviewChanges: "beadwork.ui.reviewChanges",
  cancel: "beadwork.ui.cancel",
  answer: "beadwork.ui.answer",
  tell: "beadwork.ui.tell",
  pause: "beadwork.ui.pause",
  resume: "beadwork.ui.resume",
  retry: "beadwork.ui.retry",
  moveFirst: "beadwork.ui.moveFirst",
  workAllReady: "beadwork.ui.workAllReady",
  stopWalk: "beadwork.ui.stopWalk",
  showOutput: "beadwork.ui.showOutput",
  gates: "beadwork.ui.gates",
  gatesHere: "beadwork.ui.gatesHere",
  showChanges: "beadwork.ui.showChanges",
  showChangesSinceReview: "beadwork.ui.showChangesSinceReview",
  publish: "beadwork.ui.publish",
  land: "beadwork.ui.land",
  resolve: "beadwork.ui.resolve",
  close: "beadwork.ui.close",
  reopen: "beadwork.ui.reopen",
  createBead: "beadwork.ui.createBead",
  createFromSelection: "beadwork.ui.createFromSelection",
  createChild: "beadwork.ui.createChild",
  openPage: "beadwork.ui.openPage",
  copyId: "beadwork.ui.copyId",
  editTitle: "beadwork.ui.editTitle",
  editStatus: "beadwork.ui.editStatus",
  editType: "beadwork.ui.editType",
  editPriority: "beadwork.ui.editPriority",
  editAssignee: "beadwork.ui.editAssignee",
  editLabels: "beadwork.ui.editLabels",
  editText: "beadwork.ui.editText",
  addDependency: "beadwork.ui.addDependency",
  addComment: "beadwork.ui.addComment",
  filter: "beadwork.ui.filter",
  clearFilter: "beadwork.ui.clearFilter",
  byEpic: "beadwork.ui.byEpic",
  byGroup: "beadwork.ui.byGroup",
  filterRuns: "beadwork.ui.filterRuns",
  clearRunFilter: "beadwork.ui.clearRunFilter",
  openLog: "beadwork.ui.openLog",
  openTerminal: "beadwork.ui.openTerminal",
  nextFinding: "beadwork.ui.nextFinding",
  previousFinding: "beadwork.ui.previousFinding",
  reviewSummary: "beadwork.ui.reviewSummary",
  status: "beadwork.ui.status",
  init: "beadwork.ui.init",
  demo: "beadwork.ui.demo",
  doctor: "beadwork.ui.doctor",
  walkthrough: "beadwork.ui.walkthrough",
  refresh: "beadwork.ui.refresh",
  restart: "beadwork.ui.restart",
  showLog: "beadwork.ui.showLog",
  openSettings: "beadwork.ui.openSettings",
} as const;

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
