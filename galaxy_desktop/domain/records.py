"""Everything that collection hands to the store, under one name."""

from __future__ import annotations

from galaxy_desktop.domain.projects import Board
from galaxy_desktop.domain.repository_facts import BranchList, Check, Deployment, ItemLinks, PullCommits, Release
from galaxy_desktop.domain.work import (
    Comment,
    Commit,
    ItemEvent,
    Label,
    Milestone,
    Repository,
    Review,
    WorkflowRun,
    WorkItem,
)

Record = (
    Repository
    | Label
    | Milestone
    | WorkItem
    | Comment
    | Review
    | Commit
    | WorkflowRun
    | ItemEvent
    | Check
    | Release
    | Deployment
    | BranchList
    | ItemLinks
    | PullCommits
    | Board
)
