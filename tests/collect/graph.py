"""A GitHub that also answers GraphQL: the rows of `FakeGitHub`, shown as nodes, by a real executor.

The schema here holds of GitHub's what our questions use, so that tests need no network; `tests/contracts` checks the
same questions against GitHub's whole schema, and runs this fake on it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLSchema,
    build_schema,
    execute_sync,
    parse,
    validate,
)

from galaxy_desktop.collect.answers import Answer, GitHubLike
from galaxy_desktop.collect.exchanges import graphql_data
from galaxy_desktop.collect.reading import Reading
from galaxy_desktop.domain.sync import Page
from galaxy_desktop.domain.work import Repository
from tests.collect.fakes import NOW, FakeGitHub, FakeRepository, MemoryStore, person

Node = dict[str, Any]

SCHEMA = """
scalar DateTime scalar URI scalar GitObjectID scalar GitTimestamp scalar BigInt scalar Date
type Query { repository(owner: String!, name: String!): Repository  node(id: ID!): Node  nodes(ids: [ID!]!): [Node]! }
interface Node { id: ID! }
type PageInfo { hasNextPage: Boolean!  endCursor: String }
type Repository {
  databaseId: Int  nameWithOwner: String!
  pullRequest(number: Int!): PullRequest
  issueOrPullRequest(number: Int!): IssueOrPullRequest
  object(oid: GitObjectID): GitObject
  projectsV2(first: Int): ProjectV2Connection!
  issues(first: Int, orderBy: IssueOrder): IssueConnection!
}
enum OrderDirection { ASC DESC }  enum IssueOrderField { UPDATED_AT }
input IssueOrder { field: IssueOrderField!  direction: OrderDirection! }
interface Actor { login: String! }
type User implements Actor & Node { id: ID!  login: String!  databaseId: Int }
type Bot implements Actor & Node { id: ID!  login: String!  databaseId: Int }
type Mannequin implements Actor & Node { id: ID!  login: String!  databaseId: Int }
type Organization implements Actor & Node { id: ID!  login: String!  databaseId: Int }
type Team implements Node { id: ID!  name: String! }
union IssueOrPullRequest = Issue | PullRequest
union RequestedReviewer = Bot | Mannequin | Team | User
union ReferencedSubject = Issue | PullRequest
enum PullRequestState { OPEN CLOSED MERGED }
enum PullRequestReviewState { APPROVED CHANGES_REQUESTED COMMENTED DISMISSED PENDING }
type Issue implements Node {
  id: ID!  number: Int!  url: URI!  repository: Repository!
  timelineItems(first: Int, after: String, itemTypes: [IssueTimelineItemsItemType!]): TimelineConnection!
  projectItems(first: Int): ProjectV2ItemConnection!
}
type IssueConnection { nodes: [Issue] }
enum IssueTimelineItemsItemType { CROSS_REFERENCED_EVENT }
union TimelineItem = CrossReferencedEvent | Team
type TimelineConnection { nodes: [TimelineItem]  pageInfo: PageInfo! }
type CrossReferencedEvent implements Node {
  id: ID!  createdAt: DateTime!  actor: Actor  source: ReferencedSubject!
}
type PullRequest implements Node {
  id: ID!  number: Int!  title: String!  body: String!  state: PullRequestState!  url: URI!  repository: Repository!
  createdAt: DateTime!  updatedAt: DateTime!  closedAt: DateTime  mergedAt: DateTime  isDraft: Boolean!
  headRefOid: GitObjectID!  baseRefName: String!  additions: Int!  deletions: Int!
  author: Actor  milestone: Milestone
  assignees(first: Int): UserConnection!  labels(first: Int): LabelConnection
  files(first: Int): FileConnection  reviewRequests(first: Int): ReviewRequestConnection
  reviews(first: Int): ReviewConnection  commits(first: Int): PullRequestCommitConnection!
  timelineItems(first: Int, after: String, itemTypes: [IssueTimelineItemsItemType!]): TimelineConnection!
}
type Milestone { number: Int! }
type UserConnection { nodes: [User]  pageInfo: PageInfo! }
type Label { name: String! }
type LabelConnection { nodes: [Label]  pageInfo: PageInfo! }
type File { path: String! }
type FileConnection { nodes: [File]  pageInfo: PageInfo! }
type ReviewRequest { requestedReviewer: RequestedReviewer }
type ReviewRequestConnection { nodes: [ReviewRequest]  pageInfo: PageInfo! }
type PullRequestCommit { commit: Commit! }
type PullRequestCommitConnection { totalCount: Int!  nodes: [PullRequestCommit]  pageInfo: PageInfo! }
type Review {
  fullDatabaseId: BigInt  state: PullRequestReviewState!  body: String!  submittedAt: DateTime  url: URI!  author: Actor
}
type ReviewConnection { nodes: [Review]  pageInfo: PageInfo! }
interface GitObject { oid: GitObjectID! }
type Commit implements GitObject & Node {
  id: ID!  oid: GitObjectID!  message: String!  authoredDate: DateTime!  committedDate: DateTime!  url: URI!  additions: Int!  deletions: Int!
  author: GitActor  statusCheckRollup: StatusCheckRollup
  history(first: Int, since: GitTimestamp, after: String): CommitHistoryConnection!
}
type GitActor { email: String  user: User }
type CommitHistoryConnection { nodes: [Commit]  pageInfo: PageInfo! }
type StatusCheckRollup { contexts(first: Int): StatusCheckRollupContextConnection! }
type StatusCheckRollupContextConnection { nodes: [StatusCheckRollupContext]  pageInfo: PageInfo! }
union StatusCheckRollupContext = CheckRun | StatusContext
enum CheckStatusState { COMPLETED IN_PROGRESS PENDING QUEUED REQUESTED WAITING }
enum CheckConclusionState {
  ACTION_REQUIRED CANCELLED FAILURE NEUTRAL SKIPPED STALE STARTUP_FAILURE SUCCESS TIMED_OUT
}
enum StatusState { ERROR EXPECTED FAILURE PENDING SUCCESS }
type CheckRun {
  databaseId: Int  name: String!  status: CheckStatusState!  conclusion: CheckConclusionState
  startedAt: DateTime  completedAt: DateTime  url: URI!
}
type StatusContext { context: String!  state: StatusState!  targetUrl: URI  createdAt: DateTime! }
enum DeploymentStatusState { ERROR FAILURE INACTIVE IN_PROGRESS PENDING QUEUED SUCCESS WAITING }
type Deployment implements Node { id: ID!  databaseId: Int  latestStatus: DeploymentStatus }
type DeploymentStatus { state: DeploymentStatusState! }
interface ProjectV2Owner { id: ID! }
type ProjectV2Connection { nodes: [ProjectV2] }
type ProjectV2 implements Node {
  id: ID!  number: Int!  title: String!  url: URI!  closed: Boolean!  updatedAt: DateTime!  owner: Actor!
  fields(first: Int): ProjectV2FieldConfigurationConnection!
  items(first: Int, after: String): ProjectV2ItemConnection!
}
type ProjectV2FieldConfigurationConnection { nodes: [ProjectV2FieldConfiguration] }
union ProjectV2FieldConfiguration = ProjectV2Field | ProjectV2IterationField | ProjectV2SingleSelectField
enum ProjectV2FieldType { NUMBER ITERATION SINGLE_SELECT TITLE }
interface ProjectV2FieldCommon { id: ID!  name: String!  dataType: ProjectV2FieldType! }
type ProjectV2Field implements ProjectV2FieldCommon { id: ID!  name: String!  dataType: ProjectV2FieldType! }
type ProjectV2SingleSelectField implements ProjectV2FieldCommon {
  id: ID!  name: String!  dataType: ProjectV2FieldType!
}
type ProjectV2IterationField implements ProjectV2FieldCommon {
  id: ID!  name: String!  dataType: ProjectV2FieldType!  configuration: ProjectV2IterationFieldConfiguration!
}
type ProjectV2IterationFieldConfiguration {
  iterations: [ProjectV2IterationFieldIteration!]!  completedIterations: [ProjectV2IterationFieldIteration!]!
}
type ProjectV2IterationFieldIteration { id: String!  title: String!  startDate: Date!  duration: Int! }
type ProjectV2ItemConnection { nodes: [ProjectV2Item]  pageInfo: PageInfo! }
type DraftIssue { title: String! }
union ProjectV2ItemContent = DraftIssue | Issue | PullRequest
type ProjectV2Item implements Node {
  id: ID!  isArchived: Boolean!  updatedAt: DateTime!  project: ProjectV2!  content: ProjectV2ItemContent
  fieldValueByName(name: String!): ProjectV2ItemFieldValue
}
union ProjectV2ItemFieldValue =
  ProjectV2ItemFieldIterationValue | ProjectV2ItemFieldNumberValue | ProjectV2ItemFieldSingleSelectValue
type ProjectV2ItemFieldIterationValue { iterationId: String! }
type ProjectV2ItemFieldSingleSelectValue { name: String }
type ProjectV2ItemFieldNumberValue { number: Float }
"""


@cache
def own_schema() -> GraphQLSchema:
    """The part of GitHub's schema that is written above."""
    return build_schema(SCHEMA)


def connection(nodes: Iterable[Any]) -> Callable[..., Node]:
    """A field that gives these nodes page by page."""
    every = list(nodes)

    def field_of(_info: Any, first: int = 100, after: str | None = None, **_: Any) -> Node:
        start = int(after or 0)
        end = start + first
        turn = {"hasNextPage": end < len(every), "endCursor": str(end)}
        return {"nodes": every[start:end], "totalCount": len(every), "pageInfo": turn}

    return field_of


def actor(row: Mapping[str, Any] | None) -> Node | None:
    """Somebody as GraphQL shows them: the login of a bot has no ending there."""
    if row is None:
        return None
    kind = row.get("type", "User")
    return {"__typename": kind, "login": row["login"].removesuffix("[bot]"), "databaseId": row["id"]}


@dataclass
class Project:
    """A board: iterations as (id, title, first day, days), items as made by `card`."""

    id: str = "PVT_1"
    number: int = 1
    updated: str = "2026-05-01T00:00:00Z"
    closed: bool = False
    iterations: list[tuple[str, str, str, int]] = field(default_factory=list)
    over: list[tuple[str, str, str, int]] = field(default_factory=list)
    items: list[Node] = field(default_factory=list)
    fields: list[Node] = field(default_factory=list)

    def node(self) -> Node:
        iterations, over = (
            [dict(zip(("id", "title", "startDate", "duration"), one, strict=True)) for one in some]
            for some in (self.iterations, self.over)
        )
        sprint = {
            "__typename": "ProjectV2IterationField",
            "id": "F1",
            "name": "Sprint",
            "dataType": "ITERATION",
            "configuration": {"iterations": iterations, "completedIterations": over},
        }
        return {
            "__typename": "ProjectV2",
            "id": self.id,
            "number": self.number,
            "title": f"Board {self.number}",
            "url": f"https://github.com/orgs/o/projects/{self.number}",
            "closed": self.closed,
            "updatedAt": self.updated,
            "owner": {"__typename": "Organization", "login": "o", "id": "O_1"},
            "fields": connection([sprint, *self.fields] if self.iterations or self.over else self.fields),
            "items": connection(self.items),
        }


def card(number: int, content: Node | None = None, *, archived: bool = False, **values: Node) -> Node:
    """An item of a board; `values` are its field values by name."""
    issue = {"__typename": "Issue", "number": number, "repository": {"databaseId": 1, "nameWithOwner": "o/r"}}
    return {
        "__typename": "ProjectV2Item",
        "id": f"PVTI_{number}",
        "isArchived": archived,
        "updatedAt": "2026-05-01T00:00:00Z",
        "content": issue if content is None else content or None,
        "fieldValueByName": lambda _info, name: values.get(name),
    }


@cache
def checked(schema: GraphQLSchema, query: str) -> DocumentNode | list[GraphQLError]:
    """A question as the schema allows it, or what is wrong with it; the program asks few questions, and often."""
    try:
        document = parse(query)
    except GraphQLError as error:
        return [error]
    return validate(schema, document) or document


class GraphGitHub(FakeGitHub):
    """`FakeGitHub` with GraphQL; `broken` raises instead of answering, once for each error in it."""

    def __init__(
        self, *repositories: FakeRepository, page_size: int = 100, schema: GraphQLSchema | None = None
    ) -> None:
        super().__init__(*repositories, page_size=page_size)
        self.signed_in = True
        self.projects: list[Project] = []
        self.hidden = False
        self.queries: list[tuple[str, Mapping[str, Any]]] = []
        self.broken: list[Exception] = []
        self._schema = schema or own_schema()

    def graphql(self, query: str, variables: Mapping[str, Any], *, entity: str = "graphql") -> Mapping[str, Any]:
        self.queries.append((entity, variables))
        if self.broken:
            raise self.broken.pop(0)
        document = checked(self._schema, query)
        if isinstance(document, list):
            result = ExecutionResult(data=None, errors=document)
        else:
            result = execute_sync(self._schema, document, self._root(), variable_values=dict(variables))
        row = {"data": result.data, "errors": [{"message": e.message} for e in result.errors or ()]}
        answer = Answer(status=200, rows=(row,), etag=None, links={}, headers={}, at=NOW)
        return graphql_data(answer, NOW)

    def asked_graphql(self, topic: str) -> int:
        """How many questions there were about something."""
        return sum(topic in entity for entity, _ in self.queries)

    def _root(self) -> Node:
        nodes = {one.id: one.node() for one in self.projects}
        for repository in self.repositories:
            for row in repository.details.get("/deployments", []):
                nodes[row["node_id"]] = _deployment(repository, row)
        return {
            "repository": lambda _info, owner, name, **_: self._repository(f"{owner}/{name}"),
            "node": lambda _info, id: nodes.get(id),  # noqa: A006 - the argument's name in GitHub's schema
            "nodes": lambda _info, ids: [nodes.get(one) for one in ids],
        }

    def _repository(self, name: str) -> Node | None:
        found = self._named(name, None)
        if found is None:
            return None
        shown = [None for _ in self.projects] if self.hidden else [one.node() for one in self.projects]
        return {
            "databaseId": found.id,
            "nameWithOwner": found.name,
            "pullRequest": lambda _info, number: _pull(found, number),
            "issueOrPullRequest": lambda _info, number: _item(found, number),
            "object": lambda _info, oid: _commit(found, oid),
            "projectsV2": connection(shown),
            "issues": connection([]),
        }


def _row(rows: Iterable[Node], key: str, value: Any) -> Node | None:
    return next((row for row in rows if row[key] == value), None)


def _pull(repository: FakeRepository, number: int) -> Node | None:
    row = _row(repository.pulls, "number", number)
    if row is None:
        return None
    files = repository.details.get(f"/pulls/{number}/files", [])
    reviews = repository.details.get(f"/pulls/{number}/reviews", [])
    commits = repository.details.get(f"/pulls/{number}/commits", [])
    return {
        "__typename": "PullRequest",
        "number": number,
        "title": row["title"],
        "body": row["body"] or "",
        "state": "MERGED" if row["merged_at"] else row["state"].upper(),
        "createdAt": row["created_at"],
        "updatedAt": row["updated_at"],
        "closedAt": row["closed_at"],
        "mergedAt": row["merged_at"],
        "url": row["html_url"],
        "isDraft": row["draft"],
        "headRefOid": row["head"]["sha"],
        "baseRefName": row["base"]["ref"],
        "additions": row.get("additions", 0),
        "deletions": row.get("deletions", 0),
        "author": actor(row["user"]),
        "milestone": row["milestone"],
        "assignees": connection(actor(one) for one in row["assignees"]),
        "labels": connection({"name": one["name"]} for one in row["labels"]),
        "files": connection({"path": one["filename"]} for one in files),
        "reviewRequests": connection({"requestedReviewer": actor(one)} for one in row["requested_reviewers"]),
        "reviews": connection(_review(one) for one in reviews),
        "commits": connection({"commit": _pull_commit(one)} for one in commits),
    }


def _pull_commit(row: Node) -> Node:
    told = row["commit"]
    return {
        "__typename": "Commit",
        "oid": row["sha"],
        "message": told["message"],
        "authoredDate": told["author"]["date"],
        "committedDate": told["committer"]["date"],
        "author": _git_actor(row),
    }


def _git_actor(row: Node) -> Node:
    """Who wrote a commit: a person as a user, a bot by its e-mail address only."""
    user = actor(row.get("author"))
    email = f"{row['author']['id']}+{row['author']['login']}@users.noreply.github.com" if row.get("author") else ""
    return {"email": email, "user": user if user and user["__typename"] == "User" else None}


def _review(row: Node) -> Node:
    return {
        "fullDatabaseId": str(row["id"]),
        "state": row["state"],
        "body": row["body"] or "",
        "submittedAt": row.get("submitted_at"),
        "url": row["html_url"],
        "author": actor(row["user"]),
    }


def _item(repository: FakeRepository, number: int) -> Node | None:
    events = repository.details.get(f"/issues/{number}/timeline", [])
    mentions = [_mention(row) for row in events if row["event"] == "cross-referenced"]
    if _row(repository.issues, "number", number):
        return {"__typename": "Issue", "number": number, "timelineItems": connection(mentions)}
    found = _pull(repository, number)
    return {**found, "timelineItems": connection(mentions)} if found else None


def _mention(row: Node) -> Node:
    source = row["source"]["issue"]
    place = {"nameWithOwner": source["repository"]["full_name"]}
    kind = "PullRequest" if "pull_request" in source else "Issue"
    about = {"__typename": kind, "number": source["number"], "url": source["html_url"], "repository": place}
    made = {"__typename": "CrossReferencedEvent", "createdAt": row["created_at"], "actor": actor(row["actor"])}
    return {**made, "source": about}


def _commit(repository: FakeRepository, sha: str) -> Node | None:
    details = repository.details
    runs = details.get(f"/commits/{sha}/check-runs", {}).get("check_runs", [])
    statuses = details.get(f"/commits/{sha}/status", {}).get("statuses", [])
    row = _row(repository.commits, "sha", sha)
    contexts = [_run(one) for one in runs] + [_status(one) for one in statuses]
    if row is None and not contexts:
        return None
    rollup = {"contexts": connection(contexts)} if contexts else None
    base: Node = {"__typename": "Commit", "oid": sha, "statusCheckRollup": rollup}
    return {**base, **_logged(repository, row)} if row else base


def _logged(repository: FakeRepository, row: Node) -> Node:
    def history(_info: Any, first: int = 100, since: str | None = None, after: str | None = None) -> Node:
        rows = repository.commits[repository.commits.index(row) :]
        young = [one for one in rows if not since or one["commit"]["committer"]["date"] >= since]
        nodes = [{"oid": one["sha"], **_logged(repository, one)} for one in young]
        return connection(nodes)(_info, first=first, after=after)

    return {
        "message": row["commit"]["message"],
        "committedDate": row["commit"]["committer"]["date"],
        "url": row["html_url"],
        "additions": row.get("stats", {}).get("additions", 0),
        "deletions": row.get("stats", {}).get("deletions", 0),
        "author": _git_actor(row),
        "history": history,
    }


def _run(row: Node) -> Node:
    return {
        "__typename": "CheckRun",
        "databaseId": row["id"] if row["id"] < 2**31 else None,
        "name": row["name"],
        "status": row["status"].upper(),
        "conclusion": (row["conclusion"] or "").upper() or None,
        "startedAt": row["started_at"],
        "completedAt": row["completed_at"],
        "url": f"https://github.com/o/r/actions/runs/9/job/{row['id']}",
    }


def _status(row: Node) -> Node:
    return {
        "__typename": "StatusContext",
        "context": row["context"],
        "state": row["state"].upper(),
        "targetUrl": row["target_url"],
        "createdAt": row["created_at"],
    }


def _deployment(repository: FakeRepository, row: Node) -> Node:
    statuses = repository.details.get(f"/deployments/{row['id']}/statuses", [])
    state = statuses[0]["state"].upper() if statuses else None
    return {
        "__typename": "Deployment",
        "id": row["node_id"],
        "databaseId": row["id"],
        "latestStatus": {"state": state} if state else None,
    }


def cross_reference(other: int, name: str = "o/r", minutes: str = "2026-03-01T00:00:00Z", **more: Any) -> Node:
    """A row of a timeline: item `other` of the repository `name` mentioned this one."""
    source = {
        "number": other,
        "html_url": f"https://github.com/{name}/issues/{other}",
        "repository": {"full_name": name},
    }
    base = {"event": "cross-referenced", "actor": person(), "created_at": minutes, "updated_at": minutes}
    return {**base, "source": {"type": "issue", "issue": source}, **more}


def drained(pages: Iterator[Page], store: MemoryStore) -> list[Page]:
    """Store every page and return them."""
    found = []
    for page in pages:
        store.apply(page)
        found.append(page)
    return found


def reading_of(github: GitHubLike, store: MemoryStore, now: datetime = NOW) -> Reading:
    """The repository o/r, read from this GitHub into this store at a moment."""
    return Reading(github, store, Repository(id=1, full_name="o/r", url="https://github.com/o/r"), lambda: now)
