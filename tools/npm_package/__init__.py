"""`make npm-package`: the npm packages, with an executable that needs no Python, tried from their tarballs."""
