"""Bad text: every refusal names the line, shows it, and says what belongs there."""

import sys

import pytest

from fuser_core import ArgumentError, GraphError, parse_ir


def _body(*lines, inputs="%x : Tensor, %y : Tensor", result="%r"):
    return "\n".join([f"graph({inputs}):", *(f"  {line}" for line in lines), f"  return ({result})"])


SYNTAX = {
    "": "line 1, ``: expected 'graph', found end of the text",
    "grap(%x):": "line 1, `grap(%x):`: expected 'graph', found 'grap'",
    "graph(%x : Tensor)": "line 1, `graph(%x : Tensor)`: expected ':', found end of the text",
    "graph(%x : Tensor):\n  %r = aten::relu(%x)": (
        "line 2, `%r = aten::relu(%x)`: expected an operation `%y = namespace::name(%x)`, or `return (%y)`, found "
        "end of the text"
    ),
    "graph(x):\n  return (%x)": "line 1, `graph(x):`: expected a value such as %x, found 'x'",
    "graph(%x : Float(3, 4):\n  return (%x)": "line 1, `graph(%x : Float(3, 4):`: expected the type to end on its line",
    "graph(%x : ):\n  return (%x)": "expected a type such as Tensor, found ')'",
    _body("%r = relu(%x)"): "line 2, `%r = relu(%x)`: relu has no namespace; operations are named as in aten::relu",
    _body("%r = aten::relu(x)"): "line 2, `%r = aten::relu(x)`: expected a value such as %x, found 'x'",
    _body("%r = aten::relu(%x"): "line 3, `return (%r)`: expected ',', found 'return'",
    _body("%r aten::relu(%x)"): "line 2, `%r aten::relu(%x)`: expected ',', found 'aten::relu'",
    _body("%r = aten::relu(%x) %y"): "line 2, `%r = aten::relu(%x) %y`: expected the end of the line, found '%y'",
    _body("%r = aten::relu(%x) ; $x"): "expected the end of the line, found ';'",
    _body("%r = aten::relu(`%x)"): "line 2, `%r = aten::relu(`%x)`: '`' begins no word of a graph",
    _body('%r : str = prim::Constant[value="a]()'): 'line 2, `%r : str = prim::Constant[value="a]()`: a string is not',
    _body("%r = prim::Constant[value=]()"): "expected a number, a string, a list or a name such as True, found ']'",
    _body("%r = prim::Constant[value]()"): "expected '=', found ']'",
    _body("%r = prim::Constant[value=1, value=2]()"): "the attribute value is given twice",
    _body("%r = prim::Constant[value=(1)]()"): "a tuple of one item ends in a comma, as in (1,)",
    _body("%r = prim::Constant[value=foo]()"): "foo is no value that a graph can hold",
    _body("%r = prim::Constant[value=<Tensor>]()"): "expected a number, a string, a list or a name such as True",
    _body("%r = prim::Constant[value= 1  2 [ CPUFloatType{2} ]]()"): "expected ',', found '2'",
    _body("%r = prim::Constant[value={1}]()"): "a tensor constant needs a type with a dtype, such as Float()",
    _body("%r = np::astype[dtype=dtype('i4,(2,3)f8')](%x)"): "'i4,(2,3)f8' is not the name of a dtype of numbers",
    _body("%r = np::astype[dtype=dtype('M8')](%x)"): "'M8' is not the name of a dtype of numbers",
    _body("%r = prim::Constant[value=np.int8(300)]()"): "np.int8(300) is no number: ",
    _body("%r = prim::Constant[value=np.float64((1, 2))]()"): "np.float64((1, 2)) is no number: (1, 2) is a tuple",
    _body("%r = prim::Constant[value=np.float64(None)]()"): "np.float64(None) is no number: None is a NoneType",
    _body("%r = np::astype[dtype=dtype('a5')](%x)"): "'a5' is not the name of a dtype of numbers",
    _body(r'%r : str = prim::Constant[value="\U00110000"]()'): "has an escape that is no character: chr() arg not in",
    _body("%r : Long() = prim::Constant[value={(1, 2)}]()"): "(1, 2) is a tuple",
    _body("%r : Long() = prim::Constant[value={100000000000000000000}]()"): "{100000000000000000000} is no Long(): ",
    _body(f"%r : float = prim::Constant[value={'9' * 400}]()"): "the constant is no float: int too large to convert",
    _body("%r = np::getitem[index=slice(1, 2)](%x)"): "a slice has 3 parts, this one has 2",
    _body("%r = ^Function()(%x)"): "a Python function is called; write its body in TorchScript",
    _body("%r = aten::relu(%x)")
    + "\nwith prim::FusionGroup_0 = graph(%a):": "expected nothing after the graph's return",
    _body("%r = prim::If(%x)", "  block0():", "    -> (%x)"): (
        "line 2, `%r = prim::If(%x)`: prim::If is control flow, which a graph does not have; choose values with "
        "aten::where"
    ),
}

MEANING = {
    _body("%r = aten::relux(%x)"): (
        "line 2, `%r = aten::relux(%x)`: aten::relux is not an operation that fuser_core knows"
    ),
    _body("%r = aten::simoid(%x)"): "did you mean aten::sigmoid?",
    _body("%r = mine::op(%x)"): "mine::op is not an operation that fuser_core knows",
    _body("%r = aten::relu(%z)"): "line 2, `%r = aten::relu(%z)`: %z is used before it is defined; define each value",
    _body("%q = aten::relu(%x)"): "line 3, `return (%r)`: %r is used before it is defined",
    _body("%x = aten::relu(%y)", result="%x"): "line 2, `%x = aten::relu(%y)`: %x is defined twice; give each value a",
    _body(inputs="%x, %x", result="%x"): "line 1, `graph(%x, %x):`: %x is defined twice",
    _body("%r = aten::relu(%x, %y)"): (
        "line 2, `%r = aten::relu(%x, %y)`: aten::relu takes (self), and was given (a value that is known only at run "
        "time, a value that is known only at run time)"
    ),
    _body("%r = aten::lerp(%x, %y)"): "aten::lerp takes (self, end, weight), and was given (",
    _body("%n = prim::Constant()", "%r = aten::mul(%x, %n)"): "aten::mul takes (self, other), and was given (a value ",
    _body("%r = aten::unsqueeze(%x, %y)"): "aten::unsqueeze takes (self, dim), and was given",
    _body(
        "%r = aten::sum[axis=1](%x)"
    ): "aten::sum takes (self, dtype=None) or (self, dim, keepdim=False, dtype=None),",
    _body("%r, %s = aten::relu(%x)"): "aten::relu gives 1 values and the line defines 2; name each",
    _body("%r = np::add(%x)"): "line 2, `%r = np::add(%x)`: np::add takes 2 operands, and was given 1",
    _body("%r = np::divmod(%x, %y)"): "np::divmod gives 2 values and the line defines 1",
    _body("%r = np::getitem(%x)"): "np::getitem needs the attribute index, a tuple of integers, slices, None and one",
    _body(
        "%r = np::getitem[index=0](%x)"
    ): "the attribute index of np::getitem is 0; give it a tuple of integers, slices",
    _body("%r = np::getitem[index=(slice(None, None, 0),)](%x)"): "the attribute index of np::getitem is (slice(None,",
    _body(
        "%r = np::getitem[index=(Ellipsis, Ellipsis)](%x)"
    ): "give it a tuple of integers, slices, None and one Ellips",
    _body("%r = np::astype(%x)"): "np::astype needs the attribute dtype, a dtype such as dtype('float32')",
    _body("%r = np::sum[axis='a'](%x)"): "the attribute axis of np::sum is 'a'; give it an integer, several or None",
    _body(
        "%r = np::sum[axis=9223372036854775807](%x)"
    ): "the attribute axis of np::sum is 9223372036854775807; give it an",
    _body("%r = np::sum[keepdims=1](%x)"): "the attribute keepdims of np::sum is 1; give it True or False",
    _body("%r = np::sum[dtype='f4'](%x)"): "the attribute dtype of np::sum is 'f4'; give it a dtype such as",
    _body(
        "%r = np::clip[bounds=('first',)](%x, %y)"
    ): "the attribute bounds of np::clip is ('first',); give it ('low',)",
    _body(
        "%r = np::accumulate[ufunc='load'](%x)"
    ): "the attribute ufunc of np::accumulate is 'load'; give it the name of",
    _body("%r = py::add(%x, %y)"): "py::add needs the attribute type, bool, int, float or complex",
    _body("%r = py::size[axis=(0, 1)](%x)"): "the attribute axis of py::size is (0, 1); give it an integer",
    _body("%n = prim::Constant()", "%r = np::add(%x, %n)"): "np::add takes arrays and numbers, and was given None",
    _body(
        "%n = prim::Constant[value=int]()", result="%n"
    ): "the constant <class 'int'> is returned; a graph returns arr",
    _body(
        "%n = prim::Constant[value=(1, 2)]()", result="%n"
    ): "the constant (1, 2) is returned; a graph returns arrays",
    _body("%r = aten::add_(%x, %y)"): "aten::add_ works in place on an input of the graph, which belongs to the caller",
    _body("%r = aten::item(%x)"): "aten::item makes a Python number at run time, which a graph cannot",
    _body('%r = prim::GetAttr[name="w"](%x)'): "prim::GetAttr asks something of a module; print the graph of",
    _body("%l = prim::ListConstruct(%x, %y)", "%r = prim::ListUnpack(%l)"): "prim::ListUnpack gives 2 values and the",
    _body("%r = prim::ListUnpack(%x)"): "prim::ListUnpack takes one list or tuple, and was given a value that is known",
    _body(
        "%l = prim::ListConstruct(%x)", "%r = aten::mul(%l, %x)"
    ): "and was given (a list of 1, a value that is known",
    _body("%l = prim::ListConstruct(%x)", "%r = np::add(%l, %x)"): "np::add takes arrays and numbers, and was given a",
    _body(
        "%r = aten::chunk(%x, %y, %y)"
    ): "aten::chunk takes an array, a constant number of chunks and a constant axis",
    _body("%r = prim::Constant()"): "line 3, `return (%r)`: None is returned; a graph returns arrays and numbers",
    _body('%f : Function = prim::Constant[name="conv1d"]()', "%r = prim::CallFunction(%f, %x)"): (
        "prim::CallFunction of the function conv1d, a value that is known only at run time is not understood"
    ),
    _body(inputs="%x : Tensor[]", result="%x"): "the input %x is a Tensor[]; pass its arrays and numbers one by one",
    _body(inputs="%x : (Tensor, Tensor)", result="%x"): "the input %x is a (Tensor,Tensor); pass its arrays and",
    _body("%r = aten::relu(%self)", inputs="%self : __torch__.Net"): "and was given (an object of type __torch__.Net)",
}


@pytest.mark.parametrize(("text", "message"), [*SYNTAX.items(), *MEANING.items()], ids=str)
def test_bad_text_is_told(text, message):
    with pytest.raises(GraphError) as caught:
        parse_ir(text)
    assert message in str(caught.value)
    assert str(caught.value).startswith("line ")


@pytest.mark.parametrize(
    "value", ["__import__('os').abort()", "exec('1/0')", "open('x')", "lambda: 1", "1 + 1", "[x for x in ()]", "f''"]
)
def test_text_is_never_evaluated(value):
    with pytest.raises(GraphError):
        parse_ir(_body(f"%r = prim::Constant[value={value}]()"))


@pytest.mark.parametrize("opening", "[({")
def test_deep_nesting_is_refused_before_python_runs_out_of_stack(opening):
    with pytest.raises(GraphError, match="nested more than 32 levels deep; flatten it"):
        parse_ir(_body(f"%r = prim::Constant[value={opening * (sys.getrecursionlimit() * 2)}]()"))


@pytest.mark.parametrize(
    ("inner", "message"), [("%l{0}, %l{0}", "131072 values in 18 levels"), ("%l{0}", "1 values in 33 levels")]
)
def test_lists_that_grow_without_end_are_refused(inner, message):
    lists = [f"%l{number + 1} = prim::ListConstruct({inner.format(number)})" for number in range(200)]
    with pytest.raises(GraphError, match=f"a list of {message} is too much"):
        parse_ir(_body("%l0 = prim::ListConstruct(%x)", *lists, result="%l200"))


def test_endless_digits_are_refused():
    with pytest.raises(GraphError, match="is no number: Exceeds the limit"):
        parse_ir(_body(f"%r = prim::Constant[value={'9' * 5000}]()"))


def test_what_is_no_text_is_refused():
    with pytest.raises(ArgumentError, match="takes the text of a graph, and was given a bytes; use str"):
        parse_ir(b"graph():")


def test_a_long_line_is_shown_in_part():
    with pytest.raises(GraphError, match="begins no word") as caught:
        parse_ir(_body(f"%r = aten::relu({' ' * 100_000}$$`"))
    assert len(str(caught.value)) < 1000
