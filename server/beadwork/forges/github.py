"""GitHub, by the user's own `gh`: pull requests are found, opened, brought up to date, and merged.

gh is started in the user's repository, so that it finds the repository as it does for them. Every change is
looked at afterwards: what gh then tells of the pull request is what is given.
What it leaves out: what stands in a pull request, and when there is one (`workflows/publishing/`).
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path

import attrs

from beadwork.forges.model import ForgeError, Merging, NoForge, PullRequest
from beadwork.processes import Finished, ProgramFlood, ProgramMissing, ProgramTimeout, run

_FIELDS = (
    "number,url,isDraft,title,body,state,headRefOid,baseRefName,mergeStateStatus,mergeCommit,"
    "headRepositoryOwner"
)
_MOST = 16 * 1024 * 1024
_ALONE = {
    "GH_PROMPT_DISABLED": "1",
    "GH_NO_UPDATE_NOTIFIER": "1",
    "GH_PAGER": "cat",
    "NO_COLOR": "1",
    "CLICOLOR_FORCE": "0",
    "GIT_TERMINAL_PROMPT": "0",
}
"""Nobody is there to answer it."""
_NOT_LOGGED_IN = 4
"""gh's exit code where somebody has to log in first."""
_NO_HOST = ("known GitHub host", "no git remotes found")
_PLACE = re.compile(
    r"^(?:(?:https?|ssh|git)://(?:[^/@]*@)?[^/@]+/+|(?:[^/@:]*@)?[^/@:]+:/*)"
    r"(?P<owner>[^/]+)/(?P<name>[^/]+?)/*$",
    re.IGNORECASE,
)


@attrs.frozen
class GitHub:
    """The user's gh, for one repository of theirs. Each call raises ForgeError, NoForge."""

    program: str
    """A name on the PATH, or a path."""
    folder: Path
    """The user's repository."""
    owner: str
    """Whose repository is pushed to: only pull requests from there are ours."""
    environment: Mapping[str, str]
    """The user's own."""
    limit: float
    """Seconds that one call may take."""

    async def pull_request_of(self, branch: str) -> PullRequest | None:
        """Give the open pull request of a branch, if it has one."""
        listed = await self._json("pr", "list", "--head", branch, "--state", "open", "--json", _FIELDS)
        if not isinstance(listed, list):
            raise self._garbage("pr list", str(listed))
        ours = [each for each in listed if _owner_of(each).lower() == self.owner.lower()]
        return self._read(ours[0]) if ours else None

    async def open(self, branch: str, *, base: str, title: str, body: str, draft: bool) -> PullRequest:
        """Open a pull request; with an empty `base`, into the default branch."""
        words = ["--head", f"{self.owner}:{branch}", "--title", title, "--body-file", "-"]
        words += ["--base", base] if base else []
        words += ["--draft"] if draft else []
        said = (await self._run("pr", "create", *words, stdin=body)).stdout.decode("utf-8", "replace")
        links = re.findall(r"https?://\S+/pull/\d+", said)
        if not links:
            raise self._garbage("pr create", said)
        return await self.look(links[-1])

    async def look(self, name: int | str) -> PullRequest:
        """Give a pull request by its number or its URL, as it now is."""
        return self._read(await self._json("pr", "view", str(name), "--json", _FIELDS))

    async def rewrite(self, number: int, body: str) -> PullRequest:
        """Replace the text of a pull request."""
        await self._run("pr", "edit", str(number), "--body-file", "-", stdin=body)
        return await self.look(number)

    async def set_draft(self, number: int, *, draft: bool) -> PullRequest:
        """Make a pull request a draft, or ready to be reviewed."""
        await self._run("pr", "ready", str(number), *(["--undo"] if draft else []))
        return await self.look(number)

    async def merge(self, number: int, how: Merging, *, head: str) -> PullRequest:
        """Merge a pull request, if its head still is `head`; give it as it is then.

        It may be OPEN still, where the forge merges by a queue, or waits for checks.
        """
        await self._run("pr", "merge", str(number), f"--{how}", "--match-head-commit", head)
        return await self.look(number)

    async def _json(self, *words: str) -> object:
        done = await self._run(*words)
        try:
            return json.loads(done.stdout)
        except (ValueError, RecursionError) as error:
            raise self._garbage(" ".join(words[:2]), done.stdout.decode("utf-8", "replace")) from error

    async def _run(self, *words: str, stdin: str = "") -> Finished:
        what = f"`{self.program} {' '.join(words[:2])}`"
        try:
            done = await run(
                (self.program, *words),
                cwd=self.folder,
                environment={**self.environment, **_ALONE},
                stdin=stdin.encode("utf-8", "replace"),
                timeout=self.limit,
                limit=_MOST,
            )
        except ProgramMissing as error:
            raise NoForge(
                f"{self.program} is not there to ask for pull requests: install the GitHub CLI "
                "(https://cli.github.com), or name it in the setting `gh`.",
            ) from error
        except ProgramTimeout as error:
            raise ForgeError(f"{what} did not end within {self.limit:g} s, and was ended.") from error
        except ProgramFlood as error:
            raise self._garbage(" ".join(words[:2]), error.detail) from error
        if done.code != 0:
            raise self._failure(what, done)
        return done

    def _failure(self, what: str, done: Finished) -> ForgeError:
        said = done.stderr.decode("utf-8", "replace").strip()
        if any(words in said for words in _NO_HOST):
            return NoForge("gh knows no GitHub among the remotes of this repository.", detail=said)
        if done.code == _NOT_LOGGED_IN:
            return NoForge("gh is not logged in: run `gh auth login`.", detail=said)
        words = next((line for line in reversed(said.splitlines()) if line.strip()), "it said nothing")
        ended = f"exit code {done.code}" if done.code > 0 else f"signal {-done.code}"
        return ForgeError(f"{what} failed ({ended}): {words.strip().rstrip('.')}.", detail=said)

    def _garbage(self, what: str, said: str) -> ForgeError:
        words = f"`{self.program} {what}` answered something that is no pull request: is it the GitHub CLI?"
        return ForgeError(words, detail=said[:2000])

    def _read(self, found: object) -> PullRequest:
        if not isinstance(found, Mapping):
            raise self._garbage("pr", str(found))
        number, url, draft = found.get("number"), found.get("url"), found.get("isDraft")
        if not isinstance(number, int) or not isinstance(url, str) or not isinstance(draft, bool):
            raise self._garbage("pr", str(found))
        merged = found.get("mergeCommit")
        return PullRequest(
            number=number,
            url=url,
            draft=draft,
            title=_text(found, "title"),
            body=_text(found, "body").replace("\r\n", "\n"),
            state=_text(found, "state"),
            head=_text(found, "headRefOid"),
            base=_text(found, "baseRefName"),
            merging=_text(found, "mergeStateStatus"),
            merge_commit=_text(merged, "oid") if isinstance(merged, Mapping) else "",
        )


def owner_in(url: str) -> str:
    """Give whose repository a URL of a remote names: `ada` of `git@github.com:ada/demo.git`; else nothing."""
    found = _PLACE.match(url)
    return found["owner"] if found else ""


def _owner_of(found: object) -> str:
    owner = found.get("headRepositoryOwner") if isinstance(found, Mapping) else None
    return _text(owner, "login") if isinstance(owner, Mapping) else ""


def _text(found: Mapping[str, object], name: str) -> str:
    value = found.get(name)
    return value if isinstance(value, str) else ""
