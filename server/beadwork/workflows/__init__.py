"""The room of workflows: what a person can ask for, each read as its steps. This is its door."""

from beadwork.workflows.application import Application, build
from beadwork.workflows.comparing import ChangedFileView, ChangesView, Since
from beadwork.workflows.editing import CreateRequest, Place
from beadwork.workflows.queueing.ordering import WorkRequest
from beadwork.workflows.queueing.views import CostLine, CostsView, NotifyResult, QueueView, WalkView
from beadwork.workflows.queueing.walking import WalkRequest
from beadwork.workflows.refusals import refused_in
from beadwork.workflows.requests import CloseRequest, GatesRequest, LandRequest, PublishRequest
from beadwork.workflows.reviews import FindingsView, FindingView, Made, ReviewRequest, ReviewView
from beadwork.workflows.showing import Wanted, unreadable_project
from beadwork.workflows.views import (
    BeadPage,
    BeadView,
    Choices,
    CommentView,
    Failure,
    GroupView,
    LogPage,
    Obstacle,
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
    "ChangedFileView",
    "ChangesView",
    "Choices",
    "CloseRequest",
    "CommentView",
    "CostLine",
    "CostsView",
    "CreateRequest",
    "Failure",
    "FindingView",
    "FindingsView",
    "GatesRequest",
    "GroupView",
    "LandRequest",
    "LogPage",
    "Made",
    "NotifyResult",
    "Obstacle",
    "Place",
    "ProjectView",
    "PublishRequest",
    "QueueView",
    "RefusalCode",
    "Refused",
    "RelatedView",
    "ReviewRequest",
    "ReviewView",
    "RunView",
    "Since",
    "WalkRequest",
    "WalkView",
    "Wanted",
    "WorkRequest",
    "as_json",
    "build",
    "moment",
    "refused_in",
    "unreadable_project",
    "worker_main",
]
