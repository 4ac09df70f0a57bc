"""Text to tokens: pure functions, the same for documents and queries."""
