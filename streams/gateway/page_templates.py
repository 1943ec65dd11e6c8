"""Renders the pages from the templates of the package, with all texts escaped."""

from importlib import resources

from jinja2 import DictLoader, Environment, StrictUndefined

_FOLDER = resources.files("streams.gateway").joinpath("templates")
_ENVIRONMENT = Environment(
    loader=DictLoader(
        {file.name: file.read_text(encoding="utf-8") for file in _FOLDER.iterdir() if file.name.endswith(".html")}
    ),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=StrictUndefined,
)


def render_page(name: str, **values: object) -> bytes:
    """Renders a template. Every text in it is escaped; a value that is missing is an error."""
    return _ENVIRONMENT.get_template(name).render(**values).encode("utf-8", "replace")
