"""The sensor: a task that waits until an answer of the API is as it should be."""
