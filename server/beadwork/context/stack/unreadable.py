"""The one error of reading a format, and the depth at which every format ends.

What it leaves out: the formats.
"""

MAX_DEPTH = 60


class UnreadableError(Exception):
    """A file is not what its name says; the text says why, in half a sentence that goes on from the file's
    name."""
