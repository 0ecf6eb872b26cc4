"""To be written."""

from beadwork.executions import Assignment, Conclusion
from beadwork.workflows.kit import Kit


async def land(assignment: Assignment, kit: Kit) -> Conclusion:
    """To be written."""
    raise NotImplementedError
