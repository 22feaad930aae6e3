"""Tests of `mockserver/webhooks/deliveries`."""
