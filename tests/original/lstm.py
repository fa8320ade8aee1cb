"""The recurrent cells of the original's tests: their graphs as text, their NumPy forms, and arguments for them."""

# ruff: noqa: PLR0917  a cell has that many arguments

from itertools import permutations

import numpy as np

from original.comparison import samples

HIDDEN, INPUT, BATCH = 5, 7, 3

NAMES = "%x : Tensor, %hx : Tensor, %cx : Tensor, %w_ih : Tensor, %w_hh : Tensor, %b_ih : Tensor, %b_hh : Tensor"
PRODUCTS = """  %wt : Tensor = aten::t(%w_ih)
  %wx : Tensor = aten::mm(%x, %wt)
  %ut : Tensor = aten::t(%w_hh)
  %uh : Tensor = aten::mm(%hx, %ut)"""
CELL = """  %four : int = prim::Constant[value=4]()
  %pieces : Tensor[] = aten::chunk(%gates, %four, %one)
  %into : Tensor, %forget : Tensor, %cell : Tensor, %out : Tensor = prim::ListUnpack(%pieces)
  %i : Tensor = aten::sigmoid(%into)
  %f : Tensor = aten::sigmoid(%forget)
  %c : Tensor = aten::tanh(%cell)
  %o : Tensor = aten::sigmoid(%out)
  %kept : Tensor = aten::mul(%f, %cx)
  %new : Tensor = aten::mul(%i, %c)
  %cy : Tensor = aten::add(%kept, %new, %one)
  %ty : Tensor = aten::tanh(%cy)
  %hy : Tensor = aten::mul(%o, %ty)"""
PAIR = """  %pair : (Tensor, Tensor) = prim::TupleConstruct(%hy, %cy)
  return (%pair)"""


def graph(names, *parts):
    """Return the text of a graph with these inputs and the constant ``%one``."""
    return "\n".join([f"graph({names}):\n  %one : int = prim::Constant[value=1]()", *parts])


def sums(*terms):
    """Return the lines that add up values to ``%gates``, from the left."""
    lines, total = [], terms[0]
    for place, term in enumerate(terms[1:]):
        name = "%gates" if place == len(terms) - 2 else f"%sum{place}"
        lines.append(f"  {name} : Tensor = aten::add({total}, {term}, %one)")
        total = name
    return "\n".join(lines)


SCRIPTED = graph(NAMES, PRODUCTS, sums("%wx", "%uh", "%b_ih", "%b_hh"), CELL, PAIR)
TRACED = graph(
    NAMES,
    "  %left : Tensor = aten::linear(%x, %w_ih, %b_ih)",
    "  %right : Tensor = aten::linear(%hx, %w_hh, %b_hh)",
    sums("%left", "%right"),
    CELL,
    PAIR,
)
JOINED = graph(
    NAMES,
    PRODUCTS,
    sums("%wx", "%uh", "%b_ih", "%b_hh"),
    CELL,
    "  %list : Tensor[] = prim::ListConstruct(%hy, %cy)",
    "  %joined : Tensor = aten::cat(%list, %one)",
    "  return (%joined)",
)
MILSTM = graph(
    NAMES.replace("%b_ih : Tensor, %b_hh", "%alpha : Tensor, %beta_i : Tensor, %beta_h : Tensor, %bias"),
    PRODUCTS,
    "  %aw : Tensor = aten::mul(%alpha, %wx)",
    "  %both : Tensor = aten::mul(%aw, %uh)",
    "  %ofx : Tensor = aten::mul(%beta_i, %wx)",
    "  %ofh : Tensor = aten::mul(%beta_h, %uh)",
    sums("%both", "%ofx", "%ofh", "%bias"),
    CELL,
    PAIR,
)
ORDERS = list(permutations(("%wx", "%uh", "%b_ih", "%b_hh")))


def permuted(order):
    """Return the graph of a product of four gates whose summands come in this order."""
    return graph(
        NAMES,
        PRODUCTS,
        sums(*order),
        CELL.partition("  %i :")[0].rstrip(),
        "  %p : Tensor = aten::mul(%into, %forget)",
        "  %q : Tensor = aten::mul(%p, %cell)",
        "  %r : Tensor = aten::mul(%q, %out)\n  return (%r)",
    )


def arguments(biases=2):
    """Return the arguments of a cell: three states, two matrices and so many vectors."""
    gates = 4 * HIDDEN
    matrices = [samples(gates, INPUT, seed=3), samples(gates, HIDDEN, seed=4)]
    states = [samples(BATCH, INPUT), samples(BATCH, HIDDEN, seed=1), samples(BATCH, HIDDEN, seed=2)]
    return [*states, *matrices, *(samples(gates, seed=5 + place) for place in range(biases))]


def four(gates):
    """Return the four gates, as views."""
    return [gates[:, place * HIDDEN : (place + 1) * HIDDEN] for place in range(4)]


def sigmoid(x):
    """Return the logistic function."""
    return 1 / (1 + np.exp(-x))


def cell_of(gates, cx):
    """Return what a cell makes of its gates: the new hidden state and the new cell."""
    into, forget, step, out = four(gates)
    cy = sigmoid(forget) * cx + sigmoid(into) * np.tanh(step)
    return sigmoid(out) * np.tanh(cy), cy


def scripted(x, hx, cx, w_ih, w_hh, b_ih, b_hh):
    """Compute what `SCRIPTED` computes."""
    return cell_of(x @ w_ih.T + hx @ w_hh.T + b_ih + b_hh, cx)


def traced(x, hx, cx, w_ih, w_hh, b_ih, b_hh):
    """Compute what `TRACED` computes."""
    return cell_of((x @ w_ih.T + b_ih) + (hx @ w_hh.T + b_hh), cx)


def milstm(x, hx, cx, w_ih, w_hh, alpha, beta_i, beta_h, bias):
    """Compute what `MILSTM` computes."""
    wx, uh = x @ w_ih.T, hx @ w_hh.T
    return cell_of(alpha * wx * uh + beta_i * wx + beta_h * uh + bias, cx)
