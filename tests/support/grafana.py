"""Runs deploy/grafana/dashboard.py, which is a script and not a module, and holds its global names."""

import runpy
from typing import Any

from support.readme import README

GRAFANA: dict[str, Any] = runpy.run_path(str(README.parent / "deploy" / "grafana" / "dashboard.py"))
