"""Prepares raw records: the map of the pipeline turns one raw record into log records."""
