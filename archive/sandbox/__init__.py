"""Untrusted bytes are parsed in a child that can reach nothing: rungs, budgets, one run."""
