"""OCFL 1.1 objects: inventory, writing order, checking."""
