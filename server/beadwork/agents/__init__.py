"""The room of agents: what does the work. This is its door."""

from beadwork.agents.boxed_run import AgentGone
from beadwork.agents.choosing import agent_of
from beadwork.agents.claude import ClaudeAgent
from beadwork.agents.claude_loan import secrets_of, withdraw_login
from beadwork.agents.claude_presence import claude_login
from beadwork.agents.claude_program import AgentMissing
from beadwork.agents.port import (
    Agent,
    AgentError,
    AgentEvent,
    AgentName,
    AgentRun,
    AgentTask,
    Asked,
    AskedChoice,
    AskedQuestion,
    Capabilities,
    Denied,
    Outcome,
    OutcomeKind,
    Remark,
    Said,
    Spent,
    ToolCalled,
    ToolReturned,
    Withdrawn,
)
from beadwork.agents.script import ScriptError
from beadwork.agents.scripted import ScriptedAgent

__all__ = [
    "Agent",
    "AgentError",
    "AgentEvent",
    "AgentGone",
    "AgentMissing",
    "AgentName",
    "AgentRun",
    "AgentTask",
    "Asked",
    "AskedChoice",
    "AskedQuestion",
    "Capabilities",
    "ClaudeAgent",
    "Denied",
    "Outcome",
    "OutcomeKind",
    "Remark",
    "Said",
    "ScriptError",
    "ScriptedAgent",
    "Spent",
    "ToolCalled",
    "ToolReturned",
    "Withdrawn",
    "agent_of",
    "claude_login",
    "secrets_of",
    "withdraw_login",
]
