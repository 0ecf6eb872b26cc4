"""A stand-in for gh, for the protocol of calls only: it notes its calls and plays answers. It is not GitHub.

Arguments: its folder, then those of gh. In the folder: `calls.jsonl` (what it was started with), `pulls.json`
(the pull requests that it pretends there are), `mode` (how it misbehaves; none when there is no such file).
"""

# ruff: noqa: T201
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

FOLDER = Path(sys.argv[1])
WORDS = sys.argv[2:]
PULLS = FOLDER / "pulls.json"
OPTIONS_WITHOUT_VALUE = {"--draft", "--undo", "--merge", "--squash", "--rebase"}


def main() -> None:
    """Note the call, misbehave if told to, else play the answer."""
    body = sys.stdin.read()
    mode = (FOLDER / "mode").read_text("utf-8") if (FOLDER / "mode").exists() else ""
    with (FOLDER / "calls.jsonl").open("a", encoding="utf-8") as calls:
        seen = {name: value for name, value in os.environ.items() if name.startswith(("GH_", "GIT_"))}
        calls.write(json.dumps({"words": WORDS, "stdin": body, "cwd": str(Path.cwd()), "seen": seen}) + "\n")
    if not mode.startswith("only ") or WORDS[1] == mode.split()[1]:
        misbehave(mode.split()[-1] if mode else "")
    play(WORDS[1], body)


def misbehave(mode: str) -> None:
    """End as gh does when it cannot, or hang, or say what is no answer."""
    if mode == "not-logged-in":
        end(4, "To get started with GitHub CLI, please run:  gh auth login")
    if mode == "no-host":
        end(1, "none of the git remotes configured for this repository point to a known GitHub host.")
    if mode == "fails":
        end(1, "GraphQL: Draft pull requests are not supported in this repository (createPullRequest)")
    if mode == "garbage":
        print("Welcome!")
        sys.exit(0)
    if mode == "hangs":
        time.sleep(600)  # noqa: TID251  (a program that hangs; whoever started it ends it)


def end(code: int, said: str) -> None:
    """End with an error."""
    print(said, file=sys.stderr)
    sys.exit(code)


def play(verb: str, body: str) -> None:
    """Do what `gh pr <verb>` does to the pull requests that it pretends there are."""
    pulls: list[dict[str, Any]] = json.loads(PULLS.read_text("utf-8")) if PULLS.exists() else []
    options = options_of(WORDS[2:])
    if verb == "list":
        found = [
            each for each in pulls if each["headRefName"] == options["--head"] and each["state"] == "OPEN"
        ]
        print(json.dumps(found))
        return
    if verb == "create":
        owner, _, branch = options["--head"].partition(":")
        number = 7 + len(pulls)
        pull = {
            "number": number,
            "url": f"https://github.com/ada/demo/pull/{number}",
            "isDraft": "--draft" in options,
            "title": options["--title"],
            "body": body,
            "state": "OPEN",
            "headRefName": branch,
            "headRefOid": "",
            "baseRefName": options.get("--base", "main"),
            "mergeStateStatus": "CLEAN",
            "mergeCommit": None,
            "headRepositoryOwner": {"login": owner},
        }
        pulls.append(pull)
        print(f"Creating pull request...\n{pull['url']}")
    else:
        pull = next(each for each in pulls if WORDS[2] in {str(each["number"]), each["url"]})
        change(verb, pull, options, body)
    PULLS.write_text(json.dumps(pulls), "utf-8")


def change(verb: str, pull: dict[str, Any], options: dict[str, str], body: str) -> None:
    """Change one pull request, or show it."""
    match verb:
        case "view":
            print(json.dumps(pull))
        case "edit":
            pull["body"] = body.replace("\n", "\r\n")
        case "ready":
            pull["isDraft"] = "--undo" in options
        case "merge":
            pull.update(state="MERGED", mergeCommit={"oid": "c0ffee"})
        case _:
            end(1, f"unknown command {verb}")


def options_of(words: list[str]) -> dict[str, str]:
    """Give the options with their values."""
    found, rest = {}, list(words)
    while rest:
        word = rest.pop(0)
        if word.startswith("--"):
            found[word] = "" if word in OPTIONS_WITHOUT_VALUE else rest.pop(0)
    return found


main()
