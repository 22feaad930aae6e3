"""The commands of `mockserver`, one module each. They import what they run only when they run."""
