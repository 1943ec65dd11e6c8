"""Exits with 0 if a worker (port 6066) or a gateway (port 8080) in this container answers /healthz."""

import sys
import urllib.request


def is_alive(port: int) -> bool:
    """Returns whether a process on this port answers /healthz with 200."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(not any(map(is_alive, map(int, sys.argv[1:] or ["6066", "8080"]))))
