"""The application: routes each request to its operation, to the control plane, or to the mock's own pages."""

from mockserver.app.application import Application, create_app, create_connexion_app, create_engine

__all__ = ["Application", "create_app", "create_connexion_app", "create_engine"]
