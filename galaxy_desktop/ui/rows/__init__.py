"""Qt item models over typed rows."""
