"""Prepared calls from several threads at once."""

import threading

import numpy as np

from fuser_core import fuse
from fuser_core.testing.devices import device_array, host_array

X = np.arange(12.0).reshape(3, 4)


def test_threads_share_what_is_prepared(backend):
    fused, wrong = fuse(lambda x, s: (x - x.max()) * s), []

    def work(mark):
        x = device_array(X + mark)
        for turn in range(100):
            found = host_array(fused(x, float(turn)))
            if not np.array_equal(found, (X - X.max()) * turn):
                wrong.append(found)

    threads = [threading.Thread(target=work, args=(mark,)) for mark in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert not wrong
