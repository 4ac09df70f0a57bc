"""One reader per source of embedded metadata; each runs in a sandboxed child."""
