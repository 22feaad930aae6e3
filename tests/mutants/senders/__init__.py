"""Faulty senders: each is a correct one with a single fault, by which `check sender` is tried."""
