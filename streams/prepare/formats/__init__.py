"""Wire formats: see FORMATS in table.py."""
