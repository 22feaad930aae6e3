"""The tests: folders mirror `mockserver/`; what tests share stands in `support`, and fixtures in `conftest.py`.

Other folders: `scenarios` has scenarios in YAML; `fuzz`, `hostile` and `mutants` measure the mock and its judge;
`docs`, `tools` and the files beside this one look after the project itself.
"""
