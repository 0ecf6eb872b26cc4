"""The room of agents: what does the work. This is its door."""

from beadwork.agents.port import (
    Agent,
    AgentError,
    AgentEvent,
    AgentName,
    AgentRun,
    AgentTask,
    Capabilities,
    Denied,
    Outcome,
    OutcomeKind,
    Remark,
    Said,
    Spent,
    ToolCalled,
    ToolReturned,
)

__all__ = [
    "Agent",
    "AgentError",
    "AgentEvent",
    "AgentName",
    "AgentRun",
    "AgentTask",
    "Capabilities",
    "Denied",
    "Outcome",
    "OutcomeKind",
    "Remark",
    "Said",
    "Spent",
    "ToolCalled",
    "ToolReturned",
]
