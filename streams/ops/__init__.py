"""What operators and editors do: audit, explain, dead letters, the desk."""
