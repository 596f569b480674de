"""The dependency graph: a layout of our own, and its drawing."""
