"""`python -m tools.release`, as `make release` calls it."""

import sys

from tools.release.build import main

sys.exit(main(sys.argv[1:]))
