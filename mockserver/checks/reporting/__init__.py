"""Reports for people and programs: on the terminal, as a page, JSON, JUnit XML, and an HTTP Archive. Every judge can
use them."""
