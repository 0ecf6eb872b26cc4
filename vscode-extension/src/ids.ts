/** Every name that package.json, VS Code and the server know us by. A UI command never has a server command's id. */

export const CLIENT_ID = "beadwork";
export const VIEW = "beadwork.beads";
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
  refresh: "beadwork.ui.refresh",
  restart: "beadwork.ui.restart",
  showLog: "beadwork.ui.showLog",
  openSettings: "beadwork.ui.openSettings",
} as const;

/** Context keys that the welcome views and menus of package.json ask for. */
export const CONTEXT = {
  /** "starting", "running" or "stopped". */
  server: "beadwork.server",
  /** "some", "empty" or "missing". */
  beads: "beadwork.beads",
} as const;

export const SETTING = { serverPath: "beadwork.server.path" } as const;
