"""What PyTorch printed and computed for scripted functions, as recorded, is parsed and computed here without it."""

import json
from pathlib import Path

import numpy as np
import pytest

from fuser_core import parse_ir
from torchscript.comparison import assert_equal, run
from torchscript.samples import arguments

RECORDS = json.loads((Path(__file__).parent / "data" / "scripted.json").read_text())["functions"]


def _decode(result):
    if "number" in result:
        return result["number"]
    return np.array(result["values"], result["dtype"]).reshape(result["shape"])


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record["name"])
def test_a_recorded_function_agrees(record):
    actual = run(parse_ir(record["text"]), arguments(record["arguments"]))
    assert len(actual) == len(record["results"])
    for left, right in zip(actual, record["results"], strict=True):
        assert_equal(left, _decode(right))


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record["name"])
def test_its_graph_prints_as_text_that_is_read_back(record):
    graph = parse_ir(record["text"])
    assert str(parse_ir(str(graph))) == str(graph)
    assert parse_ir(str(graph)).cache_key == graph.cache_key


def test_there_are_at_least_sixty():
    assert len(RECORDS) >= 60
