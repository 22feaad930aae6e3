"""Why a signature doesn't match: a captured request, the mistakes that people make, and which of them explains it."""
