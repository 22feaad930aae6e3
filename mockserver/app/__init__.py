"""The application: routes a request to what answers it."""

from mockserver.app.application import Application, create_app, create_connexion_app, create_engine

__all__ = ["Application", "create_app", "create_connexion_app", "create_engine"]
