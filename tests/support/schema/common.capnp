@0xd6a2f0e2c1b34a51;

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("skep::test");

enum Level {
  low @0;
  middle @1;
  high @2;
}

struct Point {
  x @0 :Float64;
  y @1 :Float64;
}
