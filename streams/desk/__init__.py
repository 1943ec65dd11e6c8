"""What the editors do: the plans of their commands, the records that they read and append, and their page."""
