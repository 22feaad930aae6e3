"""Tests of `mockserver/webhooks/signature_diagnosis`."""
