"""``python -m fuser_core``: the command ``fuser-core``."""

import sys

from fuser_core.cli import main

if __name__ == "__main__":
    sys.exit(main())
