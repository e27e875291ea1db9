"""Code to compare with: an expression, a function or a module, run in float64 on NumPy arrays."""

from __future__ import annotations

import ast
import builtins
import copy
import inspect
import math
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from fractions import Fraction
from typing import Any, TypeAlias

import attrs
import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import nn
from torch.overrides import TorchFunctionMode

Array: TypeAlias = "NDArray[Any]"
Value: TypeAlias = "Array | float | int | bool | str | tuple[int, ...] | None"

LIBRARIES: Mapping[str, Any] = {
    "torch": torch,
    "F": F,
    "nn": nn,
    "math": math,
    "np": np,
    "numpy": np,
    "Tensor": torch.Tensor,
}

NARROW = (torch.float32, torch.float16, torch.bfloat16)


class CodeFailed(Exception):
    """The code could not be read or did not run; the text is the code's own message."""


NO_GRADIENT = "the code gives it no gradient"


class _NoValue:
    def __repr__(self) -> str:
        return "NO_DEFAULT"


NO_DEFAULT = _NoValue()


@attrs.frozen
class CodeArgument:
    """An argument of the code.

    ``default``: its default in the signature, else ``NO_DEFAULT``.  ``sample``: the value it has
    where the code was found (a variable of a document, a parameter of a module), else None.
    """

    name: str
    default: Any = attrs.field(default=NO_DEFAULT, eq=False)
    sample: Value = attrs.field(default=None, eq=False)

    @property
    def required(self) -> bool:
        return self.default is NO_DEFAULT


@attrs.frozen(eq=False)
class Outcome:
    """The code's value, and the cotangent pulled back to each argument that has a gradient.

    An argument missing in ``gradients`` got none from the code; ``without_gradient`` says why.
    """

    value: Array
    cotangent: Array | None = None
    gradients: Mapping[str, Array] = attrs.field(factory=dict)
    without_gradient: Mapping[str, str] = attrs.field(factory=dict)


@attrs.frozen(eq=False)
class Code:
    """Something callable with keyword arguments that gives one tensor or number.

    ``text`` is how it is shown; ``constants`` are the numbers that stand in its source;
    ``tree`` is the expression it came from, None for a function or a module.
    """

    text: str
    arguments: tuple[CodeArgument, ...]
    function: Callable[[Mapping[str, Any]], Any]
    constants: tuple[float, ...] = ()
    tree: ast.Expression | None = None
    environment: Mapping[str, Any] = attrs.field(factory=dict)

    @property
    def argument_names(self) -> tuple[str, ...]:
        return tuple(argument.name for argument in self.arguments)

    def argument(self, name: str) -> CodeArgument:
        """The argument called ``name``.  Raises KeyError when there is none."""
        for argument in self.arguments:
            if argument.name == name:
                return argument
        raise KeyError(name)

    def value(self, values: Mapping[str, Value], seed: int = 0) -> Array:
        """Its value for these arguments.  Raises :class:`CodeFailed`."""
        with _quiet_double(seed), torch.no_grad():
            return _to_array(self._run({name: _to_torch(v) for name, v in values.items()}))

    def value_in_single(self, values: Mapping[str, Value], seed: int = 0) -> Array:
        """Its value in float32, to tell rounding from a real difference.  Raises CodeFailed."""
        with _quiet(seed), torch.no_grad():
            return _to_array(self._run({name: _to_single(v) for name, v in values.items()}))

    def pull_back(
        self,
        values: Mapping[str, Value],
        differentiated: tuple[str, ...],
        cotangent: Callable[[tuple[int, ...]], Array],
        seed: int = 0,
    ) -> Outcome:
        """Its value and the vector-Jacobian products with ``cotangent(shape of the value)``.

        Raises :class:`CodeFailed` where the code does not run or its backward pass fails.
        """
        with _quiet_double(seed):
            tensors = {name: _to_torch(value) for name, value in values.items()}
            leaves = {name: tensors[name].requires_grad_() for name in differentiated}
            output = _one_tensor(self._run(tensors))
            value = _to_array(output)
            direction = cotangent(value.shape)
            return _pulled_back(output, leaves, value, direction)

    def _run(self, tensors: Mapping[str, Any]) -> Any:
        try:
            return self.function(tensors)
        except CodeFailed:
            raise
        except (Exception, SystemExit) as error:
            raise CodeFailed(describe_error(error)) from error


def describe_error(error: BaseException) -> str:
    """One line: the kind of the error and the first line of what it says."""
    lines = str(error).strip().splitlines()
    kind = type(error).__name__
    return f"{kind}: {lines[0].strip()}" if lines else kind


def read_code(code: Any, namespace: Mapping[str, Any] | None = None) -> Code:
    """Code from a Python expression, a function or a module.

    The free names of an expression are its arguments.  With a ``namespace``, names that are
    tensors there are arguments with a sample and the other names are used as they are.
    Raises :class:`CodeFailed` when it is none of these or does not parse.
    """
    if isinstance(code, Code):
        return code
    if isinstance(code, str):
        return _from_expression(code, namespace or {})
    if isinstance(code, nn.Module):
        return _from_module(code)
    if callable(code):
        return _from_callable(code)
    raise CodeFailed(
        f"code is a {type(code).__name__}: give a function, an nn.Module or a Python expression"
    )


def free_names(tree: ast.AST) -> tuple[str, ...]:
    """The names an expression reads and does not bind itself, in order of appearance."""
    found: dict[str, None] = {}
    _collect_free(tree, frozenset(), found)
    return tuple(found)


def source_constants(tree: ast.AST) -> tuple[float, ...]:
    """The distinct numbers written in a piece of code, signs included."""
    found: dict[float, None] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            found.update(dict.fromkeys(-number for number in _literal(node.operand)))
        else:
            found.update(dict.fromkeys(_literal(node)))
    return tuple(found)


def _literal(node: ast.AST) -> tuple[float, ...]:
    if not isinstance(node, ast.Constant) or isinstance(node.value, bool):
        return ()
    if not isinstance(node.value, (int, float)) or not abs(node.value) < 1e15:
        return ()
    return (float(node.value),)


def _collect_free(node: ast.AST, bound: frozenset[str], found: dict[str, None]) -> None:
    if isinstance(node, ast.Name):
        if isinstance(node.ctx, ast.Load) and node.id not in bound:
            found[node.id] = None
        return
    if isinstance(node, ast.Lambda):
        names = {a.arg for a in ast.walk(node.args) if isinstance(a, ast.arg)}
        for default in [*node.args.defaults, *node.args.kw_defaults]:
            if default is not None:
                _collect_free(default, bound, found)
        _collect_free(node.body, bound | names, found)
        return
    if isinstance(node, (ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp)):
        targets = {
            name.id
            for generator in node.generators
            for name in ast.walk(generator.target)
            if isinstance(name, ast.Name)
        }
        _collect_free(node.generators[0].iter, bound, found)
        bound = bound | targets
    for child in ast.iter_child_nodes(node):
        _collect_free(child, bound, found)


def _called_names(tree: ast.AST) -> frozenset[str]:
    return frozenset(
        node.func.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    )


def _from_expression(text: str, namespace: Mapping[str, Any]) -> Code:
    tree = parse_expression(text)
    environment: dict[str, Any] = dict(LIBRARIES)
    arguments: list[CodeArgument] = []
    called = _called_names(tree)
    for name in free_names(tree):
        if name in namespace:
            _take(name, namespace[name], environment, arguments)
        elif name in called and name not in LIBRARIES:
            environment[name] = _function_called(name)
        elif name not in LIBRARIES and not isinstance(getattr(builtins, name, None), type):
            arguments.append(CodeArgument(name))
    return expression_code(text, tree, tuple(arguments), environment)


def expression_code(
    text: str,
    tree: ast.Expression,
    arguments: tuple[CodeArgument, ...],
    environment: Mapping[str, Any],
) -> Code:
    """Code that evaluates ``tree`` with its arguments added to ``environment``."""
    compiled = compile(tree, "<code>", "eval")
    scope = dict(environment)

    def function(values: Mapping[str, Any]) -> Any:
        return eval(compiled, {**scope, **values})

    constants = source_constants(tree)
    return Code(text, arguments, function, constants, tree, scope)


def parse_expression(text: str) -> ast.Expression:
    """The syntax tree of a Python expression.  Raises :class:`CodeFailed`."""
    try:
        return ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise CodeFailed(f"not a Python expression: {describe_error(error)}") from error


def _take(
    name: str, value: Any, environment: dict[str, Any], arguments: list[CodeArgument]
) -> None:
    """A name of the surrounding program: a tensor is an argument, anything else is used as is."""
    if isinstance(value, torch.Tensor):
        arguments.append(CodeArgument(name, sample=to_array(value)))
        return
    environment[name] = _in_double(value)


def _in_double(value: Any) -> Any:
    if isinstance(value, nn.Module):
        return copy.deepcopy(value).double()
    return value


def _softmax(logits: Any, dim: int = -1) -> Any:
    return torch.softmax(logits, dim)


def _log_softmax(logits: Any, dim: int = -1) -> Any:
    return torch.log_softmax(logits, dim)


# Functions whose axis torch asks for; written without one, the last axis is meant.
OVER_LAST_AXIS: Mapping[str, Callable[..., Any]] = {
    "softmax": _softmax,
    "log_softmax": _log_softmax,
}


def _function_called(name: str) -> Any:
    """The torch function of a bare call such as ``softmax(z)``; builtins keep their meaning."""
    if name in OVER_LAST_AXIS:
        return OVER_LAST_AXIS[name]
    if hasattr(builtins, name):
        return getattr(builtins, name)
    for library in (F, torch):
        if callable(getattr(library, name, None)):
            return getattr(library, name)
    raise CodeFailed(f"NameError: name '{name}' is not defined")


def _from_callable(function: Callable[..., Any]) -> Code:
    text = getattr(function, "__name__", None) or type(function).__name__
    accepted = accepted_arguments(function, text)
    positional = tuple(argument.name for argument, by_position in accepted if by_position)

    def call(values: Mapping[str, Any]) -> Any:
        placed = _positional_values(positional, values)
        named = {name: value for name, value in values.items() if name not in positional}
        return function(*placed, **named)

    arguments = tuple(argument for argument, _ in accepted)
    return Code(text, arguments, call, _constants_of(function))


def accepted_arguments(
    function: Callable[..., Any], text: str
) -> tuple[tuple[CodeArgument, bool], ...]:
    """Each argument of a function with whether it can only be given by position."""
    signature = _signature(function, text)
    found = []
    for parameter in signature.parameters.values():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            continue
        default = NO_DEFAULT if parameter.default is parameter.empty else parameter.default
        only = parameter.kind is parameter.POSITIONAL_ONLY
        found.append((CodeArgument(parameter.name, default), only))
    return tuple(found)


def _signature(function: Callable[..., Any], text: str) -> inspect.Signature:
    try:
        return inspect.signature(function)
    except (TypeError, ValueError) as error:
        raise CodeFailed(
            f"the arguments of {text} are not known: write it as an expression, "
            f"for example '{text}(x, y)'"
        ) from error


def _positional_values(names: tuple[str, ...], values: Mapping[str, Any]) -> list[Any]:
    placed = []
    for name in names:
        if name not in values:
            break
        placed.append(values[name])
    return placed


def _constants_of(function: Callable[..., Any]) -> tuple[float, ...]:
    inner = inspect.unwrap(function)
    compiled = getattr(inner, "__code__", None)
    if compiled is None:
        return ()
    numbers: dict[float, None] = {}
    for constant in compiled.co_consts:
        if isinstance(constant, (int, float)) and not isinstance(constant, bool):
            numbers[float(constant)] = None
    return tuple(number for number in numbers if abs(number) < 1e15)


# What nn.Module itself keeps in an instance: not settings of the layer.
MODULE_INTERNALS = frozenset(vars(nn.Module()))


def _from_module(module: nn.Module) -> Code:
    """A module: forward's arguments, its parameters, and its own numeric settings."""
    inner = copy.deepcopy(module).double()
    text = type(module).__name__
    forward = tuple(argument for argument, _ in accepted_arguments(inner.forward, text))
    taken = {argument.name for argument in forward}
    tensors = {**dict(inner.named_parameters()), **dict(inner.named_buffers())}
    states = {name.replace(".", "_"): name for name in tensors}
    state_arguments = tuple(
        CodeArgument(name, default=tensors[path], sample=to_array(tensors[path]))
        for name, path in states.items()
        if name not in taken
    )
    taken |= set(states)
    settings = tuple(
        CodeArgument(name, default=value)
        for name, value in vars(inner).items()
        if name not in MODULE_INTERNALS and name not in taken and _is_number(value)
    )

    def call(values: Mapping[str, Any]) -> Any:
        instance = copy.copy(inner)
        for setting in settings:
            setattr(instance, setting.name, values.get(setting.name, setting.default))
        state = {states[name]: values[name] for name in states if name in values}
        named = {a.name: values[a.name] for a in forward if a.name in values}
        return torch.func.functional_call(instance, state, (), named)

    return Code(text, (*forward, *state_arguments, *settings), call)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def to_array(value: torch.Tensor) -> Array:
    """A tensor as a NumPy array of its own: float64 for reals, int64 for whole numbers."""
    plain = value.detach().cpu()
    if plain.dtype.is_complex:
        raise CodeFailed("complex tensors are not supported")
    kept = plain.to(torch.float64 if plain.dtype.is_floating_point else torch.int64)
    return np.array(kept.numpy())


def as_value(value: Any) -> Value:
    """An input as the user gave it: a tensor, an array, a list or a plain Python value."""
    if isinstance(value, torch.Tensor):
        return to_array(value)
    if isinstance(value, np.ndarray):
        return to_array(torch.as_tensor(value))
    if isinstance(value, list):
        return to_array(torch.tensor(value))
    if isinstance(value, Fraction):
        return float(value)
    if value is None or isinstance(value, (bool, int, float, str, tuple)):
        return value
    raise CodeFailed(f"an input is a {type(value).__name__}: give a tensor or a number")


def _to_torch(value: Value) -> Any:
    if isinstance(value, (np.ndarray, np.generic)):
        return torch.from_numpy(np.array(value))
    return value


def _to_single(value: Value) -> Any:
    tensor = _to_torch(value)
    if isinstance(tensor, torch.Tensor) and tensor.dtype == torch.float64:
        return tensor.to(torch.float32)
    return tensor


def _one_tensor(output: Any) -> torch.Tensor:
    if isinstance(output, (tuple, list)) and len(output) == 1:
        return _one_tensor(output[0])
    if isinstance(output, torch.Tensor):
        return output
    if isinstance(output, np.ndarray):
        return torch.from_numpy(np.array(output))
    if isinstance(output, (bool, int, float, np.generic)):
        return torch.as_tensor(output)
    if isinstance(output, (tuple, list)) and all(isinstance(item, int) for item in output):
        return torch.tensor(output)
    kind = type(output).__name__
    raise CodeFailed(f"the code gives a {kind}, not one tensor: select one, for example f(x)[0]")


def _to_array(output: Any) -> Array:
    return to_array(_one_tensor(output))


def _pulled_back(
    output: torch.Tensor, leaves: Mapping[str, torch.Tensor], value: Array, direction: Array
) -> Outcome:
    if not output.requires_grad:
        return Outcome(value, direction, {}, dict.fromkeys(leaves, NO_GRADIENT))
    try:
        found = torch.autograd.grad(
            output,
            tuple(leaves.values()),
            torch.from_numpy(np.array(direction)).to(output.dtype).reshape(output.shape),
            allow_unused=True,
        )
    except (Exception, SystemExit) as error:
        raise CodeFailed(f"backward pass: {describe_error(error)}") from error
    pulled: dict[str, torch.Tensor | None] = dict(zip(leaves, found, strict=True))
    gradients = {name: to_array(g) for name, g in pulled.items() if g is not None}
    missing = {name: NO_GRADIENT for name in pulled if name not in gradients}
    return Outcome(value, direction, gradients, missing)


class _Double(TorchFunctionMode):
    """Turns requests for a narrower float inside the code into float64."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        function = WIDENED.get(func, func)
        widened = tuple(_widen(argument) for argument in args)
        return function(*widened, **{k: _widen(v) for k, v in (kwargs or {}).items()})


WIDENED: Mapping[Any, Any] = {
    torch.Tensor.float: torch.Tensor.double,
    torch.Tensor.half: torch.Tensor.double,
    torch.Tensor.bfloat16: torch.Tensor.double,
}


def _widen(argument: Any) -> Any:
    if isinstance(argument, torch.dtype) and argument in NARROW:
        return torch.float64
    return argument


@contextmanager
def _quiet(seed: int) -> Iterator[None]:
    """Without warnings and with seeded random numbers; the caller's generator is left alone."""
    generator = torch.default_generator
    state = generator.get_state()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            generator.manual_seed(seed)  # torch.manual_seed also prepares every other device
            yield
        finally:
            generator.set_state(state)


@contextmanager
def _quiet_double(seed: int) -> Iterator[None]:
    before = torch.get_default_dtype()
    with _quiet(seed):
        torch.set_default_dtype(torch.float64)
        try:
            with _Double():
                yield
        finally:
            torch.set_default_dtype(before)


@contextmanager
def on_one_thread() -> Iterator[None]:
    """Small tensors are computed fastest, and always alike, on one thread."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
