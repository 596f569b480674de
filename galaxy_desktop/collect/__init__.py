"""GitHub in, records out: the only folder that knows PyGithub."""
