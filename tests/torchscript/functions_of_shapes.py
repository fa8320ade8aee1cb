"""Functions over several shapes and layouts for PyTorch to script; parameters are named as in `samples`."""

import torch
import torch.nn.functional as F  # noqa: N812  its usual name


def broadcast(x, row, column):
    return x * row + column, row * column, torch.where(column > 0, row, x)


def chunked(even):
    first, second, third = even.chunk(3, 1)
    return first * second + third


def chunked_backwards(even, cube):
    first, second = torch.chunk(even, 2, dim=-1)
    front, back = cube.chunk(2, 0)
    return second - first, back * front


def chunked_unevenly(cube):
    one, two, three = cube.chunk(3, 2)
    return one, two + one, three * 2


def a_chunk_alone(cube, even):
    return cube.chunk(2, 1)[1], even.chunk(4)[-1], even.chunk(4)[0]


def joined(x, y, i):
    return torch.cat([x + y, x * y], 0), torch.cat([x, i], dim=-1), torch.cat([x]), torch.cat([x > 0, y > 0])


def joined_with_nothing(none, x):
    return torch.cat([none, x]), torch.cat([x, x * 2, none], 1)


def joined_and_used(x, y, even):
    return torch.cat([x, y], 1) * 2, torch.cat(even.chunk(2, 0), 1), torch.stack([x, y], 1)


def turned(x, cube):
    return x.t() * 2, cube.transpose(0, -1), cube.permute([1, 2, 0]) + 1, x.T


def sliced(x, cube):
    return x[0], x[:, 1:], cube[..., -1] * 2, x[::2, 1:3], cube[1, :, 2], x[-1][0]


def with_new_axes(x, row):
    return x.unsqueeze(0), row.unsqueeze(-1) * row, x[:, None] + row, row.unsqueeze(0).squeeze(0)


def reshaped(x, cube):
    return (x * 2).view(-1) + 1, cube.reshape([5, 6]), cube.view(3, -1) * 2, cube.flatten(1), x.flatten(), x.ravel()


def reshaped_by_sizes(cube, even):
    rows = cube.view(cube.shape[0] * cube.size(1), -1)
    return rows.sum(1).view(cube.size(0), -1), even.reshape_as(even.t()), even.view_as(even * 2), rows.flatten(0, -1)


def totals(z, i, m, cube):
    return z.sum(), z.sum(1), cube.sum([0, 2], keepdim=True), i.sum(), m.sum(0), z.mean(), cube.mean([1])


def extremes(x, z, i):
    return z.max(), i.min(), z.amax([0]), torch.amin(z, 1, keepdim=True), x.max(), (z > 0).any(), (z < 2).all(1)


def normalised(z, cube):
    return z.softmax(-1), torch.softmax(cube, 1), torch.log_softmax(z, 0), (z - z.mean()) / (z * z).mean().sqrt()


def functional(x, z):
    return F.relu(x), F.leaky_relu(x, 0.1), F.threshold(x, 0.0, -10.0), F.elu(z), F.hardtanh(x), F.relu6(x)


def activations(z, c):
    return F.gelu(z), F.gelu(c, approximate="tanh"), F.silu(z), F.softmax(z, dim=1), F.sigmoid(z)


def several_results(x, y):
    total, product = x + y, x * y
    return [total, product, total - product]


def nested_results(x, y):
    pair = (x + y, x)
    (left, right), other = pair, y
    return (left * right, (other, left))


def unchanged(x):
    return x


def numbers_too(x, w: float, k: int):
    return x * w, w + 1, k > 2


def lstm_cell(even, row):
    gates = even[:3] * 2 + 1
    ingate, forgetgate, cellgate = gates.chunk(3, 1)
    cell = forgetgate.sigmoid() * 0.5 + ingate.sigmoid() * cellgate.tanh()
    return cell.tanh(), cell


def boxes_in_common(x, y, z, c):
    width = torch.clamp(torch.min(x, y) - torch.max(z, x * 0.5), min=0)
    return width / (x + y - width).clamp(min=1e-6), c.float()


def gelu_by_hand(z):
    return 0.5 * z * (1 + torch.tanh(0.7978845608028654 * (z + 0.044715 * z * z * z)))


def precise_literals(a):
    return a * 1.282549830161864, a + 5e-9, a * 100000000.0, a - 0.30000000000000004
