"""The pages of the window; each shows a View and tells what was wanted of it through signals."""
