@0xc3a9d1f0b7e25841;

# What a sensor measured, and what is made of it. `capnp id` gives a file its number; of the same file and names all
# programs compute the same ids of structs.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("typed");

struct Reading {
  sensor @0 :Text;
  celsius @1 :Float64;
  at @2 :Int64;            # milliseconds since 1970
}

enum Level {
  fine @0;
  warm @1;
  hot @2;
}

struct Verdict {
  sensor @0 :Text;
  level @1 :Level;
  above @2 :Float64;       # degrees over the limit, or 0
  count @3 :UInt32;        # readings of this sensor so far
}
