"""Programs by which client_check lets other people's HTTP clients ask a mock."""
