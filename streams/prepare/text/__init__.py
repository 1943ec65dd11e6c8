"""Reads plain text: language, dates, datelines, boilerplate, fingerprints."""
