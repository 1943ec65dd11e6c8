"""Feeders bring wire copy from files, folders, archives and HTTP feeds to the raw topic."""
