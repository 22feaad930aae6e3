"""`check recording`: what somebody else has recorded, judged by the contract; nothing is sent."""
