"""The CUDA driver, through whichever Python package for it is there."""
