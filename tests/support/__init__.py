"""What tests of several folders share: commands that ask a mock, web servers, applications, contracts of others,
subscriptions and deliveries, and what is in this repository."""
