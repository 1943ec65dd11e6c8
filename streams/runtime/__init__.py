"""Parts of every long-running process: logging, metrics, health, start-up and supervision."""
