"""Supports operators and editors: audit, explanations, dead letters, kills and releases."""
