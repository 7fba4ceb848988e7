@0xd2c4b6a8906e1f31;
# Records as they cross a border (a link, a disk), as lists in larger messages.

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

struct Records {
  heads @0 :List(RecordHead);     # one a record
  bytes @1 :Data;                 # of each record its key, then its payload: one of 1 KiB and more at a multiple of 8
  commons @2 :List(RecordCommon); # by `first`; before that of the first one: all defaults
  mores @3 :List(RecordMore);     # by `record`; without: the root is the id, and there is nothing else
}

struct RecordHead {
  id :group {
    high @0 :UInt64;
    low @1 :UInt64;
  }
  session @2 :UInt64;             # of the client that waits for an answer
  request @3 :UInt64;             # 0: nobody waits for one
  keyBytes @4 :UInt32;
  payloadBytes @5 :UInt32;
}

struct RecordCommon {             # what many records of a list have alike
  eventTimeNs @0 :Int64;          # since the Unix epoch; 0: none
  deadlineRemainingNs @1 :Int64 = 0x7FFFFFFFFFFFFFFF;  # at encoding; clocks of two nodes differ. Max: no deadline
  incarnation @2 :UInt64;         # random for each start of the gateway: a restarted one answers nothing of its past
  node @3 :UInt32;                # of the gateway
  gateway @4 :UInt32;
  schema @5 :UInt64;              # of `content = capnp`
  content @6 :ContentKind;
  first @7 :UInt16;               # the record from which on it holds
  revision @8 :UInt32;
}

struct RecordMore {               # what few records have
  root :group {
    high @0 :UInt64;
    low @1 :UInt64;
  }
  trace @2 :Trace;
  headers @3 :List(NamedValue);
  record @4 :UInt16;              # whose it is
}

struct Error {                    # payload of `content = error`
  code @0 :ErrorCode;
  message @1 :Text;
  retrySafe @2 :Bool;             # true only if the request never left its gateway
}
