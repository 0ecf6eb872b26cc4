"""The room of gates: commands that have to succeed on a commit, run in a box. This is its door."""

from beadwork.gates.model import Gate, GateError, GateReport, GateResult, GateState, Standing

__all__ = ["Gate", "GateError", "GateReport", "GateResult", "GateState", "Standing"]
