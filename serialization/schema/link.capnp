@0xb103811fa3bd660b;
# What crosses a link between two nodes: one LinkMessage a message. Nodes are numbered from 1, in the order of their
# configuration; a swarm's number is its place in the hello of the node that runs it there.

using Cxx = import "/capnp/c++.capnp";
using Records = import "record.capnp";
$Cxx.namespace("skep::wire");

struct LinkMessage {
  union {
    hello @0 :Hello;
    refusal @1 :Refusal;
    heartbeat @2 :Heartbeat;
    batch @3 :Batch;
    reply @4 :Batch;          # to a gateway: answers and errors for clients
    ack @5 :Ack;
    placement @6 :Placement;
    presence @7 :Presence;
  }
}

enum Stream {
  control @0;
  data @1;
}

struct Hello {                # the first message, from both sides
  protocolMin @0 :UInt16;     # versions that the node speaks
  protocolMax @1 :UInt16;
  stream @2 :Stream;          # what this connection is for
  nodeNumber @3 :UInt32;
  incarnation @4 :UInt64;     # random for each start of the process
  cluster @5 :Text;
  node @6 :Text;
  nodesDigest @7 :Data;       # SHA-256 of the configured list of nodes, 32 bytes
  swarms @8 :List(HelloSwarm);
  attempt @9 :UInt64;         # the dialling node's count of its attempts; the other one repeats it
}

struct HelloSwarm {
  name @0 :Text;
  file @1 :Data;              # SHA-256, 32 bytes each
  plugins @2 :Data;
  models @3 :Data;
}

struct Refusal {              # the connection is closed after it
  why @0 :Text;
}

struct Heartbeat {
  views @0 :List(UInt64);     # by node - 1: whom that node sees; bit 0 is node 1
  failed @1 :List(UInt32);    # swarms that have failed on the sending node
}

struct Address {              # a bee or a gateway, of one placement
  swarm @0 :UInt32;
  part @1 :UInt32;
  replica @2 :UInt32;
  epoch :group {
    counter @3 :UInt64;
    node @4 :UInt32;
  }
}

struct Batch {                # records of one sender to one receiver, or a question
  to @0 :Address;             # its epoch is the receiver's that the packet names
  records @1 :Records.Records;  # none: a question
  senderKey @2 :UInt64;       # 0: no session is kept
  edge @3 :UInt32;            # edge and receiver come back in the acknowledgement
  receiver @4 :UInt32;
  senderEpoch :group {
    counter @5 :UInt64;
    node @6 :UInt32;
  }
  prompt @7 :Bool;
  alone @8 :Bool;
  base :group {               # where a receiver begins that knows nothing of this session
    records @9 :UInt64;
    bytes @10 :UInt64;
  }
  first :group {              # what was sent before these records
    records @11 :UInt64;
    bytes @12 :UInt64;
  }
  asks @13 :UInt64;           # how often the sender has run short of credit
  spent :group {              # the demand of the last time
    records @14 :UInt64;
    bytes @15 :UInt64;
  }
  all :group {
    records @16 :UInt64;
    bytes @17 :UInt64;
  }
  nextBytes @18 :UInt64;
  ageNs @19 :Int64;      # since it was sent, at encoding; -1: not known
  spentNs @20 :Int64;    # of its records' way so far, what was not the runtime's; -1: not known
}

struct Ack {                  # receiver to sender
  to @0 :Address;
  edge @1 :UInt32;
  receiver @2 :UInt32;
  senderEpoch :group {
    counter @3 :UInt64;
    node @4 :UInt32;
  }
  receiverEpoch :group {
    counter @5 :UInt64;
    node @6 :UInt32;
  }
  expected @7 :UInt64;        # all before it were received, or are lost
  released :group {           # so much was accepted, or is lost
    records @8 :UInt64;
    bytes @9 :UInt64;
  }
  done @10 :UInt64;           # all before it are done with
  asks @11 :UInt64;           # the last one that `granted` takes into account
  granted :group {            # may be sent in all
    records @12 :UInt64;
    bytes @13 :UInt64;
  }
  paceNs @14 :UInt32;         # that the receiver takes for a record; 0: not known
}

struct Place {
  node @0 :UInt32;            # 0: nowhere
  epoch :group {
    counter @1 :UInt64;
    node @2 :UInt32;
  }
}

struct Placement {            # a decision, for one swarm
  swarm @0 :UInt32;
  epoch :group {
    counter @1 :UInt64;
    node @2 :UInt32;
  }
  parts @3 :List(List(Place));  # by part, then by replica
  incarnations @4 :List(UInt64);  # by node - 1: the life that it counts on; 0: the node has not been seen
}

enum PresenceState {
  up @0;
  ended @1;
  draining @2;
  drained @3;
}

struct ActorPresence {
  part @0 :UInt32;
  replica @1 :UInt32;
  epoch :group {
    counter @2 :UInt64;
    node @3 :UInt32;
  }
  state @4 :PresenceState;
}

struct Presence {             # what the sending node says of its own bees and gateways
  swarm @0 :UInt32;
  actors @1 :List(ActorPresence);
}
