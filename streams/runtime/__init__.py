"""What every long-running process has: logging, metrics, health, start-up and supervision."""
