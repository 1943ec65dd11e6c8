"""Does what the editors want: the plans of their commands, the records that they read and append, and their page."""
