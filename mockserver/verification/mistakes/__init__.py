"""The mistakes that people make, the likely ones first. A new one is a row here and a test of its own."""

from mockserver.verification.mistakes.address import ADDRESS
from mockserver.verification.mistakes.body import BODY
from mockserver.verification.mistakes.code import CODE
from mockserver.verification.mistakes.key import KEY
from mockserver.verification.mistakes.stamps import STAMPS

MISTAKES = (*KEY, *BODY, *ADDRESS, *STAMPS, *CODE)
