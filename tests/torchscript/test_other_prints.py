"""The other ways in which PyTorch prints a pointwise function: traced, frozen, inlined, with its own passes applied."""

import pytest

from fuser_core import parse_ir
from torchscript.comparison import assert_equal, run
from torchscript.samples import arguments

torch = pytest.importorskip("torch")
judge = pytest.importorskip("torchscript.judge")
FUNCTIONS = pytest.importorskip("torchscript.functions").FUNCTIONS

pytestmark = [pytest.mark.interop, pytest.mark.filterwarnings("ignore")]


class _Module(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.scale = 0.5

    def forward(self, x):
        left, right = (x.relu() * self.scale + 1).chunk(2, 1)
        return left * right, torch.cat([left, right], 0)


def _traced():
    return torch.jit.trace(_Module(), judge.to_torch(*arguments("x"))).inlined_graph


def _traced_function():
    return torch.jit.trace(_Module().forward, judge.to_torch(*arguments("x"))).graph


def _frozen():
    return torch.jit.freeze(torch.jit.script(_Module().eval())).graph


def _optimised():
    module = torch.jit.freeze(torch.jit.script(_Module().eval()))
    for _ in range(2):
        module(judge.to_torch(*arguments("x")))
    return torch.jit.last_executed_optimized_graph()


@pytest.mark.parametrize("make", [_traced, _traced_function, _frozen, _optimised])
def test_a_print_of_a_module_agrees_with_eager(make):
    text = str(make())
    graph = parse_ir(text)
    actual = run(graph, arguments("x"))
    for left, right in zip(actual, judge.eager(_Module(), "x"), strict=True):
        assert_equal(left, right)


def test_what_pytorch_makes_of_its_own_text_is_the_same_graph():
    text = judge.scripted_text(FUNCTIONS["chunked"])
    again = str(torch._C.parse_ir(text))
    assert again != text
    assert parse_ir(again).cache_key == parse_ir(text).cache_key


def test_a_module_that_is_not_frozen_is_told():
    with pytest.raises(
        ValueError, match=r"prim::GetAttr asks something of a module; print the graph of torch.jit.freeze"
    ):
        parse_ir(str(torch.jit.script(_Module()).graph))
