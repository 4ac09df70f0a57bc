"""Choices: which of the values that readers found becomes the asset's, field by field, and why."""
