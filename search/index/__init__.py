"""The SearchIndex port and its keepers."""
