"""Arrows point one way: serialization <- actors <- gateways <- runtime, by #include and by what CMake links."""

import os
import re

from source_tree import CPP, LAYERS, line_of, without_comments

TORCH_TARGET = re.compile(r"\b(?:torch_cpu|torch_library|TORCH_LIBRARIES|c10)\b|find_package\(Torch")
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.M)

# Where each third party may be included at all.
TORCH_FOLDERS = ("actors/src/model/engines/torch/", "examples/03_digits/", "bench/")
THIRD_PARTY_LAYERS = {"caf": "actors", "boost": "gateways"}  # from this layer up

# Which third parties public headers may include; caf/fwd.hpp only declares and is free.
PUBLIC_HEADERS_MAY = {
    "serialization": {"capnp", "kj"},
    "actors/include/skep/actors/edge_messages.hpp": {"caf"},
    "actors/include/skep/actors/edge_inputs.hpp": {"caf"},
    "actors/include/skep/actors/bee_actor.hpp": {"caf"},
    "actors/include/skep/actors/caf_error.hpp": {"caf"},
    "actors/include/skep/actors/supervision_messages.hpp": {"caf"},
    "actors/include/skep/actors/supervisor_actor.hpp": {"caf"},
    "gateways": {"caf"},
}
HEAVY = {"caf", "boost", "torch", "ATen", "c10", "openssl", "simdjson", "simdjson.h", "toml++", "capnp", "kj",
         "sqlite3.h", "nlohmann"}


def _includes(tree, path):
    text = without_comments(tree.text(path))
    for match in INCLUDE.finditer(text):
        yield line_of(text, match.start()), match.group(1), match.group(2)


def _rank(layer):
    return LAYERS.index(layer)


def _layer_of_path(path):
    parts = path.split("/")
    if parts[0] in LAYERS:
        return parts[0]
    if parts[0] == "tests" and len(parts) > 2 and parts[1] in LAYERS:
        return parts[1]
    return None


def _layer_of_include(tree, name):
    if name.startswith("skep/schema/"):
        return "serialization"  # generated from its schemas
    for layer in LAYERS:
        if os.path.exists(os.path.join(tree.root, layer, "include", name)):
            return layer
    for layer in LAYERS:
        if any(os.path.exists(os.path.join(tree.root, layer, inner, name)) for inner in ("src", "cli")):
            return layer
    return None


def _resolves_locally(tree, path, name):
    folder = os.path.dirname(os.path.join(tree.root, path))
    places = (folder, os.path.join(tree.root, "tests"), os.path.join(tree.root, "tests/support"),
              os.path.join(tree.root, path.split("/")[0]))
    source = name[:-2] if name.endswith(".capnp.h") else name  # generated from that schema
    return any(os.path.exists(os.path.join(place, source)) for place in places)


def includes_point_down(tree):
    """No file includes a header of a layer above its own, and every quoted include is a file of the project."""
    for path in tree.select(LAYERS + ("tests",), CPP):
        layer = _layer_of_path(path)
        for line, quote, name in _includes(tree, path):
            if quote != '"':
                continue
            if _resolves_locally(tree, path, name):
                continue
            target = _layer_of_include(tree, name)
            if target is None:
                yield f"{path}:{line}: \"{name}\" is no file of the project; third parties go in <>"
            elif layer and _rank(target) > _rank(layer):
                yield f"{path}:{line}: {layer} includes \"{name}\" of {target}, a layer above it"


def third_parties_stay_in_place(tree):
    """CAF from actors up, Boost from gateways up, LibTorch in its plug-in and the example that trains a model."""
    for path in tree.select(None, CPP):
        layer = _layer_of_path(path)
        for line, quote, name in _includes(tree, path):
            first = name.split("/")[0]
            if first in ("torch", "ATen", "c10") and not path.startswith(TORCH_FOLDERS):
                yield f"{path}:{line}: <{name}>: LibTorch is included only in {' and '.join(TORCH_FOLDERS)}"
            lowest = THIRD_PARTY_LAYERS.get(first)
            if lowest and path.split("/")[0] in LAYERS and _rank(layer) < _rank(lowest):
                yield f"{path}:{line}: <{name}>: {first} begins with {lowest}"


def public_headers_are_light(tree):
    """Public headers include no third party but where PUBLIC_HEADERS_MAY says so."""
    for path in tree.public_headers():
        allowed = PUBLIC_HEADERS_MAY.get(path, set()) | PUBLIC_HEADERS_MAY.get(path.split("/")[0], set())
        for line, _, name in _includes(tree, path):
            first = name.split("/")[0]
            if first in HEAVY - allowed and name != "caf/fwd.hpp":
                yield f"{path}:{line}: public header includes <{name}>"


def links_point_down(tree):
    """No CMake file of a layer names a target of a layer above, or a third party that begins above it."""
    words = {"caf::core": "actors", "Boost::headers": "gateways", "Boost::program_options": "runtime"}
    for path in tree.select(LAYERS, ("CMakeLists.txt",)):
        layer = path.split("/")[0]
        text = re.sub(r"#[^\n]*", "", tree.text(path))
        for match in re.finditer(r"[A-Za-z_]+(?:::\w+)?", text):
            word = match.group(0)
            named = re.fullmatch(r"skep(?:::|_)(%s)" % "|".join(LAYERS), word)
            target = named.group(1) if named else words.get(word)
            if target and _rank(target) > _rank(layer):
                yield f"{path}:{line_of(text, match.start())}: {layer} links {word}, which begins with {target}"


def only_the_engine_links_torch(tree):
    """No CMake file but the engine's, the digits example's and the benches' names LibTorch's targets or libraries."""
    for path in tree.select(None, ("CMakeLists.txt", ".cmake")):
        if path.startswith(TORCH_FOLDERS):
            continue
        text = re.sub(r"#[^\n]*", "", tree.text(path))
        for match in TORCH_TARGET.finditer(text):
            yield f"{path}:{line_of(text, match.start())}: links LibTorch ({match.group(0)})"


RULES = (includes_point_down, third_parties_stay_in_place, public_headers_are_light, links_point_down,
         only_the_engine_links_torch)
