"""deploy/acls.sh as the code has it: `python tests/support/acls.py` writes it."""

from pathlib import Path

from streams.kafka.acls import script

FILE = Path(__file__).resolve().parents[2] / "deploy" / "acls.sh"

if __name__ == "__main__":
    FILE.write_text(script(), encoding="utf-8")
    FILE.chmod(0o755)
