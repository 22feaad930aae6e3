"""The request pipeline: each operation of the contract is compiled into one coroutine."""

from mockserver.pipeline.compilation import Handler, compile_operation, snake_case
from mockserver.pipeline.fault_injection import changed_by, faulty_response

__all__ = ["Handler", "changed_by", "compile_operation", "faulty_response", "snake_case"]
