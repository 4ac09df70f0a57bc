"""Keepers of the doorbell port."""
