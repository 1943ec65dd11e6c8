"""The values that travel, the topics and the sources: pure, imported by every other folder."""
