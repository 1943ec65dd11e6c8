"""Assigns site categories and sectors to items, from wire codes, editable rules and a statistical model."""
