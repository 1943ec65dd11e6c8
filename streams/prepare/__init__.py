"""The map: one raw record in, log records out."""
