"""The dashboard's table, which is a script of deploy/ and no module."""

import runpy
from typing import Any

from support.readme import README

GRAFANA: dict[str, Any] = runpy.run_path(str(README.parent / "deploy" / "grafana" / "dashboard.py"))
