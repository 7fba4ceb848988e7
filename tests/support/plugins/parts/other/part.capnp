@0x9fd1c64f0a5b7e23;  # the same in all three: versions of one type, and another type

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("part");

struct Part {
  a @0 :Text;
}
