"""bench.shared.mockoon: environments for Mockoon."""

from bench.shared import mockoon


def test_an_environment_names_its_parts() -> None:
    """Each route is a child of the root, and an answer has what is its own."""
    answer = mockoon.answer(2, bodyType="DATABUCKET", databucketID="pets")
    route = mockoon.route(1, "crud", "", "/pets", [answer])
    made = mockoon.environment(4, "pets", [route], mockoon.bucket(3, "pets", "[]"))

    assert made["rootChildren"] == [{"type": "route", "uuid": mockoon.uuid(1)}]
    assert (route["endpoint"], answer["statusCode"], answer["databucketID"]) == ("pets", 200, "pets")
    assert [one["id"] for one in made["data"]] == ["pets"]
