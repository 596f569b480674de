"""GH Archive in, records out: years of a repository's public history before the first request to GitHub.

gharchive.org keeps what GitHub's public events feed said, one file an hour, one event a line. `download` fetches
hours, `lines` reads a file ahead in blocks of whole lines, `scan` finds the few lines that concern the tracked
repositories, `shapes` turns an event into the same records that polling makes, and `reading` does these for a
file. `services/archive.py` puts them in order and into the store.

The feed is a witness, not the truth: hours are missing from it, and since October 2025 a pull request is little more
than a number there. So nothing is guessed. A record is made only of what one event says in full; it carries the
event's moment as the time it was observed, and the store prefers whatever was seen later.
"""
