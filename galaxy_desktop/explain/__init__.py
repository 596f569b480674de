"""Pure: each claim to its evidence and formula; templates for facts mode."""
