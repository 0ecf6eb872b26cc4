"""The room of runners: boxes that programs run in. This is its door."""

from beadwork.runners.choosing import choose, of_name
from beadwork.runners.plain import PlainRunner
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
from beadwork.runners.sandbox import SandboxRunner

__all__ = [
    "EXECUTION_MARK",
    "Box",
    "BoxedProcess",
    "Ending",
    "PlainRunner",
    "Probe",
    "Runner",
    "RunnerError",
    "RunnerName",
    "SandboxRunner",
    "choose",
    "of_name",
]
