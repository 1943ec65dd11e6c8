"""Wire formats: `registry.py` lists them, and each has a module of its own."""
