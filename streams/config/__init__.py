"""Declares the settings, reads them, and refuses those that are not allowed."""
