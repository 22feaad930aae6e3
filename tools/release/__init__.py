"""`make release`: a wheel, its sources, its SBOM and its bundle in dist/."""
