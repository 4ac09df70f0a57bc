"""The ObjectStore port and its keepers."""
