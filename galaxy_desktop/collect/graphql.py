"""Asking GitHub's GraphQL: whether it makes sense, what an answer without data means, and the questions themselves.

One GraphQL question replaces dozens of GETs, but it knows no ETag: a reader asks it only after a conditional REST
answer said that something changed. Without a token GraphQL answers nobody, an older GitHub Enterprise lacks fields,
and a token may be too narrow: then `NotOfferedError` is raised, the reader remembers that for a week in its note, and
asks the REST API instead. An answer that GitHub could not finish in time is a `TooMuchError`: ask for less.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping
from typing import Any, Protocol, runtime_checkable

from galaxy_desktop.collect.absence import absence, is_absent
from galaxy_desktop.collect.answers import GoneError, UnaskableError
from galaxy_desktop.collect.reading import Reading
from galaxy_desktop.errors import BrokenAnswerError, NoAccessError, RefusedError

logger = logging.getLogger(__name__)

NOTE = "graphql"
"""Where a reader's note says that GraphQL is not offered."""

_TOO_MUCH = (
    "something went wrong",
    "timed out",
    "timeout",
    "resource limits",
    "exceeds the maximum",
    "couldn't respond",
)

WHO = """
fragment who on Actor {
  __typename login
  ... on User { databaseId } ... on Bot { databaseId }
  ... on Mannequin { databaseId } ... on Organization { databaseId }
}"""

PULL = """
fragment pull on PullRequest {
  number title body state createdAt updatedAt closedAt mergedAt url isDraft headRefOid baseRefName additions deletions
  author { ...who }
  milestone { number }
  assignees(first: 20) { nodes { __typename login databaseId } pageInfo { hasNextPage } }
  labels(first: 100) { nodes { name } pageInfo { hasNextPage } }
  files(first: 100) { nodes { path } pageInfo { hasNextPage } }
  reviewRequests(first: 50) {
    nodes { requestedReviewer {
      __typename
      ... on User { login databaseId } ... on Bot { login databaseId } ... on Mannequin { login databaseId }
    } }
    pageInfo { hasNextPage }
  }
  reviews(first: 100) {
    nodes { fullDatabaseId state body submittedAt url author { ...who } }
    pageInfo { hasNextPage }
  }
}"""

PULL_COMMITS = """
fragment pullCommits on PullRequest {
  commits(first: 100) {
    totalCount
    nodes { commit {
      oid message authoredDate committedDate
      author { email user { __typename login databaseId } }
    } }
    pageInfo { hasNextPage }
  }
}"""

ROLLUP = """
fragment rollup on Commit {
  oid
  statusCheckRollup { contexts(first: 100) {
    nodes {
      __typename
      ... on CheckRun { databaseId name status conclusion startedAt completedAt url }
      ... on StatusContext { context state targetUrl createdAt }
    }
    pageInfo { hasNextPage }
  } }
}"""

MENTIONS = """
fragment mention on CrossReferencedEvent {
  createdAt actor { ...who }
  source {
    ... on Issue { number url repository { nameWithOwner } }
    ... on PullRequest { number url repository { nameWithOwner } }
  }
}"""

HISTORY = """
query($owner: String!, $name: String!, $head: GitObjectID!, $first: Int!, $since: GitTimestamp, $after: String) {
  repository(owner: $owner, name: $name) {
    object(oid: $head) { ... on Commit {
      history(first: $first, since: $since, after: $after) {
        nodes {
          oid message committedDate url additions deletions
          author { email user { __typename login databaseId } }
        }
        pageInfo { hasNextPage endCursor }
      }
    } }
  }
}"""

DEPLOYMENTS = """
query($ids: [ID!]!) {
  nodes(ids: $ids) { ... on Deployment { databaseId latestStatus { state } } }
}"""

BOARD = """
fragment board on ProjectV2 {
  id number title url closed updatedAt
  owner { __typename ... on Organization { login } ... on User { login } }
}"""

BOARDS = f"""
query($owner: String!, $name: String!) {{
  repository(owner: $owner, name: $name) {{
    projectsV2(first: 50) {{ nodes {{ ...board }} }}
    issues(first: 50, orderBy: {{field: UPDATED_AT, direction: DESC}}) {{
      nodes {{ projectItems(first: 5) {{ nodes {{ project {{ ...board }} }} }} }}
    }}
  }}
}}
{BOARD}"""

BOARD_STAMPS = f"""
query($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on ProjectV2 {{ ...board }} }} }}
{BOARD}"""

BOARD_FIELDS = f"""
query($id: ID!) {{
  node(id: $id) {{ ... on ProjectV2 {{
    ...board
    fields(first: 100) {{ nodes {{
      __typename
      ... on ProjectV2FieldCommon {{ name dataType }}
      ... on ProjectV2IterationField {{ id configuration {{
        iterations {{ id title startDate duration }}
        completedIterations {{ id title startDate duration }}
      }} }}
    }} }}
  }} }}
}}
{BOARD}"""

BOARD_ITEMS = """
query($id: ID!, $first: Int!, $after: String, $iteration: String!, $status: String!, $points: String!) {
  node(id: $id) { ... on ProjectV2 {
    items(first: $first, after: $after) {
      nodes {
        id isArchived updatedAt
        content {
          __typename
          ... on Issue { number repository { databaseId } }
          ... on PullRequest { number repository { databaseId } }
        }
        iteration: fieldValueByName(name: $iteration) { ... on ProjectV2ItemFieldIterationValue { iterationId } }
        status: fieldValueByName(name: $status) { ... on ProjectV2ItemFieldSingleSelectValue { name } }
        points: fieldValueByName(name: $points) { ... on ProjectV2ItemFieldNumberValue { number } }
      }
      pageInfo { hasNextPage endCursor }
    }
  } }
}"""


class NotOfferedError(Exception):
    """GraphQL cannot answer this here: no token, no such field, no permission; the sentence says which."""


class TooMuchError(BrokenAnswerError):
    """GitHub did not finish this answer: smaller questions may pass."""


@runtime_checkable
class AsksGraphQL(Protocol):
    """A GitHub that can be asked in GraphQL."""

    signed_in: bool

    def graphql(self, query: str, variables: Mapping[str, Any], *, entity: str = "graphql") -> Mapping[str, Any]:
        """The `data` of one answer."""
        ...


def is_offered(reading: Reading, note: Mapping[str, Any]) -> bool:
    """Whether a reader with this note should ask GraphQL at all."""
    github = reading.github
    return isinstance(github, AsksGraphQL) and github.signed_in and not is_absent(reading, note.get(NOTE) or {})


def not_offered(reading: Reading, why: object, before: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What a reader adds to its note when GraphQL was not offered; `before` is what the note said until now."""
    return {NOTE: absence(reading, why, (before or {}).get(NOTE))}


def ask(reading: Reading, query: str, variables: Mapping[str, Any], topic: str) -> Mapping[str, Any]:
    """The data of one question; `topic` names it in the log of requests.

    Raises:
        NotOfferedError: no such thing for this token on this server.
        TooMuchError: GitHub did not get it done.
        LimitError: the points are used up.
    """
    github = reading.github
    if not isinstance(github, AsksGraphQL):
        raise NotOfferedError("This GitHub has no GraphQL.")
    try:
        return github.graphql(query, variables, entity=f"graphql {topic}")
    except (NoAccessError, GoneError, UnaskableError) as error:
        raise NotOfferedError(str(error)) from error
    except BrokenAnswerError as error:
        raise TooMuchError(str(error)) from error
    except RefusedError as error:
        if type(error) is not RefusedError:
            raise
        if any(words in str(error).lower() for words in _TOO_MUCH):
            raise TooMuchError(str(error)) from error
        logger.info("GraphQL does not offer %s here: %s", topic, error)
        raise NotOfferedError(str(error)) from error


def in_repository(reading: Reading, query: str, variables: Mapping[str, Any], topic: str) -> Mapping[str, Any]:
    """What one question about this repository says of it; `owner` and `name` are filled in.

    Raises:
        NotOfferedError: the repository cannot be seen this way, or as for `ask`.
    """
    owner, _, name = reading.repository.full_name.partition("/")
    found = ask(reading, query, {"owner": owner, "name": name, **variables}, topic).get("repository")
    if not isinstance(found, Mapping):
        raise NotOfferedError("GraphQL does not show this repository.")
    return found


def pulls_query(numbers: Iterable[int], *, commits: bool = True) -> str:
    """One question for several pull requests, each under its alias "n<number>"; with their commits or without."""
    parts = "...pull ...pullCommits" if commits else "...pull"
    about = _about(f"n{n}: pullRequest(number: {int(n)}) {{ {parts} }}" for n in numbers)
    return about + PULL + (PULL_COMMITS if commits else "") + WHO


def rollups_query(shas: Iterable[str]) -> str:
    """One question for the checks of several commits, under the aliases "c0", "c1", ... in their order."""
    return _about(f"c{n}: object(oid: {json.dumps(sha)}) {{ ...rollup }}" for n, sha in enumerate(shas)) + ROLLUP


def mentions_query(numbers: Iterable[int]) -> str:
    """One question for who mentioned several items, each under its alias "n<number>"; $after is for one item."""
    timeline = (
        "timelineItems(first: 100, after: $after, itemTypes: [CROSS_REFERENCED_EVENT])"
        " { nodes { __typename ...mention } pageInfo { hasNextPage endCursor } }"
    )
    parts = (
        f"n{int(n)}: issueOrPullRequest(number: {int(n)})"
        f" {{ __typename ... on Issue {{ {timeline} }} ... on PullRequest {{ {timeline} }} }}"
        for n in numbers
    )
    return _about(parts, "$after: String") + MENTIONS + WHO


def _about(parts: Iterable[str], *variables: str) -> str:
    declared = ", ".join(("$owner: String!", "$name: String!", *variables))
    inside = "\n    ".join(parts)
    return f"query({declared}) {{\n  repository(owner: $owner, name: $name) {{\n    {inside}\n  }}\n}}"
