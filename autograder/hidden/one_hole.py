"""Text that runs in a student's notebook: one hole of a file, with all the others right.

Several holes stand in one method, under comments such as `# TO-DO scores`. To judge one of them the
method is made anew out of its own text, with right lines in the place of the others: so an empty or
a wrong one further up or down decides nothing. Nothing of the notebook is changed: what is made
here are new functions. A lab says what is right: in `lines` what goes into each hole, in `given`
how the line begins that was given and ends a hole.
"""

import ast
import contextlib
import inspect
import linecache
import re
import sys
import textwrap
import time

import torch

MARK = re.compile(r"#\s*TO-DO\s+([a-z]\w*)")
made_before = {}


def alone(function, hole, right):
    """This function with right lines for every hole in it but this one; itself where none is."""
    code = getattr(function, "__code__", None)
    if (code, hole) not in made_before:
        made_before[code, hole] = _alone(function, code, hole, right)
    return made_before[code, hole]


def _alone(function, code, hole, right):
    lines = linecache.getlines(code.co_filename) if code else []
    with contextlib.suppress(SyntaxError, IndexError):
        text = "".join(inspect.getblock(lines[code.co_firstlineno - 1 :]))
        node = ast.parse(textwrap.dedent(text)).body[0]
        ast.increment_lineno(node, code.co_firstlineno - 1)
        if isinstance(node, ast.FunctionDef):
            return _made(function, node, _others_right(node, lines, hole, right), right)
    return function


def _made(function, node, changed, right):
    """The changed text as a function, in a copy of its module's names."""
    if not changed:
        return function
    scope = dict(function.__globals__, right_lines=right)
    tree = ast.fix_missing_locations(ast.Module([node], []))
    exec(compile(tree, function.__code__.co_filename, "exec"), scope)
    return scope[node.name]


def _others_right(node, lines, hole, right):
    """Put right lines into each hole of this function but one; whether any was found."""
    marks = {
        number: found[1]
        for number in range(node.lineno, node.end_lineno + 1)
        if (found := MARK.match(lines[number - 1].strip())) and found[1] in right.lines
    }
    places = [
        (number, *_place(node, number, marks, right.given.get(marks[number], "\n")))
        for number in marks
    ]
    groups = {number: body[a:b] for number, body, a, b in places}
    own = [each for number in marks if marks[number] == hole for each in groups[number]]
    inside = {id(each) for group in groups.values() for one in group for each in ast.walk(one)}
    known = {each.arg for each in node.args.args}.union(
        *(_names(ast.parse(line).body, ast.Store) for line in right.lines.values()),
        _names([each for each in ast.walk(node) if id(each) not in inside], ast.Store, deep=False),
    )
    wanted = _names(own, ast.Load) - known
    for number, body, start, stop in reversed(places):
        if marks[number] != hole:
            body[start:stop] = _right(right.lines[marks[number]], number, body[start:stop], wanted)
    return bool(places)


def _place(node, mark, marks, given):
    """The list of statements that a hole stands in, and where in it: from, up to."""
    bodies = [
        body
        for each in ast.walk(node)
        for field in ("body", "orelse", "finalbody")
        if isinstance(body := getattr(each, field, None), list)
    ]
    behind = [(s.lineno, body, n) for body in bodies for n, s in enumerate(body) if s.lineno > mark]
    if not behind:
        return node.body, len(node.body), len(node.body)
    _, body, start = min(behind, key=lambda one: one[0])
    ends = min((number for number in marks if number > mark), default=10**9)
    before = [n for n in range(start, len(body)) if body[n].lineno < ends]
    # The last such line is the given one: an answer may write the same above it.
    stops = [n for n in before if ast.unparse(body[n]).startswith(given)]
    return body, start, stops[-1] if stops else start + len(before)


def _names(nodes, how, deep=True):
    walked = (node for each in nodes for node in (ast.walk(each) if deep else [each]))
    return {node.id for node in walked if isinstance(node, ast.Name) and isinstance(node.ctx, how)}


def _right(text, number, theirs, wanted):
    """Right lines for a hole. What the judged one uses of it besides is still worked out."""
    lines = ast.parse(text).body
    kept = []
    if _names(theirs, ast.Store) & wanted:
        loops = (ast.Return, ast.While, ast.Raise)
        kept = [s for s in theirs if not any(isinstance(n, loops) for n in ast.walk(s))]
    tried = ast.parse("try:\n    pass\nexcept Exception:\n    pass").body if kept else []
    for node in [node for each in [*tried, *lines] for node in ast.walk(each)]:
        if hasattr(node, "lineno"):
            node.lineno = node.end_lineno = number
    for each in tried:
        each.body = kept
    return [*tried, *lines]


@contextlib.contextmanager
def limited(seconds):
    """Stop code of a student's file that takes longer, by a TimeoutError."""
    ends, before = time.monotonic() + seconds, sys.gettrace()

    def watch(frame, event, argument):
        if "__companion__" not in frame.f_globals:
            return None
        if time.monotonic() > ends:
            raise TimeoutError
        return watch

    sys.settrace(watch)
    try:
        yield
    finally:
        sys.settrace(before)


def told(part, x):
    """Which of its parts were called, and what an error says: for the diagnosis."""
    called = []
    hooks = [
        child.register_forward_pre_hook(lambda module, given, name=name: called.append(name))
        for name, child in part.named_children()
    ]
    try:
        with limited(1.0):
            part(x)
    except Exception as error:
        return f"{' '.join(called)} {type(error).__name__}: {error}"[:300]
    finally:
        for hook in hooks:
            hook.remove()
    return ""


# modules


def put(part, **parts):
    """Set attributes, whatever stood there; gives the part."""
    for name, value in parts.items():
        for store in (part.__dict__, part._parameters, part._modules):
            store.pop(name, None)
        setattr(part, name, value)
    return part


def bare(part, *names):
    """The part without weights of other names."""
    for name in set(part._parameters) - set(names):
        del part._parameters[name]
    for name in set(part._modules) - set(names):
        if any(True for _ in part._modules[name].parameters()):
            del part._modules[name]
    return part


def loaded(part, weights):
    """The part with these weights, for evaluation."""
    own = dict(part.named_parameters(remove_duplicate=False))
    with torch.no_grad():
        for name, value in weights.items():
            own[name].copy_(value)
    return part.eval()
