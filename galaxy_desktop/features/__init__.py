"""Pure: the six feature families, from a snapshot and a moment."""
