#!/usr/bin/env python3
"""Does the house stand as docs/design.md draws it? Reads sources and manifests, builds nothing.

- Inside a crate no two files use each other, not even by way of others. A `mod` line is no use.
- Crates depend on those below them only, and no paper on another paper.
- Lane types are named in `engine` and `timing` alone: there, and nowhere above, kernels are compiled.
- No text says of a paper that it was not at hand.

    tests/house.py [-v]

Exit code 1, with a line for each breach.
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
HOST = ROOT / "host-runner"
PAPERS = ("orthogonal", "weak", "mirror", "rayleigh", "general")

# Crate: (folder, crates of ours that it may depend on). Whoever is not here is not checked for arrows.
BELOW = {"reluflow": set(), "oracle": set()}
BELOW["lab"] = {"reluflow"}
BELOW["drawing"] = {"lab"}
BELOW["engine-generic"] = {"lab", "reluflow"}
for arithmetic in ("fused", "canonical"):
    BELOW[f"engine-{arithmetic}"] = {"engine-generic", "reluflow"}
BELOW["engine"] = {"engine-canonical", "engine-fused", "engine-generic", "lab", "reluflow"}
BELOW["data"] = {"engine", "lab", "reluflow"}
BELOW["timing"] = {"engine", "lab", "oracle", "reluflow"}
for paper in PAPERS:
    BELOW[paper] = {"engine", "lab", "oracle", "reluflow"}
BELOW["general"] = BELOW["general"] | {"data"}
BELOW["host-runner"] = {*PAPERS, "drawing", "data", "engine", "lab", "oracle", "timing", "reluflow"}

FOLDERS = {"reluflow": ROOT / "kernels", "host-runner": HOST}
for name in BELOW:
    # engine-fused is in engine/fused.
    FOLDERS.setdefault(name, HOST / "papers" / name if name in PAPERS else HOST / name.replace("-", "/"))

USE = re.compile(r"^\s*(?:pub(?:\([a-z]+\))? )?use ([^;]+);", re.M)
LANES = re.compile(r"\b(Lanes|Canonical<|Native(F32|F64)?|f32x\d+|f64x\d+)")


def code(text):
    """Without comments, and without unit tests, which may look at anything."""
    text = re.sub(r"//[^\n]*", "", text)
    return re.split(r"#\[cfg\(test\)\]\s*(?:pub )?mod tests? \{", text)[0]


def modules(source):
    """Module path, as a tuple, to file."""
    found = {}
    for file in source.rglob("*.rs"):
        parts = list(file.relative_to(source).with_suffix("").parts)
        if parts[-1] == "tests" or "tests" in parts or parts[0] == "bin":
            continue
        if parts[-1] in ("mod", "lib", "main"):
            parts.pop()
        found[tuple(parts)] = file
    return found


def expand(tree):
    """Paths of a `use` tree: `a::{b, c::{d, e}}` is a::b, a::c::d and a::c::e."""
    tree = tree.strip()
    if "{" not in tree:
        return [tree.split(" as ")[0].strip()]
    head, _, rest = tree.partition("{")
    depth, parts, part = 0, [], ""
    for char in rest[: rest.rindex("}")]:
        depth += {"{": 1, "}": -1}.get(char, 0)
        if char == "," and depth == 0:
            parts.append(part)
            part = ""
        else:
            part += char
    return [head.strip() + path for part in [*parts, part] if part.strip() for path in expand(part)]


def uses(module, text, known):
    """Modules that a file uses."""
    paths = [path for tree in USE.findall(text) for path in expand(tree)]
    body = USE.sub("", text)
    paths += re.findall(r"\b(?:crate|super|self)(?:::\w+)+", body)
    for child in known:
        if child[:-1] == module and child and re.search(rf"(?<![\w:]){child[-1]}::\w", body):
            paths.append(f"self::{child[-1]}")
    for path in paths:
        parts = re.sub(r"\s", "", path).replace("$crate", "crate").split("::")
        base = list(module)
        if parts[0] == "crate":
            base, parts = [], parts[1:]
        elif parts[0] == "self":
            parts = parts[1:]
        elif parts[0] == "super":
            while parts and parts[0] == "super":
                base, parts = base[:-1], parts[1:]
        elif tuple(base + parts[:1]) not in known:
            continue
        while parts and tuple(base + parts[:1]) in known:
            base, parts = base + parts[:1], parts[1:]
        if tuple(base) != module:
            yield tuple(base)


def circles(graph):
    """Strongly connected components of more than one file (Tarjan)."""
    index, low, stack, found = {}, {}, [], []

    def visit(node):
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in graph[node]:
            if other not in index:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            circle = []
            while True:
                circle.append(stack.pop())
                if circle[-1] == node:
                    break
            if len(circle) > 1:
                found.append(sorted(circle))

    for node in graph:
        if node not in index:
            visit(node)
    return found


def main():
    sys.setrecursionlimit(10_000)
    wrong, verbose = [], "-v" in sys.argv
    for name, folder in FOLDERS.items():
        source = folder / "src"
        known = modules(source)
        texts = {module: code(file.read_text()) for module, file in known.items()}
        graph = {module: set(uses(module, texts[module], known)) & set(known) for module in known}
        for circle in circles(graph):
            names = ", ".join("::".join(module) or "(root)" for module in circle)
            wrong.append(f"{name}: these files use each other: {names}")
            if verbose:
                for module in circle:
                    for other in sorted(graph[module] & set(circle)):
                        wrong.append(f"    {'::'.join(module)} -> {'::'.join(other)}")
        if name not in ("reluflow", "timing", "oracle") and not name.startswith("engine"):
            for module, text in texts.items():
                for found in LANES.finditer(text):
                    line = text[: found.start()].count("\n") + 1
                    wrong.append(f"{known[module].relative_to(ROOT)}:{line}: names {found.group()}, a lane type")
        manifest = (folder / "Cargo.toml").read_text()
        needs = re.split(r"\[dev-dependencies\]", manifest)[0]
        ours = {dep for dep in BELOW if re.search(rf"^{dep}(?![\w-])", needs.split("[dependencies]")[-1], re.M)}
        for dep in sorted(ours - BELOW[name] - {name}):
            wrong.append(f"{name} depends on {dep}, which is not below it")
    # The papers are read before they are written about.
    unread = re.compile(r"not at hand|text was not available|appendix that was not", re.I)
    texts = [*HOST.rglob("*.rs"), *(ROOT / "kernels").rglob("*.rs"), *(ROOT / "docs").glob("*.md"), ROOT / "README.md"]
    for file in texts:
        if file == HOST / "lab/src/checks.rs" or "target" in file.parts:
            continue
        for number, line in enumerate(file.read_text().splitlines(), 1):
            if unread.search(line):
                wrong.append(f"{file.relative_to(ROOT)}:{number}: says of a text that it was not read: {line.strip()}")
    print("\n".join(wrong) if wrong else "the house stands: no circle, no arrow upwards, lane types in engine alone")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
