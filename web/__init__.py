"""HTTP in and out: JSON API, pages, sign-in, byte ranges; no decisions of its own."""
