#pragma once
// A gateway as its type has read it from its options: what every host of gateways needs to run it.

#include "answer_text.hpp"
#include "gateway_options.hpp"
#include "transport.hpp"

namespace skep {

/// What a type's clients send and read.
struct WireForm {
  WireContent text = WireContent::json;    ///< what they send as text
  WireContent binary = WireContent::json;  ///< what they send otherwise; the same where there is no difference
  WireContent answers = WireContent::json;
  bool typed_as_json = true;  ///< records of a payload type become JSON for them; else only for who asks in JSON
};

struct GatewayPlan {
  SharedOptions options;
  WireForm wire;
  MakeTransport make;  ///< the type's own; of a host with sockets
};

}  // namespace skep
