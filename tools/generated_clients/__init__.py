"""`make generated-clients`: clients that other people's generators make of the contract, compiled strictly and used."""
