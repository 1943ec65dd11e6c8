"""AsyncAPI and OpenAPI: valid by their own schemas, and what the code does."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml
from aiohttp import web
from jsonschema import Draft7Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from support import api

from streams.config.loader import load
from streams.gateway.auth import Access
from streams.gateway.consumer import TickerConsumer
from streams.gateway.hub import Hub
from streams.gateway.server import FILES, STREAM_PARAMETERS, Gateway
from streams.gateway.story_address import SECTION_PATHS
from streams.model.topics import TOPICS

PAGES = (*SECTION_PATHS, "/company/{company}", "/news/{name}", "/legend", "/token")
"""The paths of the pages, and of the form in which a reader gives a token."""
OFFICIAL = Path(__file__).resolve().parents[1] / ".venv/validators/asyncapi/schemas/3.0.0.json"


def document(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((api.FOLDER / name).read_text(encoding="utf-8"))
    return loaded


def files_referred_to(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(target := node.get("$ref"), str) and not target.startswith("#"):
            yield target
        for value in node.values():
            yield from files_referred_to(value)
    elif isinstance(node, list):
        for value in node:
            yield from files_referred_to(value)


@pytest.mark.parametrize("name", api.DOCUMENTS)
def test_the_documents_are_those_of_the_code(name: str) -> None:
    assert (api.FOLDER / name).read_text(encoding="utf-8") == api.format_document(api.DOCUMENTS[name]())


@pytest.mark.parametrize("name", api.DOCUMENTS)
def test_every_file_that_is_referred_to_is_there(name: str) -> None:
    named = list(files_referred_to(document(name)))
    assert named
    assert [each for each in named if not (api.FOLDER / each).is_file()] == []


def test_the_gateway_is_described_in_valid_openapi() -> None:
    OpenAPIV31SpecValidator(document("openapi.yaml"), base_uri=f"{api.FOLDER.as_uri()}/").validate()


def test_openapi_has_every_route_of_the_gateway_with_every_parameter() -> None:
    async def routes() -> set[str]:
        settings, hub = load(environ={}), Hub()
        app: web.Application = Gateway(settings, hub, TickerConsumer(settings, hub), Access(settings.gateway)).app()
        return {route.resource.canonical for route in app.router.routes() if route.resource is not None}

    described = document("openapi.yaml")
    assert set(described["paths"]) == asyncio.run(routes()) - set(FILES) - set(PAGES)
    asked = {each["$ref"].rpartition("/")[2] for each in described["paths"]["/stream"]["get"]["parameters"]}
    assert asked == {*STREAM_PARAMETERS, "Last-Event-ID"}


def test_asyncapi_has_every_topic_that_is_somebody_elses_business() -> None:
    described = document("asyncapi.yaml")
    addresses = {
        channel["address"].replace("{category}", category)
        for channel in described["channels"].values()
        for category in channel.get("parameters", {}).get("category", {}).get("enum", [""])
    }
    assert addresses == {f"news.{topic.name}" for topic in TOPICS if topic.name not in api.PRIVATE}


@pytest.mark.system
def test_the_topics_are_described_in_asyncapi_as_its_own_schema_has_it() -> None:
    if not OFFICIAL.is_file():
        pytest.skip("the schema of AsyncAPI is not here: deploy/validators.sh fetches it with npm")
    validator = Draft7Validator(orjson.loads(OFFICIAL.read_bytes()))
    assert [
        f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(document("asyncapi.yaml"))
    ] == []
