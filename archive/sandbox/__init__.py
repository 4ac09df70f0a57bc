"""The sandbox: one place where parsers of other people's bytes run, and nothing else is in reach."""
