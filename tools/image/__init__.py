"""`make image`: the image of the mock, on a base of one's choice or one made of Debian's packages, and tried."""
