"""Pure: candidate actions, ranked by their change in probability."""
