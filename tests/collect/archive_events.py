"""Events as GH Archive holds them, made up: the full shapes of 2015 to 2025 and the trimmed ones since October 2025."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

Row = dict[str, Any]

REPO_ID, REPO = 4711, "nova/rocket"
API, WEB = "https://api.github.com", "https://github.com"
_OF_USER = ("followers", "following{/other_user}", "gists{/gist_id}", "starred{/owner}{/repo}", "subscriptions")
_OF_USER_TOO = ("organizations", "repos", "events{/privacy}", "received_events")
_OF_REPO = (
    "forks", "keys{/key_id}", "collaborators{/collaborator}", "teams", "hooks", "issues/events{/number}", "events",
    "assignees{/user}", "branches{/branch}", "tags", "git/blobs{/sha}", "git/tags{/sha}", "git/refs{/sha}",
    "git/trees{/sha}", "statuses/{sha}", "languages", "stargazers", "contributors", "subscribers", "subscription",
    "commits{/sha}", "git/commits{/sha}", "comments{/number}", "issues/comments{/number}", "contents/{+path}",
    "compare/{base}...{head}", "merges", "{archive_format}{/ref}", "downloads", "issues{/number}", "pulls{/number}",
    "milestones{/number}", "notifications{?since,all,participating}", "labels{/name}", "releases{/id}", "deployments",
)  # fmt: skip


def user(number: int = 7, login: str = "ada") -> Row:
    """A person with all the addresses GitHub sends along."""
    api, web = f"{API}/users/{login}", f"{WEB}/{login}"
    more = {f"{name.split('{')[0]}_url": f"{api}/{name}" for name in (*_OF_USER, *_OF_USER_TOO)}
    return {
        "login": login, "id": number, "node_id": f"MDQ6VXNlcj{number}", "gravatar_id": "", "type": "User",
        "avatar_url": f"https://avatars.githubusercontent.com/u/{number}?v=4", "url": api, "html_url": web, **more,
        "site_admin": False,
    }  # fmt: skip


def repository(number: int = REPO_ID, name: str = REPO) -> Row:
    """A repository as a pull request of the full shape carries it twice."""
    api, web = f"{API}/repos/{name}", f"{WEB}/{name}"
    more = {f"{tail.split('{')[0].replace('/', '_')}_url": f"{api}/{tail}" for tail in _OF_REPO}
    return {
        "id": number, "node_id": f"R_{number}", "name": name.split("/")[1], "full_name": name, "private": False,
        "owner": user(number + 1, name.split("/", maxsplit=1)[0]), "html_url": web, "description": "Made up", "fork": False,
        "url": api, **more, "created_at": "2020-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z",
        "pushed_at": "2026-01-01T00:00:00Z", "git_url": f"git://{web[8:]}.git", "clone_url": f"{web}.git",
        "size": 1234, "stargazers_count": 3, "watchers_count": 3, "language": "Python", "has_issues": True,
        "has_projects": True, "has_downloads": True, "has_wiki": True, "has_pages": False, "forks_count": 0,
        "archived": False, "disabled": False, "open_issues_count": 4, "license": None, "allow_forking": True,
        "is_template": False, "topics": [], "visibility": "public", "forks": 0, "watchers": 3,
        "default_branch": "trunk",
    }  # fmt: skip


def label(name: str = "bug", name_of_repo: str = REPO) -> Row:
    """A label."""
    return {"id": 1 + len(name), "node_id": "LA_1", "url": f"{API}/repos/{name_of_repo}/labels/{name}", "name": name,
            "color": "d73a4a", "default": True, "description": "Something is wrong"}  # fmt: skip


def milestone(number: int = 1, title: str = "Sprint 1", **more: Any) -> Row:
    """A milestone as issues embed it."""
    return {
        "url": f"{API}/repos/{REPO}/milestones/{number}", "html_url": f"{WEB}/{REPO}/milestone/{number}",
        "labels_url": f"{API}/repos/{REPO}/milestones/{number}/labels", "id": 900 + number, "node_id": "MI_1",
        "number": number, "title": title, "description": "", "creator": user(), "open_issues": 3, "closed_issues": 1,
        "state": "open", "created_at": "2026-04-01T08:00:00Z", "updated_at": "2026-04-20T08:00:00Z",
        "due_on": "2026-05-15T07:00:00Z", "closed_at": None, **more,
    }  # fmt: skip


def issue(number: int = 12, **more: Any) -> Row:
    """An issue as issue and comment events carry it."""
    api, web = f"{API}/repos/{REPO}/issues/{number}", f"{WEB}/{REPO}/issues/{number}"
    return {
        "url": api, "repository_url": f"{API}/repos/{REPO}", "labels_url": f"{api}/labels{{/name}}",
        "comments_url": f"{api}/comments", "events_url": f"{api}/events", "html_url": web, "id": 50_000 + number,
        "node_id": f"I_{number}", "number": number, "title": f"Item {number}", "user": user(), "labels": [],
        "state": "open", "locked": False, "assignee": None, "assignees": [], "milestone": None, "comments": 0,
        "created_at": "2026-04-28T09:00:00Z", "updated_at": "2026-05-01T10:00:00Z", "closed_at": None,
        "author_association": "MEMBER", "active_lock_reason": None, "body": "It is late.\r\nVery.",
        "reactions": {"url": f"{api}/reactions", "total_count": 0, "+1": 0, "-1": 0, "laugh": 0},
        "timeline_url": f"{api}/timeline", "performed_via_github_app": None, "state_reason": None, **more,
    }  # fmt: skip


def pull_as_issue(number: int = 20, **more: Any) -> Row:
    """A pull request as comment events carry it."""
    web = f"{WEB}/{REPO}/pull/{number}"
    marker = {"url": f"{API}/repos/{REPO}/pulls/{number}", "html_url": web, "merged_at": None}
    return issue(number, **{"html_url": web, "draft": False, "pull_request": marker, **more})


def _side(ref: str, repo: Row) -> Row:
    return {"label": f"nova:{ref}", "ref": ref, "sha": "c0ffee" + "0" * 34, "user": repo["owner"], "repo": repo}


def pull(number: int = 20, **more: Any) -> Row:
    """A pull request of the full shape (until October 2025)."""
    api, web = f"{API}/repos/{REPO}/pulls/{number}", f"{WEB}/{REPO}/pull/{number}"
    links = {name: {"href": f"{api}/{name}"} for name in ("self", "html", "issue", "comments", "commits", "statuses")}
    return {
        "url": api, "id": 70_000 + number, "node_id": f"PR_{number}", "html_url": web, "diff_url": f"{web}.diff",
        "patch_url": f"{web}.patch", "issue_url": f"{API}/repos/{REPO}/issues/{number}", "number": number,
        "state": "open", "locked": False, "title": f"Change {number}", "user": user(8, "bob"), "body": "Does it.",
        "created_at": "2026-04-29T09:00:00Z", "updated_at": "2026-05-01T11:00:00Z", "closed_at": None,
        "merged_at": None, "merge_commit_sha": None, "assignee": None, "assignees": [], "requested_reviewers": [],
        "requested_teams": [], "labels": [], "milestone": None, "draft": False, "commits_url": f"{api}/commits",
        "review_comments_url": f"{api}/comments", "comments_url": f"{API}/repos/{REPO}/issues/{number}/comments",
        "head": _side("topic", repository()), "base": _side("trunk", repository()), "_links": links,
        "author_association": "MEMBER", "auto_merge": None, "active_lock_reason": None, "merged": False,
        "mergeable": None, "rebaseable": None, "mergeable_state": "unknown", "merged_by": None, "comments": 1,
        "review_comments": 2, "maintainer_can_modify": False, "commits": 3, "additions": 40, "deletions": 2,
        "changed_files": 5, **more,
    }  # fmt: skip


def trimmed_pull(number: int = 20) -> Row:
    """A pull request as events carry it since October 2025."""
    side = {"ref": "topic", "sha": "c0ffee", "repo": {"id": REPO_ID, "url": f"{API}/repos/{REPO}", "name": "rocket"}}
    url = f"{API}/repos/{REPO}/pulls/{number}"
    return {"url": url, "id": 70_000 + number, "number": number, "head": side, "base": {**side, "ref": "trunk"}}


def comment(number: int = 12, id: int = 5001, **more: Any) -> Row:  # noqa: A002
    """A comment on an item."""
    web = f"{WEB}/{REPO}/issues/{number}#issuecomment-{id}"
    return {
        "url": f"{API}/repos/{REPO}/issues/comments/{id}", "html_url": web, "id": id, "node_id": f"IC_{id}",
        "issue_url": f"{API}/repos/{REPO}/issues/{number}", "user": user(9, "eve"), "author_association": "MEMBER",
        "created_at": "2026-05-01T12:00:00Z", "updated_at": "2026-05-01T12:00:00Z", "body": "Looking.", **more,
    }  # fmt: skip


def review(number: int = 20, id: int = 6001, **more: Any) -> Row:  # noqa: A002
    """A review of a pull request."""
    web = f"{WEB}/{REPO}/pull/{number}#pullrequestreview-{id}"
    return {
        "id": id, "node_id": f"PRR_{id}", "user": user(9, "eve"), "body": "Good.", "commit_id": "c0ffee",
        "submitted_at": "2026-05-01T13:00:00Z", "state": "approved", "html_url": web,
        "pull_request_url": f"{API}/repos/{REPO}/pulls/{number}", "author_association": "MEMBER", **more,
    }  # fmt: skip


def review_comment(number: int = 20, id: int = 8001, **more: Any) -> Row:  # noqa: A002
    """A comment on a line of a diff."""
    api, web = f"{API}/repos/{REPO}/pulls/{number}", f"{WEB}/{REPO}/pull/{number}#discussion_r{id}"
    return {**comment(number, id, html_url=web, pull_request_url=api), "path": "a.py", "diff_hunk": "@@ -1 +1 @@"}


def release(id: int = 3001, **more: Any) -> Row:  # noqa: A002
    """A published release."""
    return {
        "id": id, "tag_name": "v1.0", "name": "One", "draft": False, "prerelease": False, "author": user(),
        "created_at": "2026-05-01T08:00:00Z", "published_at": "2026-05-01T09:00:00Z",
        "html_url": f"{WEB}/{REPO}/releases/tag/v1.0", "body": "At last.", "assets": [], **more,
    }  # fmt: skip


def event(
    kind: str, payload: Mapping[str, Any], *, id: int = 31_000_000_001, at: str = "2026-05-01T14:00:00Z",  # noqa: A002
    repo: tuple[int, str] = (REPO_ID, REPO), actor: tuple[int, str] = (7, "ada"),
) -> Row:  # fmt: skip
    """An event in GitHub's own order of keys."""
    number, login = actor
    return {
        "id": str(id), "type": kind,
        "actor": {"id": number, "login": login, "display_login": login, "gravatar_id": "",
                  "url": f"{API}/users/{login}", "avatar_url": f"https://avatars.githubusercontent.com/u/{number}?"},
        "repo": {"id": repo[0], "name": repo[1], "url": f"{API}/repos/{repo[1]}"},
        "payload": dict(payload), "public": True, "created_at": at,
        "org": {"id": 99, "login": "nova", "gravatar_id": "", "url": f"{API}/orgs/nova",
                "avatar_url": "https://avatars.githubusercontent.com/u/99?"},
    }  # fmt: skip


def line(row: Mapping[str, Any]) -> bytes:
    """An event as GH Archive writes it: no spaces, characters as they are."""
    return json.dumps(row, separators=(",", ":"), ensure_ascii=False).encode()


def write_hour(path: Path, rows: Iterable[Mapping[str, Any] | bytes]) -> Path:
    """An hour file: gzip or plain, by its name; bytes are written as they are."""
    content = b"".join((row if isinstance(row, bytes) else line(row)) + b"\n" for row in rows)
    path.write_bytes(gzip.compress(content, mtime=0) if path.suffix == ".gz" else content)
    return path
