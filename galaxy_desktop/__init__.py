"""Galaxy Desktop: will this sprint land, what is in the way, what should we do now - with evidence."""

__version__ = "0.1.0"
