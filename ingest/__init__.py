"""Take bytes in, find out what they are and what they say about themselves."""
