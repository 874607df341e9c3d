"""The hook: what tasks use, and how its connection is read."""
