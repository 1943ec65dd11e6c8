"""Training of the statistical model (`newswire train`): needs the extra `train`."""
