@0xb1f3a4d5c6e70811;
# A dense array of numbers, as bees and engines exchange it.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("skep::wire");

enum DType {
  bool @0;
  u8 @1;
  i8 @2;
  u16 @3;
  i16 @4;
  u32 @5;
  i32 @6;
  u64 @7;
  i64 @8;
  f16 @9;
  bf16 @10;
  f32 @11;
  f64 @12;
}

struct Tensor {
  dtype @0 :DType;
  shape @1 :List(UInt64);  # outermost dimension first; empty for a scalar
  data @2 :Data;           # row-major, little-endian, exactly product(shape) * size(dtype) bytes
}
