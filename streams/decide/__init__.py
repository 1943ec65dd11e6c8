"""The fold: the log in, every outcome out."""
