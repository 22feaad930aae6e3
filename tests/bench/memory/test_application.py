"""bench.memory.application: which tests passed, and why others can't."""

from bench.memory.application import Suite, of_results, told

_JUNIT = """<testsuites><testsuite>
<testcase name="test_a_tool_is_read"/>
<testcase name="test_nobody_without_the_key[wrong]"><failure message="assert 200 == 401&#10;more"/></testcase>
<testcase name="test_new"><error message="KeyError"/></testcase>
</testsuite></testsuites>"""


def test_results_are_those_of_junit() -> None:
    """A failure and an error haven't passed; the first line says why."""
    assert of_results(_JUNIT) == Suite(
        ["test_a_tool_is_read"], {"test_nobody_without_the_key[wrong]": "assert 200 == 401", "test_new": "KeyError"}
    )


def test_the_page_explains_what_fails() -> None:
    """What nobody has explained yet is told in its own words."""
    text = "\n".join(told(of_results(_JUNIT)))

    assert text.startswith("1 of 3 tests")
    assert "| `test_nobody_without_the_key[wrong]` | a mock takes any key |" in text
    assert "| `test_new` | NOT EXPLAINED: KeyError |" in text
