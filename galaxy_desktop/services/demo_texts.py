"""Invented words for the demo workspaces: a team that builds a booking app, and nobody real."""

from __future__ import annotations

OWNER = "nova-demo"
REPOSITORIES = ("api", "web", "mobile")
PEOPLE = ("ada-demo", "bo-demo", "chen-demo", "dara-demo", "eli-demo", "fay-demo")
HOST = "https://github.example"
"""A reserved name: a click on demo evidence can open nobody's real repository."""

VERBS = ("Add", "Fix", "Speed up", "Document", "Simplify", "Test", "Harden", "Translate")
THINGS = {
    "api": (
        "token refresh", "booking search", "rate limits", "invoice export", "webhook retries", "calendar feed", "audit trail",
        "seat locking", "currency rounding", "health endpoint", "password reset", "pagination of bookings",
    ),
    "web": (
        "checkout form", "date picker", "price summary", "keyboard navigation", "error page", "loading skeletons", "login screen",
        "booking history", "dark theme", "print layout", "receipt download", "filter panel",
    ),
    "mobile": (
        "offline tickets", "push messages", "camera scan", "deep links", "biometric login", "map of venues", "cold start",
        "crash reports", "tablet layout", "share sheet", "background sync", "ticket wallet",
    ),
}  # fmt: skip

CRITERIA = """{why}

## Acceptance criteria
- [{a}] works for a new and for an existing account
- [{b}] covered by a test that fails without the change
- [{c}] described in the changelog
"""

WHYS = (
    "Support hears about this several times a week, and the workaround costs a customer about five minutes.",
    "The current behavior surprises people: they expect the choice they made last time to be kept.",
    "This is the last piece that the partner pilot needs before they can switch over.",
    "We measured it last sprint and it is the slowest step of a booking.",
)
BARE = ("see title", "as discussed", "")

CALM = (
    "Looks good to me, thanks for the clear description.",
    "Nice, this is much simpler than what we had. Approved.",
    "Tried it on a slow connection and it works well.",
    "Great catch, I added a test for the empty case.",
)
TENSE = (
    "This is still broken for me and I am getting frustrated, the same error comes back after every rebase.",
    "I can't reproduce the build at all, the pipeline fails with a confusing error again.",
    "Sorry, but this is a mess: the change breaks login and nobody has looked at it for days.",
)
FILES = {
    "api": ("src/booking.py", "src/auth.py", "src/invoice.py", "tests/test_booking.py", "src/calendar.py"),
    "web": ("src/checkout.tsx", "src/login.tsx", "src/theme.css", "src/history.tsx", "tests/checkout.test.tsx"),
    "mobile": ("lib/tickets.dart", "lib/login.dart", "lib/scan.dart", "lib/push.dart", "test/tickets_test.dart"),
}
