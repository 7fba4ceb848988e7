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

struct Record {
  id :group {
    high @0 :UInt64;
    low @1 :UInt64;
  }
  session @2 :UInt64;             # of the client that waits for an answer
  request @3 :UInt64;             # 0: nobody waits for one
  key @4 :Data;
  payload @5 :Data;
  common @6 :RecordCommon;        # absent: as the record before it in the list; before the first one: all defaults
  more @7 :RecordMore;            # absent: the root is the id, and there is nothing else
}

struct RecordCommon {             # what many records of a list have alike
  eventTimeNs @0 :Int64;          # since the Unix epoch; 0: none
  deadlineRemainingNs @1 :Int64 = 0x7FFFFFFFFFFFFFFF;  # at encoding; clocks of two nodes differ. Max: no deadline
  incarnation @2 :UInt64;         # random for each start of the gateway: a restarted one answers nothing of its past
  node @3 :UInt32;                # of the gateway
  gateway @4 :UInt32;
  schema @5 :UInt64;              # of `content = capnp`
  content @6 :ContentKind;
  revision @7 :UInt32;
}

struct RecordMore {               # what few records have
  root :group {
    high @0 :UInt64;
    low @1 :UInt64;
  }
  trace @2 :Trace;
  headers @3 :List(NamedValue);
}

struct Error {                    # payload of `content = error`
  code @0 :ErrorCode;
  message @1 :Text;
  retrySafe @2 :Bool;             # true only if the request never left its gateway
}
