"""Writes deploy/acls.sh, the script that grants the permissions, from the code: `python tests/support/acls.py`."""

from pathlib import Path

from streams.kafka.acls import format_script

FILE = Path(__file__).resolve().parents[2] / "deploy" / "acls.sh"

if __name__ == "__main__":
    FILE.write_text(format_script(), encoding="utf-8")
    FILE.chmod(0o755)
