"""Which reason an error of ours stands for, as far as this room knows the families of errors.

What it leaves out: the trackers', checkouts' and agents' errors; the workflows hand in what knows them.
"""

import errno

from beadwork.errors import BeadworkError
from beadwork.executions.ending import Conclusion
from beadwork.executions.model import LogError, Reason, State
from beadwork.runners import RunnerError
from beadwork.state_folder import StateFolderError
from beadwork.storage import StoreError

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES})


def conclusion_of_error(error: BeadworkError | OSError) -> Conclusion:
    """Give the failed end that `error` makes of a run."""
    return Conclusion(State.FAILED, reason_of_error(error), str(error))


def reason_of_error(error: BaseException) -> Reason:
    """Give the reason that `error` stands for; what is full or read-only below it comes first."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.errno in _NO_ROOM:
            return Reason.STORAGE
        cause = cause.__cause__
    match error:
        case LogError() | StoreError() | StateFolderError():
            return Reason.STORAGE
        case RunnerError():
            return Reason.RUNNER
        case _:
            return Reason.DEFECT
