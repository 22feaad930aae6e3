"""`make senders`: `check sender` before every faulty sender, over the network. Words choose some by their names."""

import sys

from tests.mutants.senders.live import main

sys.exit(main(sys.argv[1:]))
