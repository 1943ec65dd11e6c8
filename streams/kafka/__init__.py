"""The embedded broker and the administration of topics."""
