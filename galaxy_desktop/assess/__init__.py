"""Pure: forecast, health, risks and dependencies."""
