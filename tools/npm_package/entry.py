"""What PyInstaller makes the executable of: the command, as `python -m mockserver` begins it."""

from mockserver.__main__ import main

main()
