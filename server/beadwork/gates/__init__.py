"""The room of gates: commands that have to succeed on a commit, run in a box. This is its door."""

from beadwork.gates.data import report_data, report_of
from beadwork.gates.known import KnownGates
from beadwork.gates.model import Gate, GateError, GateReport, GateResult, GateState, Standing
from beadwork.gates.running import gate_environment, run_gate

__all__ = [
    "Gate",
    "GateError",
    "GateReport",
    "GateResult",
    "GateState",
    "KnownGates",
    "Standing",
    "gate_environment",
    "report_data",
    "report_of",
    "run_gate",
]
