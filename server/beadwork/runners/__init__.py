"""The room of runners: boxes that programs run in. This is its door."""

from beadwork.runners.port import (
    EXECUTION_MARK,
    Box,
    BoxedProcess,
    Ending,
    Probe,
    Runner,
    RunnerError,
    RunnerName,
)

__all__ = [
    "EXECUTION_MARK",
    "Box",
    "BoxedProcess",
    "Ending",
    "Probe",
    "Runner",
    "RunnerError",
    "RunnerName",
]
