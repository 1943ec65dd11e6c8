"""Folds the log into outcomes: which items are new, revisions, withdrawals or duplicates."""
