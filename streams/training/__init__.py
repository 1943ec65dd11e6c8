"""Trains the statistical model for `newswire train`. It needs the extra `train`."""
