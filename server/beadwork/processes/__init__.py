"""The room of processes: the only one that starts, signals and reaps them. This is its door."""

from beadwork.processes.program import Finished, ProgramMissing, ProgramTimeout, run

__all__ = ["Finished", "ProgramMissing", "ProgramTimeout", "run"]
