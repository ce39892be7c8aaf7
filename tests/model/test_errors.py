"""Every error has its own code, an exit code of the command line and an HTTP status."""

from jiqun.model import errors
from jiqun.model.errors import InputRefused, JiqunError
from jiqun.model.findings import Finding, Place, Severity


def family(root: type[JiqunError]) -> list[type[JiqunError]]:
    return [
        root,
        *(below for child in root.__subclasses__() if child.__module__ == errors.__name__ for below in family(child)),
    ]


def test_every_error_stands_in_the_tree_with_a_code_of_its_own():
    classes = family(JiqunError)
    assert len({c.code for c in classes}) == len(classes)
    assert all(c.__name__ in (errors.__doc__ or "") for c in classes)
    assert {c.exit_code for c in classes} <= {1, 2, 3}
    assert all(400 <= c.http_status < 600 for c in classes)


def test_a_refusal_says_its_first_fault_and_how_many_more():
    finding = Finding("period", Severity.ERROR, "时期“今年”读不懂", Place("figures.csv", 3), "写成 2023 或 2023H1")
    assert str(InputRefused([finding])) == "figures.csv:3：时期“今年”读不懂　写成 2023 或 2023H1"
    assert "另有 2 处" in str(InputRefused([finding] * 3))
