"""What tests of several folders share: commands that ask a mock, a web server, and a bare application."""
