"""The site: static pages of the contract, the control plane and docs/, with Sphinx in an environment of its own."""
