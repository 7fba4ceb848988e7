@0xb7c1f7f5d2a04e11;

using Cxx = import "/capnp/c++.capnp";
using Common = import "common.capnp";
$Cxx.namespace("skep::test");

# A field of every kind that a payload may have.
struct Every {
  truth @0 :Bool;
  i8 @1 :Int8;
  i16 @2 :Int16;
  i32 @3 :Int32;
  i64 @4 :Int64;
  u8 @5 :UInt8;
  u16 @6 :UInt16;
  u32 @7 :UInt32;
  u64 @8 :UInt64;
  f32 @9 :Float32;
  f64 @10 :Float64;
  text @11 :Text;
  data @12 :Data;
  nothing @13 :Void;
  level @14 :Common.Level;
  point @15 :Common.Point;
  numbers @16 :List(Int32);
  flags @17 :List(Bool);
  texts @18 :List(Text);
  datas @19 :List(Data);
  points @20 :List(Common.Point);
  matrix @21 :List(List(Float64));
  levels @22 :List(Common.Level);
  voids @23 :List(Void);
  limits :group {
    low @24 :Int32;
    high @25 :Int32 = 100;
  }
  union {
    none @26 :Void;
    count @27 :UInt32;
    label @28 :Text;
    inner @29 :Every;
  }
  shape :union {
    circle @30 :Float64;
    box :group {
      width @31 :Float64;
      height @32 :Float64;
    }
    line @33 :List(Common.Point);
  }
  named @34 :Text = "unnamed";
  self @35 :Every;
}

struct Reading {
  sensor @0 :Text;
  value @1 :Float64;
  at @2 :Int64;
  level @3 :Common.Level;
  place :group {
    room @4 :Text;
    floor @5 :Int8;
  }
}

struct Alarm {
  sensor @0 :Text;
  level @1 :Common.Level;
}

struct Empty {
}

struct Empties {
  all @0 :List(Empty);
}

# What a payload may not have.
struct Anything {
  any @0 :AnyPointer;
}
struct Box(T) {
  it @0 :T;
}
struct HoldsBox {
  box @0 :Box(Text);
}
