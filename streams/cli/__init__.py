"""The commands of newswire, one module each."""
