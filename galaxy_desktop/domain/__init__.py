"""Frozen records: work, sprints, evidence, facts, findings, events. Imports the standard library only."""
