from support.ninjs_schema import errors

URI = "urn:newswire:alphawire:A1"


def test_an_event_with_a_uri_alone_is_valid() -> None:
    assert errors({"uri": URI}) == []


def test_an_event_without_uri_is_not_valid() -> None:
    assert errors({"type": "text"}) == ["$: 'uri' is a required property"]


def test_formats_are_checked() -> None:
    assert errors({"uri": URI, "versionCreated": "yesterday"}) == ["$.versionCreated: 'yesterday' is not a 'date-time'"]
    assert errors({"uri": "no uri at all"}) == ["$.uri: 'no uri at all' is not a 'uri'"]


def test_a_field_that_the_schema_does_not_know_is_not_valid() -> None:
    [found] = errors({"uri": URI, "colour": "red"})
    assert "colour" in found


def test_geojson_is_found_without_a_network() -> None:
    place = {"name": "Ostrava", "geoJSON": {"type": "Point", "coordinates": [18.28, 49.83]}}
    assert errors({"uri": URI, "places": [place]}) == []
    assert errors({"uri": URI, "places": [{**place, "geoJSON": {"type": "Point"}}]}) != []
