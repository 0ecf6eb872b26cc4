"""Which versions of bd can be trusted with a database, and what a person is told about the others."""

import re

import attrs

_OLDEST = (1, 0, 4)
_WARNINGS = {
    (1, 0, 5): "was withdrawn because it corrupts databases",
    (1, 1, 1): "was retracted by its makers",
    (1, 2, 0): "was retracted: it migrates databases by accident, and 1.2.2 recovers them",
    (1, 2, 1): "was retracted: it migrates databases by accident, and 1.2.2 recovers them",
}
_SYNCS = (1, 3, 0)
_CORRUPTING = frozenset({(1, 0, 5)})


@attrs.frozen
class BdVersion:
    """A version of bd, judged."""

    text: str
    """As bd says it."""
    unfit: str = ""
    """Why it must not be used at all; empty when it may."""
    read_only: str = ""
    """Why beads must not be changed with it; empty when they may."""
    warning: str = ""
    """What a person should know about it; empty when there is nothing."""
    syncs: bool = False
    """Whether it has `bd sync`, which went in 0.58 and came back in 1.3; in between it is `bd dolt push`."""

    @classmethod
    def judge(cls, text: str) -> "BdVersion":
        """Judge a version such as `1.2.2`. One that is no number is taken as a build of somebody's own."""
        match = re.match(r"v?(\d+)\.(\d+)\.(\d+)", text)
        if match is None:
            return cls(text)
        major, minor, patch = (int(part) for part in match.groups())
        numbers = (major, minor, patch)
        if numbers < _OLDEST:
            return cls(
                text, unfit=f"bd {text} is too old for Beadwork; install 1.0.4 or newer, such as 1.2.2."
            )
        if numbers not in _WARNINGS:
            return cls(text, syncs=numbers >= _SYNCS)
        warning = f"bd {text} {_WARNINGS[numbers]}; install 1.2.2 or newer."
        return cls(text, warning=warning, read_only=warning if numbers in _CORRUPTING else "")
