"""The request pipeline: each operation of the contract is compiled into one coroutine."""

from mockserver.pipeline.compilation import Handler, compile_operation, snake_case

__all__ = ["Handler", "compile_operation", "snake_case"]
