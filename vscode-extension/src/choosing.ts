/** A list to choose from that knows what is chosen now, and where it may takes a word that is not in it. */
import * as vscode from "vscode";
import { unlessCalledOff } from "./outcomes";

/** Let the person choose one of `words`, or several, or type a new one. Throws when they call it off. */
export function choose(title: string, words: readonly string[], now: readonly string[], how: "one" | "one or new" | "several or new"): Promise<string[]> {
  const pick = vscode.window.createQuickPick();
  const several = how === "several or new";
  const items = words.map((label) => ({ label, description: now.includes(label) && !several ? "now" : "" }));
  const chosen = items.filter(({ label }) => now.includes(label));
  Object.assign(pick, { title, canSelectMany: several, items, ignoreFocusOut: true, placeholder: how === "one" ? "Choose one" : "Choose, or type a new one" });
  if (several) pick.selectedItems = chosen;
  else pick.activeItems = chosen;
  pick.onDidChangeValue((value) => {
    const word = value.trim();
    if (how === "one") return;
    const { selectedItems } = pick;
    const fresh = word === "" || items.some(({ label }) => label === word) ? [] : [{ label: word, description: "new" }];
    pick.items = [...new Set([...fresh, ...selectedItems, ...items])];
    if (several) pick.selectedItems = selectedItems;
  });
  return unlessCalledOff(answered(pick, () => pick.selectedItems.map(({ label }) => label)));
}

/** Show a list, and give what `take` makes of it when the person accepts, if that is something; undefined when it is hidden before. */
export function answered<I extends vscode.QuickPickItem, T>(pick: vscode.QuickPick<I>, take: () => T | undefined): Promise<T | undefined> {
  return new Promise((resolve) => {
    pick.onDidAccept(() => {
      const taken = take();
      if (taken === undefined) return;
      resolve(taken);
      pick.hide();
    });
    pick.onDidHide(() => {
      resolve(undefined);
      pick.dispose();
    });
    pick.show();
  });
}
