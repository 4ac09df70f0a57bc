"""Signatures: how the leading bytes of every format we know look. Pure functions over bytes, no reading of files."""
