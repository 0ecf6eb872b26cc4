"""The room of workflows: what a person can ask for, each read as its steps. This is its door."""

from beadwork.workflows.application import Application, WorkRequest, build
from beadwork.workflows.showing import unreadable_project
from beadwork.workflows.views import (
    BeadPage,
    BeadView,
    CommentView,
    Failure,
    GroupView,
    LogPage,
    ProjectView,
    RefusalCode,
    Refused,
    RelatedView,
    RunView,
    as_json,
    moment,
)
from beadwork.workflows.worker import worker_main

__all__ = [
    "Application",
    "BeadPage",
    "BeadView",
    "CommentView",
    "Failure",
    "GroupView",
    "LogPage",
    "ProjectView",
    "RefusalCode",
    "Refused",
    "RelatedView",
    "RunView",
    "WorkRequest",
    "as_json",
    "build",
    "moment",
    "unreadable_project",
    "worker_main",
]
