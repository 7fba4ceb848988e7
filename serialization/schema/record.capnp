@0xd2c4b6a8906e1f31;
# A batch of records as it crosses a border (a link, a disk). One message per batch.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("skep::wire");

enum ContentKind {
  raw @0;
  json @1;
  tensor @2;
  capnp @3;
  error @4;
}

enum ErrorCode {
  unknown @0;
  badRecord @1;
  tooLarge @2;
  overloaded @3;
  deadlineExceeded @4;
  beeFailed @5;
  rejected @6;
  dropped @7;
  unavailable @8;
}

struct Id {
  high @0 :UInt64;
  low @1 :UInt64;
}

struct Origin {
  node @0 :UInt32;
  gateway @1 :UInt32;
  incarnation @2 :UInt64;  # random for each start of the gateway: a restarted one answers nothing of its past life
  session @3 :UInt64;
  request @4 :UInt64;      # 0: nobody waits for an answer
}

struct Trace {             # W3C trace context
  traceHigh @0 :UInt64;
  traceLow @1 :UInt64;
  span @2 :UInt64;
  flags @3 :UInt8;
}

struct NamedValue {
  name @0 :Text;
  value @1 :Text;
}

struct Record {
  root @0 :Id;
  id @1 :Id;
  key @2 :Data;
  eventTimeNs @3 :Int64;          # since the Unix epoch; 0: none
  deadlineRemainingNs @4 :Int64;  # at encoding; clocks of two nodes differ. Max: no deadline
  origin @5 :Origin;
  trace @6 :Trace;
  headers @7 :List(NamedValue);
  content @8 :ContentKind;
  schema @9 :UInt64;              # of `content = capnp`
  revision @10 :UInt32;
  payload @11 :Data;
}

struct Error {                    # payload of `content = error`
  code @0 :ErrorCode;
  message @1 :Text;
  retrySafe @2 :Bool;             # true only if the request never left its gateway
}

struct Envelope {                 # what crosses an edge between two nodes
  edge @0 :UInt32;
  epoch @1 :UInt64;
  sequence @2 :UInt64;            # of the first record
  records @3 :List(Record);
}
