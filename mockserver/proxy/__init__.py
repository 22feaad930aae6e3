"""The proxy: passes requests on to a live instance and its answers back, and judges both by the contract."""
