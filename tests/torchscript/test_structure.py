"""What arranges values without computing any: lists, tuples, chunks, methods, names, and the forms of one graph."""

import numpy as np
import pytest

from fuser_core import DTypeError, GraphError, ShapeError, parse_ir, register_fusion
from torchscript.comparison import run

PLAIN = """graph(%x : Tensor, %y : Tensor):
  %one : int = prim::Constant[value=1]()
  %p : Tensor = aten::mul(%x, %y)
  %r : Tensor = aten::add(%p, %y, %one)
  return (%r)"""
RENAMED = """graph(%a.1 : Float(3, 4, strides=[4, 1], requires_grad=0, device=cpu),
      %b.1 : Float(*, *, device=cpu)):
  %4 : int = prim::Constant[value=1]() # net.py:7:11
  %2 : Float(3:4, 4:1) = aten::mul(%a.1, %b.1), scope: Net/Layer[first] # net.py:7:11
  %3 : Tensor(a!)? = aten::add(%2, %b.1, %4)
  return (%3)
"""


def test_alpha_equivalent_graphs_share_a_key():
    assert register_fusion(parse_ir(PLAIN)) == register_fusion(parse_ir(RENAMED))
    assert register_fusion(parse_ir(PLAIN)) == register_fusion(parse_ir(str(parse_ir(RENAMED))))


@pytest.mark.parametrize(
    ("old", "new"), [("(%x, %y)", "(%y, %x)"), ("value=1", "value=2"), ("value=1", "value=1."), ("::add", "::sub")]
)
def test_graphs_that_differ_do_not(old, new):
    assert old in PLAIN
    assert register_fusion(parse_ir(PLAIN.replace(old, new, 1))) != register_fusion(parse_ir(PLAIN))


def test_constants_that_say_how_become_attributes():
    text = """graph(%x : Tensor):
      %n : NoneType = prim::Constant()
      %t : bool = prim::Constant[value=1]()
      %i : int = prim::Constant[value=1]()
      %d : int[] = prim::ListConstruct(%i)
      %s : Tensor = aten::sum(%x, %d, %t, %n)
      return (%s)"""
    assert str(parse_ir(text)) == "graph(%0):\n  %1 = aten::sum[dim=(1,), keepdim=True](%0)\n  return (%1)"


def test_lists_and_tuples_leave_nothing():
    text = """graph(%x : Tensor, %y : Tensor):
      %l : Tensor[] = prim::ListConstruct(%x, %y)
      %a : Tensor, %b : Tensor = prim::ListUnpack(%l)
      %t : (Tensor, (Tensor, Tensor)) = prim::TupleConstruct(%b, %l)
      %c : Tensor, %d : Tensor[] = prim::TupleUnpack(%t)
      %z : int = prim::Constant[value=0]()
      %e : Tensor = aten::__getitem__(%d, %z)
      %f : Tensor = prim::TupleIndex(%t, %z)
      %r : (Tensor, Tensor, Tensor[]) = prim::TupleConstruct(%e, %f, %d)
      return (%r)"""
    assert str(parse_ir(text)) == "graph(%0, %1):\n  return (%0, %1, %0, %1)"


def test_constant_lists_can_be_unpacked():
    text = """graph(%x : Tensor):
      %l : int[] = prim::Constant[value=[2, 3]]()
      %a : int, %b : int = prim::ListUnpack(%l)
      %r : Tensor = aten::clamp(%x, %a, %b)
      return (%r)"""
    (result,) = run(parse_ir(text), [np.arange(6)])
    assert result.tolist() == [2, 2, 2, 3, 3, 3]


FUSED = """graph(%x : Tensor, %y : Tensor):
  %a : Tensor, %b : Tensor = prim::ConstantChunk[chunks=2, dim=-1](%x)
  %p : Tensor = aten::mul(%a, %b)
  %c : Tensor = prim::FusedConcat[dim={dim}](%p, %y, %a)
  return (%p, %c)"""


@pytest.mark.parametrize("dim", [0, 1, -1])
def test_the_fused_forms_of_chunk_and_cat(dim):
    x, y = np.arange(12.0).reshape(3, 4), np.ones((3, 2))
    product, joined = run(parse_ir(FUSED.format(dim=dim)), [x, y])
    assert np.array_equal(product, x[:, :2] * x[:, 2:])
    assert np.array_equal(joined, np.concatenate([x[:, :2] * x[:, 2:], y, x[:, :2]], dim))


def test_chunks_are_views():
    x = np.arange(12.0).reshape(3, 4)
    (half,) = run(parse_ir("graph(%x):\n%a, %b = prim::ConstantChunk[chunks=2, dim=1](%x)\nreturn (%b)"), [x])
    assert np.shares_memory(half, x)


def test_a_chunk_that_is_not_there_is_told():
    with pytest.raises(ShapeError, match="a chunk of number 3 is asked for, but the array gives only 3 chunks"):
        run(parse_ir("graph(%x):\n%a = prim::ConstantChunk[chunks=4, index=3](%x)\nreturn (%a)"), [np.ones(5)])


@pytest.mark.parametrize(
    ("op", "shape", "message"),
    [
        ("aten::unsqueeze[dim=3]", (2,), "axis 3 is out of range for an array of 2 dimensions"),
        ("aten::select[dim=0, index=5]", (2,), "index 5 is out of range for axis 0 of size 2"),
        ("prim::ConstantChunk[chunks=2]", (), "axis 0 is out of range for an array of 0 dimensions"),
        ("aten::t", (2, 3, 4), "aten::t takes at most 2 dimensions, and was given 3; use permute"),
        ("aten::cat", (), "0-d arrays cannot be put together; use stack"),
        (
            "aten::view[size=(-1, 4)]",
            (2, 3),
            r"cannot reshape array of size 6 into shape \(4\); give sizes that multiply",
        ),
        ("aten::reshape[size=(-2, 3)]", (2, 3), r"aten::reshape: \[-2, 3\] holds an invalid size; give -1 for what is"),
        ("aten::view[size=5]", (5,), "aten::view was given 5 for a shape; give it a list of integers"),
        ("aten::flatten[start_dim=2]", (2, 3), "aten::flatten: axis 2 is out of range for an array of 2 dimensions"),
        ("aten::flatten[start_dim=1, end_dim=0]", (2, 3), "start_dim cannot come after end_dim; swap them"),
        ("aten::size[dim=2]", (2, 3), "aten::size: axis 2 is out of range for an array of 2 dimensions"),
    ],
)
def test_shapes_that_do_not_fit_are_told(op, shape, message):
    with pytest.raises(ShapeError, match=message):
        run(parse_ir(f"graph(%x):\n%a = {op}(%x)\nreturn (%a)"), [np.ones(shape)])


def test_arrays_that_cannot_be_joined_are_told():
    with pytest.raises(ShapeError, match=r"aten::cat: array 0 has shape \(2, 3\) and array 1 has shape \(3, 3\)"):
        run(parse_ir("graph(%x, %y):\n%a = aten::cat[dim=1](%x, %y)\nreturn (%a)"), [np.ones((2, 3)), np.ones((3, 3))])


@pytest.mark.parametrize(
    ("line", "argument", "message"),
    [
        ("aten::neg(%x)", np.array([True]), "aten::neg is not defined for bool in PyTorch; cast the operands first"),
        ("aten::sub(%x, %x)", np.array([True]), "for masks use . or logical_xor, and logical_not"),
        ("aten::mean(%x)", np.arange(3), "aten::mean is not defined for int64"),
        ("aten::clamp[min=None, max=None](%x)", np.ones(3), "at least one of min and max must not be None"),
        ("aten::to[dtype=8](%x)", np.ones(3), "8 is the number of no dtype that NumPy has"),
    ],
)
def test_dtypes_that_pytorch_refuses_are_told(line, argument, message):
    with pytest.raises(DTypeError, match=message):
        run(parse_ir(f"graph(%x):\n%r = {line}\nreturn (%r)"), [argument])


def test_an_unknown_rounding_mode_is_told():
    graph = parse_ir("graph(%x):\n%r = aten::div[rounding_mode='up'](%x, %x)\nreturn (%r)")
    with pytest.raises(GraphError, match="rounding modes 'floor' and 'trunc', and was given 'up'"):
        run(graph, [np.ones(3)])


def test_a_method_s_object_is_no_input():
    graph = parse_ir("graph(%self : __torch__.Net, %x : Tensor):\n  %r = aten::relu(%x)\n  return (%r)")
    assert len(graph.inputs) == 1


def test_the_forms_of_to():
    text = """graph(%x : Tensor, %y : Tensor):
      %n : NoneType = prim::Constant()
      %f : bool = prim::Constant[value=0]()
      %six : int = prim::Constant[value=6]()
      %cpu : Device = prim::Constant[value="cpu"]()
      %d : int = prim::dtype(%y)
      %1 : Tensor = aten::to(%x, %six, %f, %f, %n)
      %2 : Tensor = aten::to(%x, %cpu, %six, %f, %f, %n)
      %3 : Tensor = aten::to(%x, %cpu, %n, %f, %f)
      %4 : Tensor = aten::to(%x, %y, %f, %f, %n)
      %5 : Tensor = aten::to(%x, %d, %f, %f, %n)
      %r : (Tensor, Tensor, Tensor, Tensor, Tensor) = prim::TupleConstruct(%1, %2, %3, %4, %5)
      return (%r)"""
    results = run(parse_ir(text), [np.arange(3), np.ones(1, np.float16)])
    assert [str(result.dtype) for result in results] == ["float32", "float32", "int64", "float16", "float16"]


@pytest.mark.parametrize(
    ("constant", "expected"),
    [
        ("float = prim::Constant[value=1]()", 1.0),
        ("bool = prim::Constant[value=1]()", True),
        ("int = prim::Constant[value=-7]()", -7),
        ("float = prim::Constant[value=1e-08]()", 1e-8),
        ("float = prim::Constant[value=-inf]()", -np.inf),
        ("float = prim::Constant[value=2.]()", 2.0),
        ("float = prim::Constant[value=0.10000000000000001]()", 0.1),
        ("complex = prim::Constant[value=(0+1j)]()", 1j),
        ("Double(requires_grad=0, device=cpu) = prim::Constant[value={0.5}]()", np.float64(0.5)),
        ("Long() = prim::Constant[value={-3}]()", np.int64(-3)),
    ],
)
def test_constants_have_the_type_that_is_written(constant, expected):
    (node,) = parse_ir(f"graph():\n  %c : {constant}\n  return (%c)").nodes
    value = node.attributes["value"]
    assert (type(value), value) == (type(expected), expected)
