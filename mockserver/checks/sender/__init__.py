"""`mockserver check sender`: does a live instance send what its contract says?"""
