"""Records do what frozen data classes with slots do."""

import abc
import copy
import dataclasses
import inspect
import pickle
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuser_core.records import derived, frozen, replace


@frozen
class Point:
    """A point."""

    x: int
    y: tuple = ()

    def moved(self):
        return replace(self, x=self.x + 1)


@dataclasses.dataclass(frozen=True, slots=True)
class Model:
    x: int
    y: tuple = ()


@frozen
class Nothing:
    pass


@frozen
class Checked:
    value: int
    double: int = derived()

    def __post_init__(self):
        if self.value < 0:
            raise ValueError("negative")
        object.__setattr__(self, "double", 2 * self.value)


@frozen
class Base(abc.ABC):
    step: int

    @abc.abstractmethod
    def run(self): ...


@frozen
class Derived(Base):
    step: int
    more: str = "more"

    def run(self):
        return self.step


@frozen
class Parity:
    value: int

    def __eq__(self, other):
        return isinstance(other, Parity) and self.value % 2 == other.value % 2

    def __hash__(self):
        return self.value % 2


@frozen
class Equality:  # noqa: PLW1641 - the hash is that of records
    value: int

    def __eq__(self, other):
        return isinstance(other, Equality)


VALUES = st.tuples(st.integers(-2, 2) | st.just(1.0) | st.just(True), st.lists(st.integers(0, 1)).map(tuple))


@given(VALUES, VALUES)
def test_like_a_data_class(left, right):
    assert (Point(*left) == Point(*right)) == (Model(*left) == Model(*right))
    assert hash(Point(*left)) == hash(Model(*left))
    assert repr(Point(*left)) == repr(Model(*left)).replace("Model", "Point")
    assert Point(*left) != Model(*left)
    assert Point(*left) != left


def test_instances_of_different_classes_differ():
    assert Derived(1) != Point(1)
    assert Nothing() == Nothing() != Checked(0)
    assert hash(Nothing()) == hash(Nothing())
    assert repr(Nothing()) == "Nothing()"


def test_arguments():
    assert Point(1) == Point(x=1) == Point(1, ()) == Point(y=(), x=1)
    for args, kwargs in [((), {}), ((1, 2, 3), {}), ((1,), {"x": 1}), ((1,), {"z": 1})]:
        with pytest.raises(TypeError, match=r"__init__\(\)"):
            Point(*args, **kwargs)
    with pytest.raises(TypeError):
        Checked(1, 2)
    assert str(inspect.signature(Point)) == "(x, y=())"


def test_immutable_and_without_more_attributes():
    point = Point(1)
    with pytest.raises(AttributeError, match="Point is immutable, so 'x' stays; make a changed copy by replace"):
        point.x = 2
    with pytest.raises(AttributeError, match="'z' stays"):
        point.z = 2
    with pytest.raises(AttributeError, match="'x' stays"):
        del point.x
    assert not hasattr(point, "__dict__")
    assert Point.__doc__ == "A point."


def test_copies():
    point = Point(1, ([],))
    assert replace(point) == point
    assert point.moved() == Point(2, ([],))
    assert replace(Checked(1), value=2).double == 4
    with pytest.raises(TypeError, match="'z'"):
        replace(point, z=1)
    assert copy.copy(point).y[0] is point.y[0]
    assert copy.deepcopy(point).y[0] is not point.y[0]
    assert pickle.loads(pickle.dumps(Checked(3))).double == 6  # noqa: S301


def test_derived_fields():
    assert Checked(2).double == 4
    assert repr(Checked(2)) == "Checked(value=2)"
    with pytest.raises(ValueError, match="negative"):
        Checked(-1)


def test_inheritance():
    assert Derived(1).run() == 1
    assert repr(Derived(1)) == "Derived(step=1, more='more')"
    assert not hasattr(Derived(1), "__dict__")
    with pytest.raises(TypeError, match="abstract"):
        Base(1)


def test_methods_of_its_own_stay():
    assert Parity(1) == Parity(3)
    assert hash(Parity(1)) == hash(Parity(3))
    assert Equality(1) == Equality(2)
    assert hash(Equality(1)) == hash(Equality(1))


def test_patterns():
    match Derived(1, "x"):
        case Derived(step, more):
            assert (step, more) == (1, "x")


def test_threads_that_make_the_first_instances_together():
    for _ in range(20):

        @frozen
        class Fresh:
            value: int

        made = []
        barrier = threading.Barrier(4)

        def make(number, make=Fresh, made=made, barrier=barrier):
            barrier.wait()
            made.append(make(number))

        threads = [threading.Thread(target=make, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(each.value for each in made) == [0, 1, 2, 3]
