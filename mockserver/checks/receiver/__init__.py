"""`mockserver check receiver`: does a receiver handle webhooks rightly? It sends signed events, and looks at answers
and effects. It knows nothing of what is behind the receiver's URL."""
