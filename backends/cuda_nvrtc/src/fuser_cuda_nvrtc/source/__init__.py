"""From a group to the text of its kernels: CUDA C++ without headers."""
